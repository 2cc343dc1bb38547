/** What mlops_magics adds to JupyterLab: views that outlive their kernel, and the sidebar. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { version } from '../../../package.json';
import { fallBack } from './fallback';
import { sidebar } from './sidebar/plugin';

const savedViews: JupyterFrontEndPlugin<void> = {
  id: 'mlops-magics:saved-views',
  description: 'Shows the saved HTML of a view whose kernel is gone.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker) => {
    notebooks.forEach(panel => fallBack(panel.content.rendermime));
    notebooks.widgetAdded.connect((_, panel) => fallBack(panel.content.rendermime));
  },
};

export default [savedViews, sidebar(version)];
