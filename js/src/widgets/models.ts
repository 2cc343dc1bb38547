/** The models of a board as a widget; the versions of one that is chosen stand below. */

import { view } from '../components/view';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { models } from '../views/models';
import { versions } from '../views/versions';
import type { Models, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const [list, one] = [view('Models', controller.signal), view('Version history', controller.signal)];
    const kernel = new Kernel(model, controller.signal, list.wait);
    const show = versions(one, null);
    const open = (name: string): void => {
      kernel.ask<Versions>('versions', { name }).then(record => {
        list.wait('');
        show(record);
        el.append(one.root);
        one.root.scrollIntoView?.({ block: 'nearest' });
      }, list.complain);
    };
    el.append(list.root);
    observe<Models>(model, 'record', controller.signal, models(list, { open }));
    return () => controller.abort();
  },
};
