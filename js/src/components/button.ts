/** Buttons: plain by default, one primary in a view; icons, copies, and choices of a few words. */

import { type Attributes, type Child, h } from '../dom';
import { check, copy, down } from '../icons.json';
import { icon, type Shape } from './icon';

export interface Press {
  readonly signal: AbortSignal;
  /** What it does itself; nothing where it opens a menu or sends a form. */
  readonly press?: () => void;
  /** `is-primary`, `is-quiet`, `is-danger`, `is-small`. */
  readonly kind?: string;
  readonly mark?: Shape;
  /** Whether something unfolds below it. */
  readonly unfolds?: boolean;
  readonly attributes?: Attributes;
}

/** Return a button with a label. */
export function button(
  label: string,
  { signal, press = () => undefined, kind = '', mark, unfolds = false, attributes = {} }: Press
): HTMLButtonElement {
  const contents: Child[] = [mark && icon(mark), h('span', {}, label), unfolds && icon(down, { size: 12 })];
  const classes = ['mlops-btn', kind].filter(Boolean).join(' ');
  return h('button', { type: 'button', class: classes, on: { click: press }, signal, ...attributes }, ...contents);
}

/** Return a button that is an icon; its name is read aloud and shown under the pointer. */
export function iconButton(
  mark: Shape,
  label: string,
  { signal, press = () => undefined, kind = '', attributes = {} }: Omit<Press, 'mark' | 'unfolds'>
): HTMLButtonElement {
  const classes = ['mlops-btn is-icon is-quiet', kind].filter(Boolean).join(' ');
  return h(
    'button',
    { type: 'button', class: classes, 'aria-label': label, title: label, on: { click: press }, signal, ...attributes },
    icon(mark)
  );
}

/** Return a button that copies text, and shows that it did. */
export function copyButton(
  label: string,
  signal: AbortSignal,
  content: () => string,
  failed: (error: Error) => void
): HTMLButtonElement {
  const made = iconButton(copy, label, {
    signal,
    kind: 'is-small',
    press: () => void copyText(content()).then(done, failed),
  });
  const done = (): void => {
    made.replaceChildren(icon(check));
    setTimeout(() => made.replaceChildren(icon(copy)), 1500);
  };
  return made;
}

/** Put text on the clipboard; some pages may not. */
export async function copyText(content: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    throw new Error('The browser refused the clipboard. Select the text and copy it.');
  }
}

let groups = 0;

/** Return a choice of a few words, as radio buttons. */
export function segmented<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  chosen: T,
  signal: AbortSignal,
  choose: (value: T) => void
): HTMLFieldSetElement {
  groups += 1;
  const name = `mlops-choice-${groups}`;
  const labels = options.map(([value, words]) =>
    h(
      'label',
      {},
      h('input', {
        type: 'radio',
        name,
        value,
        checked: value === chosen,
        signal,
        on: { change: () => choose(value) },
      }),
      words
    )
  );
  return h('fieldset', { class: 'mlops-seg', 'aria-label': label }, ...labels);
}
