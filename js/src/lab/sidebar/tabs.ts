/** The panel's views as tabs of the main area: they follow changes while they are in sight, and come back after a reload. */

import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { view } from '../../components/view';
import type { Api } from '../../panel/api';
import type { Host, Tab, Views } from '../../panel/host';
import {
  cardTab,
  compareTab,
  driftTab,
  endpointTab,
  journeyTab,
  modelsTab,
  policiesTab,
  retrainingTab,
  versionsTab,
} from '../../panel/tabs';
import type { Change } from '../../wire';
import { icon } from './panel';

const OPEN_TAB = 'mlops-magics:open-tab';

class TabContent extends Widget {
  private readonly end = new AbortController();
  private readonly view;
  private readonly put: Promise<(found: never) => void>;
  private shown = '';
  private wrong = '';

  constructor(
    readonly tab: Tab,
    load: () => Promise<Views>
  ) {
    super();
    this.view = view(tab.title, this.end.signal);
    this.put = load().then(views => tab.build(this.view, views));
    this.node.append(this.view.root);
    this.addClass('mlops-tab');
    if (tab.everyMs > 0) {
      const timer = window.setInterval(() => this.isVisible && !document.hidden && void this.follow(), tab.everyMs);
      this.end.signal.addEventListener('abort', () => window.clearInterval(timer), { once: true });
    }
  }

  /** Fetch again, and draw anew when something differs. */
  async follow(): Promise<void> {
    try {
      const found = await this.tab.fetch();
      if (this.end.signal.aborted) return;
      const told = JSON.stringify(found);
      if (this.wrong) this.view.complain('');
      this.wrong = '';
      if (told !== this.shown) (await this.put)(found as never);
      this.shown = told;
    } catch (error) {
      if (String(error) !== this.wrong) this.view.complain(error, () => void this.follow()); // said once, not at every look
      this.wrong = String(error);
    }
  }

  override dispose(): void {
    this.end.abort();
    super.dispose();
  }

  protected override onAfterShow(): void {
    void this.follow();
  }
}

export class Tabs {
  private readonly tracker = new WidgetTracker<MainAreaWidget<TabContent>>({ namespace: 'mlops-magics' });

  constructor(
    private readonly app: JupyterFrontEnd,
    api: Api,
    host: Host,
    private readonly load: () => Promise<Views>,
    restorer: ILayoutRestorer | null
  ) {
    app.commands.addCommand(OPEN_TAB, {
      label: 'Open a View of a Model',
      execute: args => {
        const tab = tabOf(String(args['id']), api, host);
        if (tab) this.open(tab);
      },
    });
    document.addEventListener('visibilitychange', () => this.followWhere(() => true));
    void restorer?.restore(this.tracker, {
      command: OPEN_TAB,
      args: ({ content }) => ({ id: content.tab.id }),
      name: ({ content }) => content.tab.id,
    });
  }

  open(tab: Tab): void {
    const there = this.tracker.find(({ content }) => content.tab.id === tab.id);
    const widget = there ?? this.made(tab);
    this.app.shell.activateById(widget.id);
  }

  /** Tell the tabs in sight what changed. */
  follow(change: Change): void {
    this.followWhere(tab => tab.concerned(change));
  }

  private followWhere(wanted: (tab: Tab) => boolean): void {
    if (document.hidden) return;
    this.tracker.forEach(({ content }) => {
      if (content.isVisible && wanted(content.tab)) void content.follow();
    });
  }

  private made(tab: Tab): MainAreaWidget<TabContent> {
    const widget = new MainAreaWidget({ content: new TabContent(tab, this.load) });
    widget.id = `mlops-magics-${tab.id}`;
    widget.title.label = tab.title;
    widget.title.icon = icon;
    widget.title.closable = true;
    this.app.shell.add(widget, 'main');
    if (widget.parent === null) this.app.shell.add(widget, 'right'); // Notebook 7's main area has room for its notebook alone
    void this.tracker.add(widget);
    return widget;
  }
}

/** Return the tab with this identity; null for one of another time. */
function tabOf(id: string, api: Api, host: Host): Tab | null {
  const [kind, board, name, a, b] = id.split('/');
  if (!board || !name) return null;
  const place = { board, name };
  switch (kind) {
    case 'models':
      return modelsTab(api, { key: board, place: decodeURIComponent(name) }, host);
    case 'versions':
      return versionsTab(api, place, host);
    case 'journey':
      return journeyTab(api, place);
    case 'drift':
      return driftTab(api, place, host);
    case 'endpoint':
      return endpointTab(api, place);
    case 'retraining':
      return retrainingTab(api, place, host);
    case 'policies':
      return policiesTab(api, place);
    case 'card':
      return a ? cardTab(api, place, a) : null;
    case 'compare':
      return a && b ? compareTab(api, place, a, b) : null;
    default:
      return null;
  }
}
