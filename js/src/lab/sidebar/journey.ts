/** One model on one time axis: its versions, which was champion when, and what monitoring said. */

import { element } from './element';
import type { HistoryEntry, Verdict } from './wire';

const WIDTH = 900;
const LANE = 60;
const LANES = ['versions', 'champion', 'drift'] as const;
const SVG = 'http://www.w3.org/2000/svg';

export interface Stretch {
  readonly version: string;
  readonly from: number;
  readonly to: number;
}

/** Which version the alias named from when to when; the last stretch lasts until `now`. */
export function champions(history: readonly HistoryEntry[], now: number, alias = 'champion'): Stretch[] {
  const moves = history
    .filter(entry => entry.alias === alias && (entry.event === 'promote' || entry.event === 'rollback'))
    .map(entry => ({ version: entry.version, time: Date.parse(entry.time) }))
    .reverse();
  return moves.flatMap(({ version, time }, place) => (version === null ? [] : [{ version, from: time, to: moves[place + 1]?.time ?? now }]));
}

export function drawJourney(name: string, history: readonly HistoryEntry[], verdicts: readonly Verdict[], now: number): HTMLElement {
  const pins = history.filter(entry => entry.event === 'pin');
  const times = [...history.map(entry => Date.parse(entry.time)), ...verdicts.map(each => Date.parse(each.created)), now];
  const start = times.reduce((least, time) => Math.min(least, time), now);
  const x = (time: number): number => 90 + ((WIDTH - 110) * (time - start)) / Math.max(1, now - start);
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${LANE * LANES.length}`, role: 'img', 'aria-label': `Journey of ${name}; the table below says the same` });
  LANES.forEach((lane, place) => picture.append(text(4, middle(place) + 4, lane)));
  pins.forEach(pin => picture.append(mark(x(Date.parse(pin.time)), middle(0), 'mlops-journey-pin', `${pin.version} by ${pin.by ?? 'unknown'}`)));
  champions(history, now).forEach(stretch => picture.append(bar(x(stretch.from), x(stretch.to), middle(1), stretch.version)));
  verdicts.forEach(each => picture.append(mark(x(Date.parse(each.created)), middle(2), each.drifted.length > 0 ? 'mlops-journey-drift' : 'mlops-journey-quiet', each.verdict)));
  return element('div', { class: 'mlops-journey' }, element('h2', {}, `Journey of ${name}`), picture, table(history, verdicts));
}

function table(history: readonly HistoryEntry[], verdicts: readonly Verdict[]): HTMLElement {
  const told = [
    ...history.map(entry => [entry.time, entry.event, [entry.alias, entry.version, entry.note].filter(Boolean).join(' · ')]),
    ...verdicts.map(each => [each.created, 'monitor', each.verdict])
  ].sort((a, b) => Date.parse(b[0] ?? '') - Date.parse(a[0] ?? ''));
  const rows = told.map(cells => element('tr', {}, ...cells.map(cell => element('td', {}, cell ?? ''))));
  return element('table', {}, element('caption', {}, 'What happened, newest first'), element('tbody', {}, ...rows));
}

function middle(lane: number): number {
  return LANE * lane + LANE / 2;
}

function mark(x: number, y: number, kind: string, title: string): SVGElement {
  const shape = kind === 'mlops-journey-drift' ? svg('path', { class: kind, d: `M${x} ${y - 8}l8 14h-16z` }) : svg('circle', { class: kind, cx: x, cy: y, r: 6 });
  shape.append(titled(title));
  return shape;
}

function bar(from: number, to: number, y: number, version: string): SVGElement {
  const shape = svg('rect', { class: 'mlops-journey-champion', x: from, y: y - 8, width: Math.max(2, to - from), height: 16, rx: 3 });
  shape.append(titled(version));
  return shape;
}

function titled(words: string): SVGElement {
  const title = svg('title', {});
  title.textContent = words;
  return title;
}

function text(x: number, y: number, words: string): SVGElement {
  const made = svg('text', { x, y });
  made.textContent = words;
  return made;
}

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
