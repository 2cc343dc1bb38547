/** A team's readiness as a widget: questions that boards do not answer are answered in place. */

import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { readiness } from '../views/readiness';
import type { Assessment } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Readiness', controller.signal);
    const kernel = new Kernel(model, controller.signal, shown.wait);
    const show = readiness(shown, {
      again: () => kernel.ask<Assessment>('again'),
      answer: (id, answer, note) => kernel.ask<Assessment>('answer', { id, answer, note }),
    });
    el.append(shown.root);
    observe<Assessment>(model, 'record', controller.signal, show);
    return () => controller.abort();
  },
};
