/** A monitoring report as a widget; what is selected is readable in Python. */

import { drift } from '../components/drift';
import { frame } from '../components/frame';
import { type Model, observe } from '../observe';
import type { Report } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Drift');
    el.append(view.root);
    observe<Report>(model, 'record', controller.signal, report =>
      drift(report, view, controller.signal, selection => {
        model.set('selected', selection);
        model.save_changes();
      })
    );
    return () => controller.abort();
  },
};
