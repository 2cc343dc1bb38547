/** A model card as a widget: texts of people are written in place. */

import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { card } from '../views/card';
import type { Card } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Model card', controller.signal);
    const kernel = new Kernel(model, controller.signal, shown.wait);
    const show = card(shown, { write: (part, text) => kernel.ask<Card>('write', { part, text }) });
    el.append(shown.root);
    observe<Card>(model, 'record', controller.signal, show);
    return () => controller.abort();
  },
};
