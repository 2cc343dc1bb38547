/** The panel as a widget, for front ends without a sidebar: its verbs travel through the kernel. */

import { copyText } from '../components/button';
import { insertBelow } from '../components/insert';
import { type View as Surface, view } from '../components/view';
import { h, replace } from '../dom';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { Api } from '../panel/api';
import type { Host, Tab } from '../panel/host';
import { EVERYTHING, Store } from '../panel/store';
import { View } from '../panel/view';
import * as views from '../panel/views';
import { verbs } from '../views/verbs';
import type { VerbList } from '../wire';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    let [drawing, below] = [new AbortController(), null as Surface | null];
    const wait = (words: string): void => panel.wait(words);
    const kernel = new Kernel(model, signal, wait);
    const api = new Api((verb, fields) => kernel.ask(verb, { ...fields }));
    const place = h('div');
    const open = (tab: Tab): void => {
      drawing.abort();
      drawing = new AbortController();
      const shown = (below = view(tab.title, drawing.signal));
      place.replaceChildren(shown.root);
      const show = tab.build(shown, views);
      tab.fetch().then(found => (show(found), shown.root.scrollIntoView?.({ block: 'nearest' })), shown.complain);
    };
    const panel: View = new View(
      new Store(api),
      { insert: code => copy(code, () => below), open } satisfies Host,
      signal
    );
    const list = view('Verbs', signal);
    observe<VerbList>(model, 'record', signal, ({ verbs: rows = [] }) =>
      replace(
        list.body,
        rows.length > 0 && verbs(rows, signal, line => void insertBelow(list.root, line).then(list.say, list.complain))
      )
    );
    el.append(h('div', { class: 'mlops-panel-widget' }, panel.node), place, list.root);
    void panel.refresh(EVERYTHING).then(() => panel.wait(''));
    return () => (drawing.abort(), controller.abort());
  },
};

/** Copy code, as there is no notebook to put it into. */
function copy(code: string, below: () => Surface | null): string {
  copyText(code).catch((error: unknown) => below()?.complain(error));
  return `Copied; paste it into a cell: ${code}`;
}
