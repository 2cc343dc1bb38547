/** Tabs in a view: arrows move between them, and each has its panel. */

import { h, replace } from '../dom';

export interface Pane {
  readonly label: string;
  readonly draw: () => HTMLElement;
}

let sets = 0;

export function tabs(label: string, panes: readonly Pane[], signal: AbortSignal): HTMLElement {
  sets += 1;
  const id = `mlops-tabs-${sets}`;
  const panel = h('div', { role: 'tabpanel', id, class: 'mlops-pane' });
  const buttons = panes.map((pane, place) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `${id}-${place}`,
        'aria-controls': id,
        signal,
        on: { click: () => show(place) },
      },
      pane.label
    )
  );
  const show = (place: number): void => {
    buttons.forEach((each, at) => {
      each.setAttribute('aria-selected', String(at === place));
      each.tabIndex = at === place ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `${id}-${place}`);
    replace(panel, panes[place]?.draw());
  };
  const list = h('div', { class: 'mlops-tabs', role: 'tablist', 'aria-label': label }, ...buttons);
  list.addEventListener(
    'keydown',
    event => {
      const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
      const step = { ArrowRight: 1, ArrowLeft: buttons.length - 1 }[event.key];
      if (now < 0 || step === undefined) return;
      event.preventDefault();
      const next = (now + step) % buttons.length;
      show(next);
      buttons[next]?.focus();
    },
    { signal }
  );
  show(0);
  return h('div', {}, list, panel);
}
