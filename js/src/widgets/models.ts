/** The models of a board as a widget. */

import { frame } from '../components/frame';
import { models } from '../components/models';
import { versions } from '../components/versions';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import type { Models, Versions } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const [list, one] = [frame('Models'), frame('Version history')];
    const kernel = new Kernel(model, controller.signal, list.say);
    const show = versions(one, controller.signal, null);
    const open = (name: string): void => {
      kernel.ask<Versions>('versions', { name }).then(record => {
        list.say('');
        show(record);
        el.append(one.root);
      }, list.complain);
    };
    el.append(list.root);
    observe<Models>(model, 'record', controller.signal, record => models(record, list, controller.signal, open));
    return () => controller.abort();
  },
};
