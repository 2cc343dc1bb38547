/** Versions on an axis of time: a metric's line, a dot for each version, and the aliases by name. */

import { h, replace, svg } from '../dom';
import { age, metrics, number, when } from '../format';
import type { VersionRow } from '../wire';

const WIDTH = 720;
const HEIGHT = 96;
const LEFT = 52;
const RIGHT = 24;
const TOP = 30; // two lines of alias names
const BOTTOM = 18;
const DOTS = 200; // beyond it only versions that have an alias, and the newest, are dots
const LABEL = 90; // pixels that a name is given
const LANES = 2;

interface Point {
  readonly row: VersionRow;
  readonly x: number;
  readonly y: number | null;
}

/** Return the timeline of versions (newest first) with a choice of the metric that is drawn. */
export function timeline(
  name: string,
  rows: readonly VersionRow[],
  chosen: string | null,
  signal: AbortSignal,
  choose: (metric: string) => void
): HTMLElement | null {
  if (rows.length === 0) return null;
  const names = [...new Set(rows.flatMap(row => Object.keys(row.metrics)))];
  const metric = chosen !== null && names.includes(chosen) ? chosen : (names[0] ?? null);
  const place = h('div', { class: 'mlops-timeline' });
  const draw = (wanted: string | null): void => replace(place, drawn(name, rows, wanted));
  const changed = (event: Event): void => {
    const wanted = (event.target as HTMLSelectElement).value;
    choose(wanted);
    draw(wanted);
  };
  const choice = h(
    'select',
    { 'aria-label': 'Metric over time', signal, on: { change: changed } },
    ...names.map(each => h('option', { value: each, selected: each === metric }, each))
  );
  draw(metric);
  return h('div', {}, names.length ? h('label', { class: 'mlops-row' }, choice, 'over time') : null, place);
}

function drawn(name: string, rows: readonly VersionRow[], metric: string | null): SVGSVGElement {
  const points = placed([...rows].reverse(), metric);
  const measured = points.filter((point): point is Point & { y: number } => point.y !== null);
  const dots = points.filter(
    (point, place) => points.length <= DOTS || place === points.length - 1 || point.row.aliases.length > 0
  );
  const [first, last] = [rows.at(-1), rows[0]];
  const scores = rows
    .flatMap(row => (metric === null ? [] : [row.metrics[metric] ?? null]))
    .filter(score => score !== null);
  const range = scores.length
    ? `${metric ?? ''} from ${number(scores.at(-1))} to ${number(scores[0])}`
    : 'no metric was measured';
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      role: 'img',
      'aria-label': `${rows.length} versions of ${name} over time, ${range}`,
    },
    svg('line', { class: 'mlops-axis', x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
    words(LEFT, HEIGHT - 4, 'start', when(first?.created)),
    rows.length > 1 ? words(WIDTH - RIGHT, HEIGHT - 4, 'end', when(last?.created)) : null,
    ...(scores.length ? limits(scores) : []),
    svg('polyline', {
      class: 'mlops-line',
      points: thinned(measured)
        .map(point => `${point.x.toFixed(1)},${point.y.toFixed(1)}`)
        .join(' '),
    }),
    ...dots.map(dot),
    ...labels(dots)
  );
}

/** Give every version its place: by time, and by its metric where that is known. */
function placed(oldest: readonly VersionRow[], metric: string | null): Point[] {
  const times = oldest.map(row => Date.parse(row.created.replace(' ', 'T')) || 0);
  const [start, span] = [times[0] ?? 0, (times.at(-1) ?? 0) - (times[0] ?? 0)];
  const scores = oldest.map(row => (metric === null ? null : (row.metrics[metric] ?? null)));
  const [low, high] = extremes(scores.filter(score => score !== null));
  return oldest.map((row, place) => {
    const share = span > 0 ? ((times[place] ?? start) - start) / span : 0.5;
    const score = scores[place] ?? null;
    const level = score === null ? null : high > low ? (score - low) / (high - low) : 0.5;
    return {
      row,
      x: LEFT + share * (WIDTH - LEFT - RIGHT),
      y: level === null ? null : HEIGHT - BOTTOM - 8 - level * (HEIGHT - TOP - BOTTOM - 16),
    };
  });
}

function extremes(values: readonly number[]): [number, number] {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Keep of each pixel's points the lowest and the highest: more cannot be seen. */
function thinned<P extends { readonly x: number; readonly y: number }>(points: readonly P[]): P[] {
  if (points.length <= 2 * WIDTH) return [...points];
  const columns = new Map<number, P[]>();
  for (const point of points) {
    const column = Math.round(point.x);
    const [low = point, high = point] = columns.get(column) ?? [];
    columns.set(column, [point.y < low.y ? point : low, point.y > high.y ? point : high]);
  }
  return [...columns.values()].flat().sort((a, b) => a.x - b.x);
}

function dot({ row, x, y }: Point): SVGElement {
  const told = [row.version, ...row.aliases, metrics(row.metrics), age(row.created)].filter(Boolean).join(', ');
  const kind = row.aliases.length ? 'mlops-dot mlops-named' : 'mlops-dot';
  return svg(
    'circle',
    { class: kind, cx: x.toFixed(1), cy: (y ?? HEIGHT - BOTTOM).toFixed(1), r: row.aliases.length ? 4.5 : 3 },
    svg('title', {}, told)
  );
}

/** Write the aliases above their versions, in the first line that has room. */
function labels(dots: readonly Point[]): SVGElement[] {
  const free = Array.from({ length: LANES }, () => -Infinity);
  return dots.flatMap(({ row, x }) => {
    const lane = free.findIndex(end => end <= x - LABEL / 2);
    if (row.aliases.length === 0 || lane < 0) return [];
    free[lane] = x + LABEL / 2;
    const anchor = x < LEFT + LABEL / 2 ? 'start' : x > WIDTH - RIGHT - LABEL / 2 ? 'end' : 'middle';
    const joined = row.aliases.join(', ');
    return [words(x, 11 + 13 * lane, anchor, joined.length > 16 ? `${joined.slice(0, 15)}…` : joined)];
  });
}

function limits(scores: readonly number[]): SVGElement[] {
  const [low, high] = extremes(scores);
  const bottom = words(LEFT - 6, HEIGHT - BOTTOM - 6, 'end', number(low));
  return low === high
    ? [words(LEFT - 6, (HEIGHT + TOP - BOTTOM) / 2, 'end', number(low))]
    : [bottom, words(LEFT - 6, TOP + 12, 'end', number(high))];
}

function words(x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string): SVGElement {
  return svg('text', { x: x.toFixed(1), y, 'text-anchor': anchor }, content);
}
