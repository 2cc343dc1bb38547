/** The sidebar as a JupyterLab plugin: where the panel meets shell, commands, events and notebooks. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, MainAreaWidget, Notification, showDialog } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';

import { Api, type Send } from './api';
import type { Actions } from './drawing';
import { drawJourney } from './journey';
import { News } from './news';
import { EVERYTHING, Store, type Change } from './store';
import { View } from './view';

const SCHEMA = 'https://events.mlops-magics.dev/changed';
const RATE_MS = 5000;
const OPEN = 'mlops-magics:open-sidebar';
const REFRESH = 'mlops-magics:refresh-sidebar';

class Panel extends Widget {
  private readonly end = new AbortController();
  private readonly news = new News();
  private readonly store: Store;
  private readonly view: View;

  constructor(app: JupyterFrontEnd, api: Api, notebooks: INotebookTracker | null) {
    super();
    this.id = 'mlops-magics-sidebar';
    this.title.label = 'Models';
    this.title.caption = 'Models, versions and endpoints (mlops_magics)';
    this.store = new Store(api);
    this.view = new View(this.store, this.actions(app, api, notebooks), this.end.signal);
    this.node.append(this.view.node);
    const timer = window.setInterval(() => void this.follow(EVERYTHING_BUT_BOARDS), RATE_MS);
    this.end.signal.addEventListener('abort', () => window.clearInterval(timer), { once: true });
  }

  /** Fetch again what changed; only while somebody can see it. */
  async follow(change: Change): Promise<void> {
    if (!this.isVisible || document.hidden) return;
    await this.view.refresh(change);
    this.news.since(this.store).forEach(words => Notification.warning(words, { autoClose: 15_000 }));
  }

  override dispose(): void {
    this.end.abort();
    super.dispose();
  }

  protected override onAfterShow(): void {
    void this.follow(EVERYTHING);
  }

  private actions(app: JupyterFrontEnd, api: Api, notebooks: INotebookTracker | null): Omit<Actions, 'toggle'> {
    const act = (work: () => Promise<void>): void => void this.view.attempt(async () => work().then(() => this.store.refresh(EVERYTHING)));
    return {
      journey: (board, name) => void this.view.attempt(() => openJourney(app, api, board, name)),
      promote: (board, model, version) =>
        act(async () => {
          if (await confirmed(`Promote ${model.name}@${version.version} to champion?`, 'Promote')) await api.promote(board, model.name, version.version, 'champion');
        }),
      insert: code => insertCode(notebooks, code),
      stop: endpoint =>
        act(async () => {
          if (await confirmed(`Stop the endpoint of ${endpoint.name}?`, 'Stop')) await api.act('stop', endpoint);
        }),
      restart: endpoint => act(() => api.act('restart', endpoint))
    };
  }
}

const EVERYTHING_BUT_BOARDS: Change = { boards: [], endpoints: true, verdicts: false };

/** Return the plugin; `version` is that of this front end, compared with the server's in every reply. */
export function sidebar(version: string): JupyterFrontEndPlugin<void> {
  return {
    id: 'mlops-magics:sidebar',
    autoStart: true,
    optional: [ILayoutRestorer, ICommandPalette, INotebookTracker],
    activate: (app: JupyterFrontEnd, restorer: ILayoutRestorer | null, palette: ICommandPalette | null, notebooks: INotebookTracker | null) => {
      const panel = new Panel(app, new Api(sender(app), version), notebooks);
      app.shell.add(panel, 'left', { rank: 900 });
      restorer?.add(panel, panel.id);
      app.commands.addCommand(OPEN, { label: 'Show Models and Endpoints', execute: () => app.shell.activateById(panel.id) });
      app.commands.addCommand(REFRESH, { label: 'Refresh Models and Endpoints', execute: () => panel.follow(EVERYTHING) });
      [OPEN, REFRESH].forEach(command => palette?.addItem({ command, category: 'MLOps' }));
      app.contextMenu.addItem({ command: REFRESH, selector: '.mlops-sidebar' });
      app.serviceManager.events.stream.connect((_, event) => {
        if (event['schema_id'] === SCHEMA) void panel.follow(event as unknown as Change);
      });
    }
  };
}

function sender(app: JupyterFrontEnd): Send {
  const settings = app.serviceManager.serverSettings;
  return (path, init) => ServerConnection.makeRequest(`${URLExt.join(settings.baseUrl, 'mlops-magics')}/${path}`, init, settings);
}

async function openJourney(app: JupyterFrontEnd, api: Api, board: string, name: string): Promise<void> {
  const [history, verdicts] = await Promise.all([api.history(board, name), api.verdicts(board, name)]);
  const content = new Widget({ node: drawJourney(name, history, verdicts, Date.now()) });
  const tab = new MainAreaWidget({ content });
  tab.title.label = name;
  tab.title.closable = true;
  app.shell.add(tab, 'main');
}

function insertCode(notebooks: INotebookTracker | null, code: string): void {
  const panel = notebooks?.currentWidget;
  if (!panel) {
    Notification.info('Open a notebook first; the code goes below its active cell.');
    return;
  }
  NotebookActions.insertBelow(panel.content);
  panel.content.activeCell?.model.sharedModel.setSource(`import mlops_magics as mm\n${code}`);
}

async function confirmed(question: string, accept: string): Promise<boolean> {
  const answer = await showDialog({ title: question, buttons: [Dialog.cancelButton(), Dialog.okButton({ label: accept })] });
  return answer.button.accept;
}
