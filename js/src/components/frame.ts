/** What every view is put into: a root with the style, a status line, and an alert. */

import { h, replace } from '../dom';
import style from '../style.css';

export interface Frame {
  readonly root: HTMLElement;
  readonly body: HTMLElement;
  /** Say what happened. */
  say(words: string): void;
  /** Say what went wrong. */
  complain(error: unknown): void;
}

/** Build the frame of a view with this accessible name. */
export function frame(name: string): Frame {
  const body = h('div');
  const status = h('div', { role: 'status', class: 'mlops-muted' });
  const alert = h('div', { role: 'alert', class: 'mlops-error' });
  const root = h('section', { class: 'mlops-view', 'aria-label': name }, h('style', {}, style), body, status, alert);
  return {
    root,
    body,
    say: words => {
      replace(status, words);
      replace(alert);
    },
    complain: error => replace(alert, error instanceof Error ? error.message : String(error)),
  };
}

/** Return a button that acts when pressed. */
export function button(label: string, signal: AbortSignal, press: () => void, attributes: Record<string, unknown> = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: 'mlops-button', on: { click: press }, signal, ...attributes }, label);
}

/** Return a button that copies text, and says so. */
export function copyButton(label: string, signal: AbortSignal, view: Frame, content: () => string): HTMLButtonElement {
  return button(label, signal, () => {
    navigator.clipboard.writeText(content()).then(
      () => view.say('Copied.'),
      () => view.complain('The browser refused the clipboard: select the text and copy it.')
    );
  });
}

/** Return a button that asks once more before it acts. */
export function confirmButton(label: string, question: string, accept: string, signal: AbortSignal, act: () => void): HTMLElement {
  const place = h('span', { class: 'mlops-row' });
  const ask = (): void => replace(place, h('span', {}, question), button(accept, signal, () => (rest(), act())), button('Cancel', signal, rest));
  const rest = (): void => replace(place, button(label, signal, ask));
  rest();
  return place;
}
