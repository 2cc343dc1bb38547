/** The version history of one model as a widget. */

import { frame } from '../components/frame';
import { type Actions, versions } from '../components/versions';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import type { Comparison, Message, Moved, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Version history');
    const kernel = new Kernel(model, controller.signal, view.say);
    const actions: Actions = {
      promote: (version, alias) => kernel.ask<Moved>('promote', { version, alias }),
      rollback: alias => kernel.ask<Moved>('rollback', alias === undefined ? {} : { alias }),
      deploy: version => kernel.ask<Message>('deploy', { version }),
      stop: () => kernel.ask<Message>('stop'),
      compare: (a, b) => kernel.ask<Comparison>('compare', { a, b }),
    };
    el.append(view.root);
    observe<Versions>(model, 'record', controller.signal, versions(view, controller.signal, actions));
    return () => controller.abort();
  },
};
