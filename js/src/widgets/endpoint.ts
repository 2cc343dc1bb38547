/** A live endpoint as a widget: it is asked through the kernel, never from the browser. */

import { endpoint } from '../components/endpoint';
import { frame } from '../components/frame';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import type { EndpointRecord, FormAnswer, Live } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Endpoint');
    const kernel = new Kernel(model, controller.signal, view.say);
    const show = endpoint(view, controller.signal, {
      predict: async row => {
        const answer = await kernel.ask<FormAnswer>('predict', { row });
        view.say('');
        return answer;
      },
      stop: () => kernel.ask('stop'),
      restart: () => kernel.ask('restart'),
      swap: version => kernel.ask('swap', { version }),
    });
    el.append(view.root);
    observe<EndpointRecord>(model, 'record', controller.signal, record => {
      show.record(record);
      show.live(model.get('live') as Live);
    });
    observe<Live>(model, 'live', controller.signal, now => show.live(now));
    return () => controller.abort();
  },
};
