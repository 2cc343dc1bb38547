/** The version history of one model as a widget. */

import { frame } from '../components/frame';
import { versions, type Deeds } from '../components/versions';
import { Kernel } from '../kernel';
import { observe, type Model } from '../observe';
import type { Comparison, Moved, Told, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Version history');
    const kernel = new Kernel(model, controller.signal, view.say);
    const deeds: Deeds = {
      promote: (version, alias) => kernel.ask<Moved>('promote', { version, alias }),
      rollback: alias => kernel.ask<Moved>('rollback', alias === undefined ? {} : { alias }),
      deploy: version => kernel.ask<Told>('deploy', { version }),
      stop: () => kernel.ask<Told>('stop'),
      compare: (a, b) => kernel.ask<Comparison>('compare', { a, b }),
    };
    el.append(view.root);
    observe<Versions>(model, 'record', controller.signal, versions(view, controller.signal, deeds));
    return () => controller.abort();
  },
};
