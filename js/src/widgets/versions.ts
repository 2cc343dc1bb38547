/** The version history of one model as a widget. */

import { insist } from '../components/insist';
import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { type VersionActions, versions } from '../views/versions';
import type { Comparison, Deleted, Message, Moved, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Version history', controller.signal);
    const kernel = new Kernel(model, controller.signal, shown.wait);
    const actions: VersionActions = {
      promote: (version, alias) =>
        insist(force => kernel.ask<Moved>('promote', { version, alias, force }), 'Promote anyway'),
      rollback: alias => insist(force => kernel.ask<Moved>('rollback', { alias, force }), 'Roll back anyway'),
      deploy: version => kernel.ask<Message>('deploy', { version }),
      compare: (a, b) => kernel.ask<Comparison>('compare', { a, b }),
      delete: version => kernel.ask<Deleted>('delete', { version }),
      restore: place => kernel.ask<Message>('restore', { place }),
    };
    el.append(shown.root);
    observe<Versions>(model, 'record', controller.signal, versions(shown, actions));
    return () => controller.abort();
  },
};
