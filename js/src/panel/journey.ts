/** One model on one time axis: its versions, what each alias named when, what was asked of it, and its drift. */

import { h, svg } from '../dom';
import { number } from '../format';
import type { HistoryEntry, Traffic, VerdictRow } from '../wire';
import { type Axis, axis } from './axis';
import type { Page } from './paged';

export interface Journey {
  readonly name: string;
  readonly history: Page<HistoryEntry>;
  readonly verdicts: readonly VerdictRow[];
  readonly traffic: Traffic;
}

export interface Stretch {
  readonly version: string;
  readonly from: number;
  readonly to: number;
}

const WIDTHS = [280, 960] as const; // the least and the most, in pixels
const LANE = 56;
const LEFT = 110;
const MARGIN = 24;
const MOVES: readonly string[] = ['promote', 'rollback'];
const HUES = 6;

/** Which version an alias named from when to when; the last stretch lasts until `now`, the first begins before all that is known. */
export function stretches(history: readonly HistoryEntry[], alias: string, start: number, now: number): Stretch[] {
  const moves = history
    .filter(entry => entry.alias === alias && MOVES.includes(entry.event))
    .map(entry => ({ ...entry, at: Date.parse(entry.time) }))
    .reverse();
  const before = moves[0]?.previous;
  const known = moves.flatMap(({ version, at }, place) =>
    version === null ? [] : [{ version, from: at, to: moves[place + 1]?.at ?? now }]
  );
  return before ? [{ version: before, from: start, to: moves[0]?.at ?? now }, ...known] : known;
}

/** Draw it as wide as there is room: in a narrow place with fewer ticks, so that words stay legible. */
export function drawJourney({ name, history, verdicts, traffic }: Journey, now: number, room: number): HTMLElement {
  const events = history.items;
  const width = Math.max(WIDTHS[0], Math.min(WIDTHS[1], room || WIDTHS[1]));
  const asked = traffic.seconds > 0 ? [1000 * traffic.start] : [];
  const times = [
    ...events.map(entry => Date.parse(entry.time)),
    ...verdicts.map(each => Date.parse(each.created)),
    ...asked,
    now - 60_000,
  ];
  const start = times.reduce((least, time) => Math.min(least, time), now);
  const scale = axis(start, now, LEFT, width - MARGIN);
  const aliases = [
    ...new Set(events.flatMap(entry => (entry.alias !== null && MOVES.includes(entry.event) ? [entry.alias] : []))),
  ].sort(championFirst);
  const hue = hues(events, traffic);
  const lanes: [string, Element[]][] = [
    ['versions', pins(events, scale, hue)],
    ...aliases.map((alias): [string, Element[]] => [
      alias,
      [...stretches(events, alias, start, now).map(each => bar(each, scale, hue)), ...conflicts(events, alias, scale)],
    ]),
    ['requests', requests(traffic, scale, hue)],
    ['drift', drift(verdicts, scale, width - MARGIN)],
  ];
  const height = LANE * lanes.length + 24;
  const picture = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Journey of ${name}; the table below says the same`,
    },
    ...scale.ticks.flatMap(({ x, words }) => [
      svg('line', { class: 'mlops-journey-tick', x1: x, x2: x, y1: 0, y2: height - 20 }),
      svg('text', { x, y: height - 6, 'text-anchor': 'middle' }, words),
    ]),
    ...lanes.map(([label, shapes], place) =>
      svg(
        'g',
        { transform: `translate(0 ${LANE * place})` },
        svg('text', { x: 4, y: LANE / 2 + 4 }, label.slice(0, 16)),
        ...shapes
      )
    )
  );
  const left = history.total - events.length;
  const note =
    left > 0 ? h('p', { class: 'mlops-muted' }, `The newest ${events.length} of ${history.total} events.`) : null;
  return h(
    'div',
    { class: 'mlops-journey' },
    h('h3', {}, `Journey of ${name}`),
    picture,
    note,
    table(events, verdicts, traffic)
  );
}

function championFirst(a: string, b: string): number {
  return Number(b === 'champion') - Number(a === 'champion') || a.localeCompare(b);
}

/** The same version has the same hue in every lane; the newest ones take turns. */
function hues(events: readonly HistoryEntry[], traffic: Traffic): (version: string) => string {
  const versions = [
    ...new Set([...events.flatMap(entry => entry.version ?? []), ...Object.keys(traffic.versions)]),
  ].sort();
  return version => `mlops-hue-${versions.indexOf(version) % HUES}`;
}

function pins(events: readonly HistoryEntry[], scale: Axis, hue: (version: string) => string): Element[] {
  const pinned = events.filter(entry => entry.event === 'pin');
  return pinned.map(pin =>
    titled(
      svg('circle', { class: hue(pin.version ?? ''), cx: scale.x(Date.parse(pin.time)), cy: LANE / 2, r: 6 }),
      `${pin.version ?? ''} by ${pin.by ?? 'unknown'}`
    )
  );
}

function bar({ version, from, to }: Stretch, scale: Axis, hue: (version: string) => string): Element {
  const x = scale.x(from);
  const shape = svg('rect', {
    class: hue(version),
    x,
    y: LANE / 2 - 9,
    width: Math.max(2, scale.x(to) - x),
    height: 18,
    rx: 3,
  });
  return titled(shape, version);
}

/** A move that somebody else's forestalled moved nothing: a mark above the lane, no bar. */
function conflicts(events: readonly HistoryEntry[], alias: string, scale: Axis): Element[] {
  const lost = events.filter(entry => entry.event === 'conflict' && entry.alias === alias);
  return lost.map(entry =>
    titled(
      svg(
        'text',
        { class: 'mlops-journey-conflict', x: scale.x(Date.parse(entry.time)), y: 14, 'text-anchor': 'middle' },
        '✕'
      ),
      `${entry.by ?? 'somebody'} wanted ${entry.version ?? 'nothing'}: ${entry.previous ?? 'nothing'} was faster`
    )
  );
}

/** Requests in each bin, one version upon the other. */
function requests({ start, seconds, versions }: Traffic, scale: Axis, hue: (version: string) => string): Element[] {
  const entries = Object.entries(versions);
  const bins = entries[0]?.[1].length ?? 0;
  const totals = Array.from({ length: bins }, (_, bin) =>
    entries.reduce((sum, [, counts]) => sum + (counts[bin] ?? 0), 0)
  );
  const top = totals.reduce((most, total) => Math.max(most, total), 1);
  return totals.flatMap((_, bin) => {
    let foot = LANE - 8;
    const [x, end] = [scale.x(1000 * (start + bin * seconds)), scale.x(1000 * (start + (bin + 1) * seconds))];
    return entries.flatMap(([version, counts]) => {
      const count = counts[bin] ?? 0;
      if (count === 0) return [];
      const height = Math.max(1, ((LANE - 16) * count) / top);
      foot -= height;
      return [
        titled(
          svg('rect', { class: hue(version), x, y: foot, width: Math.max(1, end - x), height }),
          `${count} requests answered by ${version}`
        ),
      ];
    });
  });
}

/** The worst feature's score over its threshold, on the threshold's line; above it is drift. */
function drift(verdicts: readonly VerdictRow[], scale: Axis, right: number): Element[] {
  if (verdicts.length === 0) return [];
  const most = 3;
  const y = (share: number): number => LANE - 8 - ((LANE - 16) * Math.min(most, share)) / most;
  const line = titled(
    svg('line', { class: 'mlops-journey-threshold', x1: LEFT, x2: right, y1: y(1), y2: y(1) }),
    'threshold'
  );
  const marks = verdicts.map(each => {
    const [worst] = each.worst;
    const share =
      worst?.score != null && worst.threshold
        ? Math.abs(worst.score) / worst.threshold
        : Number(each.drifted.length > 0) * most;
    const [x, top] = [scale.x(Date.parse(each.created)), y(share)];
    const shape =
      each.drifted.length > 0
        ? svg('path', { class: 'mlops-journey-drift', d: `M${x} ${top - 7}l7 12h-14z` })
        : svg('circle', { class: 'mlops-journey-quiet', cx: x, cy: top, r: 5 });
    return titled(
      shape,
      worst
        ? `${each.verdict} Worst: ${worst.feature}, ${worst.statistic} ${number(worst.score)}, limit ${number(worst.threshold)}`
        : each.verdict
    );
  });
  return [line, ...marks];
}

function table(events: readonly HistoryEntry[], verdicts: readonly VerdictRow[], traffic: Traffic): HTMLElement {
  const told = [
    ...events.map(entry => [
      entry.time,
      entry.event,
      [entry.alias, entry.version, entry.by, entry.note].filter(Boolean).join(' · '),
    ]),
    ...verdicts.map(each => [each.created, 'monitor', each.verdict]),
    ...Object.entries(traffic.versions).map(([version, counts]) => [
      new Date(1000 * traffic.start).toISOString(),
      'requests',
      `${version} answered ${counts.reduce((sum, count) => sum + count, 0)} since`,
    ]),
  ].sort((a, b) => Date.parse(b[0] ?? '') - Date.parse(a[0] ?? ''));
  const rows = told.map(([time = '', ...cells]) =>
    h('tr', {}, h('td', {}, ...clock(time)), ...cells.map(cell => h('td', {}, cell)))
  );
  const heads = ['time (UTC)', 'event', 'what'].map(word => h('th', { scope: 'col' }, word));
  return h(
    'table',
    { class: 'mlops-table' },
    h('caption', {}, 'What happened, newest first'),
    h('thead', {}, h('tr', {}, ...heads)),
    h('tbody', {}, ...rows)
  );
}

/** Return day and time, between which a line may break. */
function clock(time: string): (HTMLElement | string)[] {
  const [day, second] = [time.slice(0, 10), time.slice(11, 19)].map(words =>
    h('span', { class: 'mlops-journey-moment' }, words)
  );
  return [day as HTMLElement, ' ', second as HTMLElement];
}

function titled<E extends Element>(shape: E, words: string): E {
  shape.append(svg('title', {}, words));
  return shape;
}
