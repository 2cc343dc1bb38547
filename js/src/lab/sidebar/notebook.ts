/** Code for the open notebook, and whether its kernel could run it. */

import { Notification } from '@jupyterlab/apputils';
import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { FIRST_PIN, LOAD_EXTENSION } from '../../panel/snippets';

const NO_NOTEBOOK = 'Open a notebook first; the code goes below its active cell.';
const OWN_PIN = '__import__("mlops_magics.magics.first_pin", fromlist=["line"]).line(globals())';
const INSTALLED = '__import__("importlib.util").util.find_spec("mlops_magics") is not None';

/** Put code into a new cell below the active one, and run it where that is asked for; what a cell that ran has loaded is not loaded again. */
export function insertCode(
  notebooks: INotebookTracker | null,
  code: string,
  show: (panel: NotebookPanel) => void,
  run = false
): string {
  const panel = notebooks?.currentWidget;
  if (!panel) {
    Notification.info(NO_NOTEBOOK);
    return NO_NOTEBOOK;
  }
  const loaded = panel.content.widgets.some(
    ({ model }) =>
      model.sharedModel.getSource().includes(LOAD_EXTENSION) &&
      'executionCount' in model &&
      model.executionCount !== null
  );
  const lines = code.split('\n').filter(line => !(loaded && line === LOAD_EXTENSION));
  if (!panel.isVisible) show(panel); // behind a tab of ours
  NotebookActions.insertBelow(panel.content);
  panel.content.activeCell?.model.sharedModel.setSource(lines.join('\n'));
  const cell = panel.content.activeCell?.model.sharedModel;
  void askKernel(panel, line => {
    const source = cell?.getSource();
    if (cell && source === lines.join('\n')) cell.setSource(source.replace(FIRST_PIN, line)); // else its reader has begun
  });
  if (!run) return `The code is in ${panel.title.label}, below the active cell: run it there.`;
  void NotebookActions.run(panel.content, panel.sessionContext);
  return `The code runs in ${panel.title.label}, below the active cell.`;
}

/** Say so when the notebook's kernel lacks the package, and name the model and the rows that it has; a busy kernel is asked when its turn comes, and the panel does not wait for it. */
async function askKernel(panel: NotebookPanel, pin: (line: string) => void): Promise<void> {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel || (await kernel.info).language_info.name !== 'python') return;
  const asked = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    user_expressions: { installed: INSTALLED, pin: OWN_PIN },
  });
  const { content } = await asked.done;
  const answer = (name: string): unknown =>
    content.status === 'ok'
      ? (content.user_expressions?.[name] as { data?: Record<string, unknown> } | undefined)?.data?.['text/plain']
      : undefined;
  const line = /^'(%pin_model [^'\\]+)'$/.exec(String(answer('pin')))?.[1];
  if (line) pin(line);
  if (answer('installed') === 'False') {
    const name = panel.sessionContext.kernelDisplayName;
    Notification.warning(`The kernel ${name} lacks mlops_magics. Run this in a cell: %pip install mlops-magics`, {
      autoClose: false,
    });
  }
}
