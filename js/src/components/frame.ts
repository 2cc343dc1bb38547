/** What every view is put into: a root with the style, a status line, and an alert; and the buttons in it. */

import { type Child, h, replace } from '../dom';
import style from '../style.css';

export interface Frame {
  readonly root: HTMLElement;
  readonly body: HTMLElement;
  /** Say what happened; a button behind the words may undo it. */
  say(words: string, undo?: HTMLElement | null): void;
  /** Say what went wrong. */
  complain(error: unknown): void;
}

/** Build the frame of a view with this accessible name. */
export function frame(name: string): Frame {
  const body = h('div');
  const [status, after] = [h('span', { role: 'status', class: 'mlops-muted' }), h('span')];
  const alert = h('div', { role: 'alert', class: 'mlops-error' });
  const root = h(
    'section',
    { class: 'mlops-view', 'aria-label': name },
    h('style', {}, style),
    body,
    h('div', { class: 'mlops-said' }, status, after),
    alert
  );
  return {
    root,
    body,
    say: (words, undo) => {
      replace(status, words);
      replace(after, undo);
      replace(alert);
    },
    complain: error => {
      replace(status);
      replace(after);
      replace(alert, error instanceof Error ? error.message : String(error));
    },
  };
}

/** Return a button that acts when pressed. */
export function button(
  label: string,
  signal: AbortSignal,
  press: () => void,
  attributes: Record<string, unknown> = {}
): HTMLButtonElement {
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

/** Return a button that asks once more before it acts; the keyboard stays where it is. */
export function confirmButton(
  label: string,
  question: string | (() => Child[]),
  accept: string,
  signal: AbortSignal,
  act: () => void
): HTMLElement {
  const place = h('span', { class: 'mlops-row' });
  const rest = (): HTMLButtonElement => {
    const first = button(label, signal, ask);
    replace(place, first);
    return first;
  };
  const ask = (): void => {
    const yes = button(accept, signal, () => {
      rest().focus({ preventScroll: true });
      act();
    });
    const words = typeof question === 'string' ? [question] : question();
    replace(
      place,
      h('span', {}, ...words),
      yes,
      button('Cancel', signal, () => rest().focus({ preventScroll: true }))
    );
    yes.focus({ preventScroll: true });
  };
  rest();
  return place;
}
