/** What every view is put into: its root, and at its foot what happened, with a way to take it back. */

import { h, replace } from '../dom';
import { age } from '../format';
import { check, close } from '../icons.json';
import { button, iconButton } from './button';
import { icon } from './icon';
import { note, prose } from './layout';
import { keepInSight } from './popover';

const SHOWN_MS = 10_000;
const AGES_MS = 60_000;
const SUPPRESS = 'data-lm-suppress-shortcuts'; // what Lumino looks for at a key's target before it runs a shortcut

export interface View {
  readonly root: HTMLElement;
  readonly body: HTMLElement;
  readonly signal: AbortSignal;
  /** Say what happened; `undo` takes it back, as long as the words stand. */
  say(words: string, undo?: (() => void) | null): void;
  /** Say what is waited for; no words end it. */
  wait(words: string): void;
  /** Say what went wrong, and offer to try again. */
  complain(error: unknown, again?: () => void): void;
}

/** Build a view with this accessible name. */
export function view(name: string, signal: AbortSignal, kind = 'mlops-view'): View {
  const body = h('div', { class: 'mlops-body' });
  const [told, waiting] = [
    h('div', { role: 'status', class: 'mlops-told' }),
    h('p', { role: 'status', class: 'mlops-2 mlops-wait' }),
  ];
  const trouble = h('div', { class: 'mlops-trouble' });
  const root = h('section', { class: `mlops ${kind}`, 'aria-label': name }, body, waiting, trouble, told);
  let timer = 0;
  let settle = (): void => undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => (told.matches(':hover, :focus-within') ? later() : replace(told)), SHOWN_MS);
  };
  const wait = (words: string): void => {
    settle();
    replace(waiting, ...prose(words));
    settle = words ? keepInSight(waiting, root) : settle;
  };
  const grow = window.setInterval(() => showAges(root), AGES_MS);
  signal.addEventListener('abort', () => (clearTimeout(timer), clearInterval(grow)), { once: true });
  const keep = (event: KeyboardEvent): void => {
    if (event.target instanceof Element && root.contains(event.target))
      event.target.toggleAttribute(SUPPRESS, isOurs(event, event.target));
  };
  window.addEventListener('keydown', keep, { capture: true, signal }); // before the document, where Lumino listens
  return {
    root,
    body,
    signal,
    say: (words, undo) => {
      replace(trouble);
      wait('');
      const shown = words ? toast(words, undo ?? null, () => replace(told), signal) : null;
      replace(told, shown);
      if (shown) keepInSight(shown, root); // the button may be far above
      later();
    },
    wait,
    complain: (error, again) => {
      replace(told);
      wait('');
      const words = error instanceof Error ? error.message : String(error);
      const calm = isAbsence(error) && !body.hasChildNodes();
      const actions = again && !calm ? [button('Try again', { signal, press: () => (replace(trouble), again()) })] : [];
      const shown = words ? note(calm ? 'info' : 'bad', [words], { actions, role: calm ? 'status' : 'alert' }) : null;
      replace(trouble, shown);
      if (shown) setTimeout(keepInSight(shown, root), SHOWN_MS);
    },
  };
}

/**
 * Return whether a key is for the view alone: an arrow or a letter in a menu, a list, a field or a place that scrolls.
 *
 * A notebook in command mode would insert, cut or delete cells, or go to the next one. Its commands with Ctrl stay.
 */
function isOurs({ ctrlKey, metaKey, altKey }: KeyboardEvent, target: Element): boolean {
  if (ctrlKey || metaKey || altKey) return false;
  return !target.matches('button, a, summary') || target.closest('[role=menu], [role=tablist]') !== null;
}

/** Return whether an error says only that there is nothing yet, such as a retraining: nothing failed. */
function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === 'NotFound';
}

/** Return what happened, with *Undo* where it can be taken back. */
export function toast(words: string, undo: (() => void) | null, end: () => void, signal: AbortSignal): HTMLElement {
  const back = undo && button('Undo', { signal, kind: 'is-small', press: () => (end(), undo()) });
  return h(
    'div',
    { class: 'mlops-toast' },
    icon(check),
    h('span', {}, ...prose(words)),
    h(
      'div',
      { class: 'mlops-line mlops-tight' },
      back,
      iconButton(close, 'Dismiss', { signal, kind: 'is-small', press: end })
    )
  );
}

/** Let the ages in a view grow while it is in sight. */
function showAges(root: HTMLElement): void {
  if (document.hidden || !root.isConnected) return;
  for (const each of root.querySelectorAll<HTMLElement>('[data-age]'))
    each.textContent = age(each.dataset['age'] ?? '');
}
