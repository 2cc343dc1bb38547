/** A monitoring report as a widget; what is selected is readable in Python. */

import { insertBelow } from '../components/insert';
import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { drift, type Selection } from '../views/drift/drift';
import type { Report } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Drift report', controller.signal);
    const kernel = new Kernel(model, controller.signal, shown.wait);
    const select = (selection: Selection): void => {
      model.set('selected', selection);
      model.save_changes();
    };
    const show = drift(shown, select, async () =>
      insertBelow(el, `%retrain ${await kernel.ask<string>('reference')} --data NEW`)
    );
    el.append(shown.root);
    observe<Report>(model, 'record', controller.signal, show);
    return () => controller.abort();
  },
};
