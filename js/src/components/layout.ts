/** The parts of a view: heads, sections, notes, folds, figures, empty and waiting places. */

import { type Child, h } from '../dom';
import { alert, died, search as glass, good, info, right } from '../icons.json';
import { icon, type Shape } from './icon';

const NOTES: Readonly<Record<string, Shape>> = { alert, bad: died, good, info };

/** Return the head of a view: its subject with what is beside it, words below, and its actions. */
export function head(subject: Child[], about: Child, ...actions: Child[]): HTMLElement {
  const words = h(
    'div',
    {},
    h('div', { class: 'mlops-line' }, ...subject),
    about && h('p', { class: 'mlops-2' }, about)
  );
  const acts = actions.filter(Boolean);
  return h('header', { class: 'mlops-head' }, words, acts.length > 0 && h('div', { class: 'mlops-line' }, ...acts));
}

/** Return a part of a view under its heading, with tools at the end of that line. */
export function part(name: string, about: Child, body: readonly Child[], tools: readonly Child[] = []): HTMLElement {
  const heading = [h('h3', {}, name), about && h('small', {}, about)];
  const end = tools.some(Boolean) ? [h('span', { class: 'mlops-end' }), ...tools] : [];
  return h('section', { class: 'mlops-part', 'aria-label': name }, h('header', {}, ...heading, ...end), ...body);
}

/** Return a sentence in which what is between backticks is code. */
export function prose(text: string): Child[] {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return [text]; // a backtick without its partner is a character
  return parts.map((each, place) => (place % 2 ? h('code', {}, each) : each));
}

const worded = (words: readonly Child[]): Child[] =>
  words.flatMap(each => (typeof each === 'string' ? prose(each) : [each]));

/** Return a note: a sentence, and at most two buttons below it. */
export function note(
  meaning: 'info' | 'alert' | 'bad' | 'good',
  words: readonly Child[],
  { mark, actions = [], role }: { mark?: Shape; actions?: readonly Child[]; role?: string } = {}
): HTMLElement {
  const body = h(
    'div',
    {},
    ...worded(words),
    actions.length > 0 && h('div', { class: 'mlops-line mlops-below' }, ...actions)
  );
  return h('div', { class: 'mlops-note', 'data-s': meaning, role }, icon(mark ?? NOTES[meaning] ?? info), body);
}

/** Return the sentence that a view begins with, and a paragraph that explains it. */
export function verdict(meaning: string, sentence: string, ...paragraph: Child[]): HTMLElement {
  const words = paragraph.filter(Boolean);
  return h(
    'div',
    { class: 'mlops-verdict', 'data-s': meaning },
    icon(NOTES[meaning] ?? info),
    h('div', {}, h('h2', {}, sentence), words.length > 0 && h('p', {}, ...worded(words)))
  );
}

/** Return what is folded away behind a summary that says how much it is. */
export function fold(summary: Child, body: readonly Child[], open = false): HTMLDetailsElement {
  return h('details', { class: 'mlops-fold', open }, h('summary', {}, icon(right, { size: 12 }), summary), ...body);
}

/** Return a figure with its label. */
export function stat(label: string, figure: Child, unit: Child = null, picture: Child = null): HTMLElement {
  return h('div', {}, h('dt', {}, label), h('dd', {}, figure, unit && ' ', unit && h('small', {}, unit), picture));
}

export function stats(...figures: HTMLElement[]): HTMLElement {
  return h('dl', { class: 'mlops-stats' }, ...figures);
}

/** Return what a place shows while it has nothing: what is missing, one sentence, the lines to paste. */
export function empty(mark: Shape, what: string, sentence: Child, ...more: Child[]): HTMLElement {
  return h(
    'div',
    { class: 'mlops-empty' },
    icon(mark),
    h('h3', {}, what),
    sentence && h('p', {}, ...worded([sentence])),
    ...more
  );
}

/** Return grey lines in the shape of what comes. */
export function skeleton(...widths: number[]): HTMLElement {
  return h(
    'div',
    { class: 'mlops-waiting', role: 'status', 'aria-busy': 'true', 'aria-label': 'Loading' },
    ...widths.map(width => h('i', { class: 'mlops-skel', style: `width:${width}%` }))
  );
}

/** Return a search field; `words` are those that are searched already. */
export function searchField(
  label: string,
  hint: string,
  signal: AbortSignal,
  search: (words: string) => void,
  words = ''
): HTMLElement {
  const input = h('input', {
    type: 'search',
    class: 'mlops-input',
    'aria-label': label,
    placeholder: hint,
    signal,
    on: { input: () => search(input.value) },
  });
  input.value = words;
  return h('span', { class: 'mlops-search' }, icon(glass), input);
}

/** Return the explanation of marks; a mark that the style sheet draws is given by its kind. */
export function key(...entries: readonly (readonly [Child, string] | false)[]): HTMLElement {
  const drawn = (mark: Child): Child => (typeof mark === 'string' ? h('i', { class: `mlops-key-${mark}` }) : mark);
  return h('div', { class: 'mlops-key' }, ...entries.map(each => each && h('span', {}, drawn(each[0]), each[1])));
}
