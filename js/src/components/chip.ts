/** Small words with a shape: aliases, versions, states, differences. */

import { type Child, h } from '../dom';
import { age, exact, fixed, signed } from '../format';
import {
  alert,
  alias,
  challenger,
  champion,
  died,
  fall,
  good,
  live,
  near,
  same,
  starting,
  stopped,
  unsure,
  up,
} from '../icons.json';
import { icon, type Shape } from './icon';

const ALIASES: Readonly<Record<string, readonly [Shape, string]>> = {
  champion: [champion, 'mlops-chip is-champion'],
  challenger: [challenger, 'mlops-chip is-open'],
};

/** Return an alias: the champion's star is filled, the challenger's open, every other one has a flag. */
export function aliasChip(name: string): HTMLElement {
  const [mark, kind] = ALIASES[name] ?? [alias, 'mlops-chip'];
  return h('span', { class: kind }, icon(mark, { size: 12 }), h('span', {}, name));
}

export function chip(words: string, kind = ''): HTMLElement {
  return h('span', { class: kind ? `mlops-chip ${kind}` : 'mlops-chip' }, h('span', {}, words));
}

/** A version as people call it. */
export interface VersionName {
  readonly version: string;
  readonly number: number | null;
  readonly created?: string | null;
}

/** Return a version: its number, the end of its id, its age; the whole id and the exact moment are its title. */
export function versionChip(
  { version, number, created }: VersionName,
  short: string = version.slice(-5),
  hue = 0
): HTMLElement {
  const title = [version, created ? exact(created) : ''].filter(Boolean).join(', ');
  return h(
    'span',
    { class: 'mlops-ver', title },
    hue > 0 && h('i', { style: `background:var(--m-v${hue})` }),
    number ? h('b', {}, `v${number}`) : null,
    h('code', {}, short),
    created ? h('span', { 'data-age': created }, age(created)) : null
  );
}

type State = readonly [mark: Shape, meaning: string, words: string];
const STATES: Readonly<Record<string, State>> = {
  running: [live, 'good', 'Running'],
  starting: [starting, '', 'Starting'],
  stopped: [stopped, '', 'Stopped'],
  died: [died, 'bad', 'Died'],
  failed: [died, 'bad', 'Failed'],
  silent: [died, 'bad', 'Not answering'],
  drifted: [alert, 'alert', 'Drifted'],
  small: [near, '', 'Small change'],
  unsure: [unsure, '', 'Too few rows'],
  stable: [good, 'good', 'Stable'],
  unchecked: [stopped, '', 'Not checked'],
};

/** Return a state: shape and word, then colour. */
export function state(kind: string, words?: string): HTMLElement {
  const [mark, meaning, usual] = STATES[kind] ?? [unsure, '', kind];
  const shape = icon(mark, { size: 14, kind: kind === 'running' ? 'mlops-live' : '' });
  return h('span', { class: 'mlops-state', 'data-s': meaning, 'data-state': kind }, shape, words ?? usual);
}

/** Return the icon of a state alone, with its word for readers. */
export function stateMark(kind: string, label: string): HTMLElement {
  const [mark, meaning] = STATES[kind] ?? [unsure, ''];
  return h(
    'span',
    { class: 'mlops-state', 'data-s': meaning, 'data-state': kind, title: label },
    icon(mark, { size: 14, label, kind: kind === 'running' ? 'mlops-live' : '' })
  );
}

/** Return a difference: the arrow says where the number went, colour and spoken word whether that is better. */
export function delta(value: number, digits: number, better: number, more: Child = null): HTMLElement {
  if (value === 0) return h('span', { class: 'mlops-delta' }, icon(same, { size: 12 }), ' same');
  const verdict = better === 0 ? '' : Math.sign(value) === better ? 'better' : 'worse';
  const meaning = { better: 'good', worse: 'alert', '': '' }[verdict];
  const label = verdict ? `${signed(value, digits)}, ${verdict}` : null;
  return h(
    'span',
    { class: 'mlops-delta', 'data-s': meaning, 'aria-label': label, role: label && 'img' },
    icon(value > 0 ? up : fall, { size: 10 }),
    ` ${signed(value, digits)}`,
    more
  );
}

/** Return the direction in which a metric is better, as an arrow after its name. */
export function direction(better: number): HTMLElement | null {
  if (better === 0) return null;
  return h(
    'span',
    {
      role: 'img',
      'aria-label': better > 0 ? 'higher is better' : 'lower is better',
      title: better > 0 ? 'higher is better' : 'lower is better',
    },
    better > 0 ? '↑' : '↓'
  );
}

export { fixed };
