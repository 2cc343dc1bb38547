/** The sidebar as a JupyterLab plugin: where the panel meets shell, commands, events and notebooks. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';

import rules from '../../../build/lab.css';
import { INSERT } from '../../components/insert';
import { dress } from '../../components/style';
import { Api } from '../../panel/api';
import type { Host } from '../../panel/host';
import { Store } from '../../panel/store';
import type { ChangeEvent } from '../../wire';
import { addCommands, giveKeyboardBack } from './commands';
import { insertCode } from './notebook';
import { Panel } from './panel';
import { rest, type Send } from './rest';
import { Tabs } from './tabs';
import { loader } from './views';

const SCHEMA = 'https://events.mlops-magics.dev/changed';
const NEWS_MS = 15_000;

/** Return the plugin; `version` is that of this front end, compared with the server's in every reply. */
export function sidebar(version: string): JupyterFrontEndPlugin<void> {
  return {
    id: 'mlops-magics:sidebar',
    description: 'Shows boards, models, versions and endpoints, whatever the kernel does.',
    autoStart: true,
    optional: [ILayoutRestorer, ICommandPalette, INotebookTracker],
    activate: (
      app: JupyterFrontEnd,
      restorer: ILayoutRestorer | null,
      palette: ICommandPalette | null,
      notebooks: INotebookTracker | null
    ) => {
      dress(document.body, 'lab', rules);
      const api = new Api(rest(sender(app), version));
      const show = ({ id }: { id: string }): void => app.shell.activateById(id);
      const insert = (code: string, run?: boolean): string => insertCode(notebooks, code, show, run);
      const host: Host = { insert, open: tab => tabs.open(tab) };
      const tabs = new Tabs(app, api, host, loader(`${addressOf(app)}/tabs.js`), restorer);
      const panel = new Panel(new Store(api), host);
      app.shell.add(panel, 'left', { rank: 900 });
      restorer?.add(panel, panel.id);
      addCommands(app, panel, palette);
      giveKeyboardBack(app, panel);
      followChanges(app, panel, tabs);
      insertWhereAsked(notebooks, insert);
    },
  };
}

/** Views in cells ask for code below them; without a notebook the view copies it. */
function insertWhereAsked(notebooks: INotebookTracker | null, insert: (code: string) => string): void {
  document.addEventListener(INSERT, event => {
    const { detail, target } = event as CustomEvent<unknown>;
    if (typeof detail !== 'string' || !(target instanceof Node) || !notebooks?.currentWidget) return;
    const { content } = notebooks.currentWidget;
    const place = content.widgets.findIndex(cell => cell.node.contains(target));
    if (place >= 0) content.activeCellIndex = place;
    insert(detail);
    event.preventDefault();
  });
}

/** The server tells of each change once; a board that it cannot watch is looked at again after a cell ran. */
function followChanges(app: JupyterFrontEnd, panel: Panel, tabs: Tabs): void {
  app.serviceManager.events.stream.connect((_, event) => {
    if (event['schema_id'] !== SCHEMA) return;
    const change = event as unknown as ChangeEvent;
    void panel.follow(change);
    tabs.follow(change);
    change.news.forEach(each => Notification.emit(each.text, each.level, { autoClose: NEWS_MS }));
  });
  NotebookActions.executed.connect(() => {
    const unwatched = panel.unwatched;
    if (unwatched.length > 0) void panel.follow({ boards: unwatched, endpoints: false, verdicts: false });
  });
}

function sender(app: JupyterFrontEnd): Send {
  const settings = app.serviceManager.serverSettings;
  return (path, init) => ServerConnection.makeRequest(`${addressOf(app)}/${path}`, init, settings);
}

function addressOf(app: JupyterFrontEnd): string {
  return URLExt.join(app.serviceManager.serverSettings.baseUrl, 'mlops-magics');
}
