/** A live endpoint as a widget: it is asked through the kernel, never from the browser. */

import { endpoint, type Deeds } from '../components/endpoint';
import { frame } from '../components/frame';
import { Kernel } from '../kernel';
import { observe, type Model } from '../observe';
import type { Answer, EndpointRecord, Live } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Endpoint');
    const kernel = new Kernel(model, controller.signal);
    const ask = <T>(verb: string, args: Record<string, unknown> = {}): Promise<T> => kernel.ask<T>(verb, args, () => view.say('Waiting for the kernel …'));
    const deeds: Deeds = {
      predict: async row => {
        const answer = await ask<Answer>('predict', { row });
        view.say('');
        return answer;
      },
      stop: () => ask('stop'),
      restart: () => ask('restart'),
      swap: version => ask('swap', { version }),
    };
    el.append(view.root);
    let show: (now: Live) => void = () => undefined;
    observe<EndpointRecord>(model, 'record', controller.signal, record => {
      show = endpoint(record, view, controller.signal, deeds).live;
      show(model.get('live') as Live);
    });
    observe<Live>(model, 'live', controller.signal, now => show(now));
    return () => controller.abort();
  },
};
