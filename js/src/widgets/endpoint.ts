/** A live endpoint as a widget: the kernel calls it, never the browser. */

import { insist } from '../components/insist';
import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { endpoint } from '../views/endpoint';
import type { EndpointRecord, FormAnswer, Live, Moved } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    const shown = view('Endpoint', signal);
    const kernel = new Kernel(model, signal, shown.wait);
    const show = endpoint(shown, {
      predict: row => kernel.ask<FormAnswer>('predict', { row }),
      stop: () => kernel.ask('stop'),
      restart: () => kernel.ask('restart'),
      swap: version => kernel.ask('swap', { version }),
      canary: (version, share) => kernel.ask('canary', { version, share }),
      adopt: () => insist(force => kernel.ask<Moved>('adopt', { force }), 'Promote anyway'),
      rollback: alias => insist(force => kernel.ask<Moved>('rollback', { alias, force }), 'Roll back anyway'),
      endTrial: () => kernel.ask('end_trial'),
    });
    el.append(shown.root);
    observe<EndpointRecord>(model, 'record', signal, show.record);
    observe<Live>(model, 'live', signal, show.live);
    return () => controller.abort();
  },
};
