/** The comparison of two versions as a widget. */

import { view } from '../components/view';
import { replace } from '../dom';
import { type Model, observe } from '../observe';
import { compare } from '../views/compare';
import type { Comparison } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const shown = view('Comparison', controller.signal);
    el.append(shown.root);
    observe<Comparison>(model, 'record', controller.signal, record =>
      replace(shown.body, ...compare(record, controller.signal))
    );
    return () => controller.abort();
  },
};
