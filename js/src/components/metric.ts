/** Metrics of versions: the best of each, and the small pictures of how they went. */

import { breakable, h } from '../dom';
import { decimals, fixed, plural } from '../format';
import type { MetricName, VersionRow } from '../wire';
import { dot, line, niceTicks, type Point, plot, rule, scale, stretch, type Words, words } from './picture';

/** A metric with what its column needs to know. */
export interface MetricColumn {
  readonly name: string;
  readonly better: number;
  readonly digits: number;
  readonly low: number;
  readonly high: number;
  /** The version that is best; null where no direction is known, or only one has a value. */
  readonly best: string | null;
}

export function metricColumns(names: readonly MetricName[], rows: readonly VersionRow[]): MetricColumn[] {
  return names.map(({ name, better }) => {
    let [low, high, best, known] = [Infinity, -Infinity, null as VersionRow | null, 0];
    const values: number[] = [];
    for (const row of rows) {
      const value = row.metrics[name];
      if (typeof value !== 'number') continue;
      known += 1;
      values.push(value);
      [low, high] = [Math.min(low, value), Math.max(high, value)];
      if (best === null || better * value > better * (best.metrics[name] ?? 0)) best = row;
    }
    return {
      name,
      better,
      digits: digitsOf(values),
      low,
      high,
      best: better !== 0 && known > 1 && high > low ? (best?.version ?? null) : null,
    };
  });
}

function digitsOf(values: readonly number[]): number {
  const few = values.length > 200 ? values.slice(0, 200) : values;
  return decimals(few);
}

export const metricOf = (row: VersionRow, metric: MetricColumn): number | null => row.metrics[metric.name] ?? null;

/** How far a value is from the worst to the best, 0 to 1. */
export function meter(value: number, { low, high, better }: MetricColumn): number {
  const share = high > low ? (value - low) / (high - low) : 1;
  return better < 0 ? 1 - share : share;
}

/** Draw each metric of few versions with its numbers at the dots. */
export function multiples(
  columns: readonly MetricColumn[],
  rows: readonly VersionRow[],
  name: (row: VersionRow) => string
): HTMLElement {
  return h('div', { class: 'mlops-multiples' }, ...columns.map(metric => small(metric, [...rows].reverse(), name)));
}

/** Return how the number at a dot is written: at both edges it stays within the picture. */
function within(at: number, dots: number): Words {
  if (dots > 1 && at === 0) return { anchor: 'start', dx: -12 };
  return at > 0 && at === dots - 1 ? { anchor: 'end', dx: 12 } : { anchor: 'middle' };
}

function small(metric: MetricColumn, order: readonly VersionRow[], name: (row: VersionRow) => string): HTMLElement {
  const y = scale(metric.low, metric.high === metric.low ? metric.low + 1 : metric.high, 62, 24);
  const x = (at: number): number => (order.length > 1 ? 6 + (88 * at) / (order.length - 1) : 50);
  const points = order.map((row, at): Point => {
    const value = metricOf(row, metric);
    return value === null ? null : [x(at), y(value)];
  });
  const marks = order.flatMap((row, at) => {
    const [value, top] = [metricOf(row, metric), points[at]?.[1] ?? 62];
    const best = row.version === metric.best;
    const number =
      value === null
        ? []
        : [
            dot(x(at), top, {
              kind: best ? 'is-dot' : 'is-ring',
              r: best ? 5 : 3.5,
              title: `${name(row)}: ${metric.name} ${value}`,
            }),
            words(x(at), top - 10, beside(value, metric.digits), {
              ...within(at, order.length),
              kind: best ? 'is-halo is-ink' : 'is-halo',
            }),
          ];
    return [
      ...number,
      words(x(at), 84, `${name(row)}${row.aliases.includes('champion') ? ' ★' : ''}`, { anchor: 'middle' }),
    ];
  });
  const way = metric.better === 0 ? '' : metric.better > 0 ? 'higher is better' : 'lower is better';
  return h(
    'figure',
    {},
    h('figcaption', {}, h('span', {}, ...breakable(metric.name)), ' ', h('small', {}, way)),
    plot(90, described(metric, order), stretch(90, line(points)), ...marks)
  );
}

function described(metric: MetricColumn, order: readonly VersionRow[]): string {
  const known = order.map(row => metricOf(row, metric)).filter(value => value !== null);
  if (known.length === 0) return `${metric.name}: no version was measured`;
  const over = `${metric.name} over ${order.length} versions, oldest first, from ${fixed(known[0], metric.digits)} to ${fixed(known.at(-1), metric.digits)}`;
  const best = order.find(row => row.version === metric.best);
  return best ? `${over}; best ${fixed(metricOf(best, metric), metric.digits)} in v${best.number}` : over;
}

const TREND = { tall: 84, below: 24, most: 400 } as const; // pixels of the curve and of the days; points of a curve

/** Draw one metric over many versions, in equal steps: the grey line is the best so far, flags name aliases. */
export function trend(
  metric: MetricColumn,
  rows: readonly VersionRow[],
  date: (row: VersionRow) => string
): SVGSVGElement {
  const order = [...rows].reverse();
  const ticks = niceTicks(metric.low, metric.high);
  const x = (at: number): number => (100 * at) / Math.max(1, order.length - 1);
  const named = order.flatMap((row, at) => {
    const best = row.version === metric.best;
    if (!best && row.aliases.length === 0 && order.length > DOTTED) return [];
    return [{ row, at, words: [...row.aliases, ...(best ? ['best'] : [])].join(', ') }];
  });
  const flagged = named.filter(each => each.words).sort((a, b) => rank(a.words) - rank(b.words));
  const [lanes, narrow] = [fitted(flagged, x, LETTER.wide), new Map(fitted(flagged, x, LETTER.narrow))];
  const top = LANE * (1 + Math.max(1, ...[...lanes, ...narrow].map(([, lane]) => lane + 1)));
  const y = scale(
    Math.min(metric.low, ticks[0] ?? metric.low),
    Math.max(metric.high, ticks.at(-1) ?? metric.high),
    top + TREND.tall,
    top
  );
  const values = order.map(row => metricOf(row, metric));
  const curve = (of: readonly (number | null)[]): Point[] =>
    thin(of).map(([at, value]) => (value === null ? null : [x(at), y(value)]));
  const dots = named.flatMap(({ row, at, words: flag }) => {
    const value = metricOf(row, metric);
    if (value === null) return [];
    return [
      dot(x(at), y(value), {
        kind: flag ? 'is-dot' : 'is-ring',
        r: flag ? 4.5 : 2.5,
        title: `v${row.number}, ${row.version}: ${metric.name} ${fixed(value, metric.digits)}`,
      }),
    ];
  });
  const grid = ticks.flatMap(tick => [
    rule(0, y(tick), 100, y(tick)),
    words(0, y(tick) + 4, beside(tick, decimals(ticks)), { anchor: 'end', dx: -8 }),
  ]);
  const height = top + TREND.tall + TREND.below;
  return plot(
    height,
    described(metric, order),
    ...grid,
    stretch(
      height,
      line(curve(frontier(values, metric.better)), '', 'stroke:var(--m-line);stroke-width:6'),
      line(curve(values))
    ),
    ...flags(lanes, narrow, x, ({ row }) => y(metricOf(row, metric) ?? metric.low)),
    ...dots,
    ...days(order, x, height - 4, date)
  );
}

/** Return the best value so far at each version. */
function frontier(values: readonly (number | null)[], better: number): (number | null)[] {
  let best: number | null = null;
  if (better === 0) return [];
  return values.map(value => {
    if (value !== null && (best === null || better * value > better * best)) best = value;
    return value === null ? null : best;
  });
}

const DOTTED = 60; // versions that have a dot each; of more only those that have a name
const LANE = 14; // pixels of each line in which names stand
const LANES = [0, 1, 2];
const LETTER = { wide: 1.15, narrow: 3.2 } as const; // percent of the width that a letter takes, in a cell and in 260 pixels
const FIRST = ['champion', 'best', 'challenger'];

/** Write names above their dots, in the first line that has room; in a narrow place only those that fit. */
function flags<T extends { readonly at: number; readonly words: string }>(
  lanes: readonly [T, number][],
  narrow: ReadonlyMap<T, number>,
  x: (at: number) => number,
  y: (each: T) => number
): SVGElement[] {
  return lanes.flatMap(([each, wide]) => {
    const at = x(each.at);
    const foot = LANE * ((narrow.get(each) ?? wide) + 1) - 2;
    const kind = narrow.has(each) ? '' : ' mlops-wide';
    const anchor = at > 92 ? 'end' : at < 8 ? 'start' : 'middle';
    return [
      rule(at, foot + 4, at, y(each) - 7, `is-rule${kind}`),
      words(at, foot, each.words, { anchor, kind: `is-ink is-halo${kind}` }),
    ];
  });
}

function rank(name: string): number {
  const place = FIRST.findIndex(each => name.includes(each));
  return place < 0 ? FIRST.length : place;
}

/** Return each name that has room, with its line. */
function fitted<T extends { readonly at: number; readonly words: string }>(
  named: readonly T[],
  x: (at: number) => number,
  letter: number
): [T, number][] {
  const taken: [number, number, number][] = [];
  return named.flatMap((each): [T, number][] => {
    const [at, half] = [x(each.at), (letter * each.words.length) / 2 + 1];
    const middle = at > 92 ? at - half : at < 8 ? at + half : at;
    const lane = LANES.find(line =>
      taken.every(([other, from, to]) => other !== line || middle + half < from || middle - half > to)
    );
    if (lane === undefined) return [];
    taken.push([lane, middle - half, middle + half]);
    return [[each, lane]];
  });
}

/** Write the dates of a few versions below the line. */
function days(
  order: readonly VersionRow[],
  x: (at: number) => number,
  y: number,
  date: (row: VersionRow) => string
): SVGElement[] {
  const most = Math.min(6, order.length);
  const places = [
    ...new Set(Array.from({ length: most }, (_, k) => Math.round((k * (order.length - 1)) / Math.max(1, most - 1)))),
  ];
  return places.flatMap((at, k) => {
    const row = order[at];
    const anchor = k === 0 ? 'start' : k === places.length - 1 ? 'end' : 'middle';
    return row ? [words(x(at), y, date(row), { anchor, kind: k % 2 ? 'mlops-wide' : '' })] : [];
  });
}

type Placed = readonly [at: number, value: number | null];

/** Return values with their places: the lowest and the highest of neighbours where there are more than can be seen. */
export function thin(values: readonly (number | null)[]): Placed[] {
  if (values.length <= 2 * TREND.most) return values.map((value, at): Placed => [at, value]);
  const size = Math.ceil(values.length / TREND.most);
  return Array.from({ length: TREND.most }, (_, part) => ends(values, part * size, (part + 1) * size)).flat();
}

/** Return the lowest and the highest value of a part, in their order. */
function ends(values: readonly (number | null)[], from: number, to: number): Placed[] {
  let [low, high] = [Infinity, -Infinity];
  let [lowAt, highAt] = [-1, -1];
  for (let at = from; at < Math.min(to, values.length); at += 1) {
    const value = values[at];
    if (value === null || value === undefined) continue;
    if (value < low) [low, lowAt] = [value, at];
    if (value > high) [high, highAt] = [value, at];
  }
  if (lowAt < 0) return [];
  if (lowAt === highAt) return [[lowAt, low]];
  const both: Placed[] = [
    [lowAt, low],
    [highAt, high],
  ];
  return lowAt < highAt ? both : both.reverse();
}

/** Return a number in the little room beside an axis or a dot. */
function beside(value: number, digits: number): string {
  if (Math.abs(value) < 1e7) return fixed(value, digits);
  return Number(value.toPrecision(4)).toExponential().replace('e+', 'e').replace('-', '−');
}

/** Draw all versions on one axis for each metric, better up; champion and challenger in colour. */
export function parallel(
  columns: readonly MetricColumn[],
  rows: readonly VersionRow[],
  named: readonly { readonly row: VersionRow; readonly hue: number }[]
): SVGSVGElement {
  const [top, foot, height] = [28, 132, 150];
  const x = (place: number): number => (100 * place) / Math.max(1, columns.length - 1);
  const points = (row: VersionRow): Point[] =>
    columns.map((metric, place) => {
      const value = metricOf(row, metric);
      const share = value === null ? 0 : metric.better < 0 ? 1 - meterUp(value, metric) : meterUp(value, metric);
      return value === null ? null : [x(place), foot - (foot - top) * share];
    });
  const rest = rows.filter(row => named.every(each => each.row !== row)).slice(0, 200);
  const axes = columns.flatMap((metric, place) => {
    const anchor = place === 0 ? 'start' : place === columns.length - 1 ? 'end' : 'middle';
    const arrow = metric.better === 0 ? '' : metric.better > 0 ? ' ↑' : ' ↓';
    const [upper, lower] = metric.better < 0 ? [metric.low, metric.high] : [metric.high, metric.low];
    return [
      rule(x(place), top, x(place), foot, 'is-axis'),
      words(x(place), 10, `${metric.name}${arrow}`, { anchor, kind: 'is-ink' }),
      words(x(place), 23, fixed(upper, metric.digits), { anchor }),
      words(x(place), 146, fixed(lower, metric.digits), { anchor }),
    ];
  });
  const hues = named.map(({ row, hue }) => line(points(row), '', `stroke:var(--m-v${hue});stroke-width:2.5`));
  const dots = named.flatMap(({ row, hue }) =>
    points(row).flatMap(point =>
      point?.[1] == null ? [] : [dot(point[0], point[1], { style: `fill:var(--m-v${hue})` })]
    )
  );
  return plot(
    height,
    `${plural(rows.length, 'version')} on ${plural(columns.length, 'metric')}, better is up`,
    ...axes,
    stretch(height, ...rest.map(row => line(points(row), 'is-ref', 'stroke-opacity:.38;stroke-width:1')), ...hues),
    ...dots
  );
}

function meterUp(value: number, { low, high }: MetricColumn): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}
