/** The version history of one model as a widget. */

import { frame } from '../components/frame';
import { versions, type Deeds } from '../components/versions';
import { Kernel } from '../kernel';
import { observe, type Model } from '../observe';
import type { Comparison, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Version history');
    const kernel = new Kernel(model, controller.signal);
    const waiting = (): void => view.say('Waiting for the kernel …');
    const deeds: Deeds = {
      promote: (version, alias) => kernel.ask('promote', { version, alias }, waiting),
      rollback: () => kernel.ask('rollback', {}, waiting),
      deploy: async version => (await kernel.ask<{ message: string }>('deploy', { version }, waiting)).message,
      compare: (a, b) => kernel.ask<Comparison>('compare', { a, b }, waiting),
    };
    el.append(view.root);
    observe<Versions>(model, 'record', controller.signal, record => versions(record, view, controller.signal, deeds));
    return () => controller.abort();
  },
};
