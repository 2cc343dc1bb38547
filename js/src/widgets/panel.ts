/** The panel as a widget, for front ends without a sidebar: its verbs travel through the kernel. */

import { button, type Frame, frame } from '../components/frame';
import { h, replace } from '../dom';
import { Kernel } from '../kernel';
import type { Model } from '../observe';
import { Api } from '../panel/api';
import type { Host, Tab } from '../panel/host';
import style from '../panel/panel.css';
import { EVERYTHING, Store } from '../panel/store';
import { View } from '../panel/view';

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    const [around, below] = [frame('Models and endpoints'), frame('Chosen view')];
    const kernel = new Kernel(model, signal, around.say);
    const api = new Api((verb, fields) => kernel.ask(verb, { ...fields }));
    const asking = h('div');
    let drawing = new AbortController();
    const open = (tab: Tab): void => {
      drawing.abort();
      drawing = new AbortController();
      tab.fetch().then(found => tab.build(below, drawing.signal)(found), below.complain);
    };
    const host: Host = { ...questions(asking, signal), insert: code => copy(code, around), open };
    const view = new View(new Store(api), host, signal);
    replace(around.body, h('style', {}, style), asking, view.node);
    el.append(around.root, below.root);
    void view.refresh(EVERYTHING).then(() => around.say(''));
    return () => (drawing.abort(), controller.abort());
  },
};

function copy(code: string, view: Frame): string {
  const words = `Paste this into a cell: ${code}`;
  navigator.clipboard.writeText(code).then(
    () => view.say(`Copied. ${words}`),
    () => view.say(words)
  );
  return words;
}

/** Questions in the widget's own place: a dialog of the browser's would stop the whole page. */
function questions(place: HTMLElement, signal: AbortSignal): Pick<Host, 'confirm' | 'choose'> {
  const ask = <T>(
    question: string,
    accept: string,
    field: HTMLElement | null,
    value: () => T,
    more: HTMLElement | null = null
  ): Promise<T | null> =>
    new Promise(resolve => {
      const answer = (given: T | null): void => (replace(place), resolve(given));
      const yes = button(accept, signal, () => answer(value()), { class: 'mlops-button mlops-primary' });
      replace(
        place,
        h(
          'div',
          { class: 'mlops-row', role: 'alertdialog', 'aria-label': question },
          question,
          field,
          more,
          yes,
          button('Cancel', signal, () => answer(null))
        )
      );
      (field ?? yes).focus();
    });
  return {
    confirm: async (question, accept) => (await ask(question, accept, null, () => true)) ?? false,
    choose: (question, options, free) => {
      const list = h(
        'datalist',
        { id: 'mlops-panel-options' },
        ...options.map(option => h('option', { value: option }, option))
      );
      const field = free
        ? h('input', { list: list.id, 'aria-label': question })
        : h('select', { 'aria-label': question }, ...list.childNodes);
      return ask(question, 'Choose', field, () => field.value, free ? list : null);
    },
  };
}
