/** Everything that the panel offers as commands: in the palette for the chosen row, in the context menu for the row under it. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';

import { ACTIONS, type Action } from '../../panel/actions';
import { EVERYTHING } from '../../panel/store';
import type { Panel } from './panel';

const CATEGORY = 'Models';
const OPEN = 'mlops-magics:open-sidebar';
const PALETTE_CLOSES_MS = 100;
const REFRESH = 'mlops-magics:refresh-sidebar';
const NOTHING = 'Choose a row of the panel that this applies to';
const INSERT = 'insert-'; // what these ids begin with stands in a menu of its own

export function addCommands(app: JupyterFrontEnd, panel: Panel, palette: ICommandPalette | null): void {
  app.commands.addCommand(OPEN, {
    label: 'Show models and endpoints',
    execute: () => {
      app.shell.activateById(panel.id);
      window.setTimeout(() => panel.activate(), PALETTE_CLOSES_MS); // it gives the keyboard back to the notebook
    },
  });
  app.commands.addCommand(REFRESH, { label: 'Refresh models and endpoints', execute: () => panel.follow(EVERYTHING) });
  [OPEN, REFRESH].forEach(command => palette?.addItem({ command, category: CATEGORY }));
  ordered().forEach(({ id, label }, rank) => {
    const command = `mlops-magics:${id}`;
    app.commands.addCommand(command, {
      label,
      caption: () => (panel.view.action(id) === null ? NOTHING : label),
      isEnabled: () => panel.view.action(id) !== null,
      isVisible: () => panel.view.action(id) !== null,
      execute: () => panel.view.run(id),
    });
    app.contextMenu.addItem({ command, selector: '.mlops-tree', rank });
    palette?.addItem({ command, category: CATEGORY });
  });
  app.contextMenu.addItem({ type: 'separator', selector: '.mlops-panel', rank: 100 });
  app.contextMenu.addItem({ command: REFRESH, selector: '.mlops-panel', rank: 101 });
}

/** Give the keyboard back to the tree when a context menu that was opened there closes: Lumino leaves it nowhere. */
export function giveKeyboardBack(app: JupyterFrontEnd, panel: Panel): void {
  let opened = false;
  panel.node.addEventListener('contextmenu', () => (opened = true));
  app.contextMenu.menu.aboutToClose.connect(() => {
    const mine = opened;
    opened = false;
    window.setTimeout(() => mine && document.activeElement === document.body && panel.view.focus());
  });
}

/** Return the actions as menus have them: code to insert after the others, what is dangerous last. */
function ordered(): readonly Action[] {
  const rank = ({ id, danger }: Action): number => (danger ? 2 : id.startsWith(INSERT) ? 1 : 0);
  return [...ACTIONS].sort((a, b) => rank(a) - rank(b));
}
