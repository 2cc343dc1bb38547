/** A retraining as a widget: its steps while it runs, then the decision. */

import { insist } from '../components/insist';
import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { retraining } from '../views/retraining';
import type { Message, Moved, RetrainingRecord } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Retraining', controller.signal);
    const kernel = new Kernel(model, controller.signal, shown.wait);
    const show = retraining(shown, {
      promote: () => insist(force => kernel.ask<Moved>('promote', { force }), 'Promote anyway'),
      undo: () => insist(force => kernel.ask<Moved>('undo', { force }), 'Roll back anyway'),
      cancel: () => kernel.ask<Message>('cancel'),
      again: () => kernel.ask<Message>('again'),
    });
    el.append(shown.root);
    observe<RetrainingRecord>(model, 'record', controller.signal, show);
    return () => controller.abort();
  },
};
