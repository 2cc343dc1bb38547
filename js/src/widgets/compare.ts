/** What differs between two versions as a widget. */

import { compare } from '../components/compare';
import { frame } from '../components/frame';
import { replace } from '../dom';
import { type Model, observe } from '../observe';
import type { Comparison } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const view = frame('Comparison');
    el.append(view.root);
    observe<Comparison>(model, 'record', controller.signal, record => replace(view.body, compare(record)));
    return () => controller.abort();
  },
};
