/** The models of a board as a widget; what is opened of one stands below, as a widget of its own. */

import { insertBelow } from '../components/insert';
import { view } from '../components/view';
import { h } from '../dom';
import { Kernel } from '../kernel';
import { type Model, observe } from '../observe';
import { models } from '../views/models';
import type { Models } from '../wire';

/** What anywidget's front end gives a widget to show others. */
interface WidgetHost {
  getWidget(reference: string): Promise<{ render(place: { el: HTMLElement; signal: AbortSignal }): Promise<void> }>;
}

interface Context {
  readonly model: Model;
  readonly el: HTMLElement;
  readonly host?: WidgetHost;
}

const OLD =
  'The front end has an old anywidget: `pip install -U anywidget` where Jupyter runs, then load this page again.';

export default {
  render({ model, el, host }: Context): () => void {
    const controller = new AbortController();
    const list = view('Models', controller.signal);
    const kernel = new Kernel(model, controller.signal, list.wait);
    const place = h('div', { style: 'margin-top:8px' });
    let shown = new AbortController();
    const insert = async (magic: string, name: string): Promise<string> =>
      insertBelow(list.root, `${magic} ${await kernel.ask<string>('reference', { name })}`);
    const open = async (what: string, name: string): Promise<void> => {
      if (!host) throw new Error(OLD);
      const widget = await host.getWidget(await kernel.ask<string>('open', { what, name }));
      shown.abort();
      shown = new AbortController();
      place.replaceChildren();
      await widget.render({ el: place, signal: shown.signal });
      list.wait('');
      place.scrollIntoView?.({ block: 'nearest' });
    };
    el.append(list.root, place);
    observe<Models>(
      model,
      'record',
      controller.signal,
      models(list, { insert, open: (what, name) => void open(what, name).catch(list.complain) })
    );
    return () => (shown.abort(), controller.abort());
  },
};
