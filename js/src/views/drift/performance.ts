/** The performance by period: measured and estimated, each with its band, and the limits that were set. */

import { segmented } from '../../components/button';
import { key, part } from '../../components/layout';
import {
  band,
  box,
  dot,
  line,
  mark,
  niceTicks,
  type Point,
  plot,
  rule,
  type Scale,
  SQUARE,
  scale,
  stretch,
  TRIANGLE,
  words,
} from '../../components/picture';
import { type Child, h, replace } from '../../dom';
import { among, decimals, fixed, number, percent, plural, shortName } from '../../format';
import type { PerformanceRow, Report } from '../../wire';
import type { Range } from './brush';

const TALL = { height: 190, top: 22, foot: 132 } as const;
const MOST_SEGMENTED = 4; // metrics that are chosen by a row of words; more by a list

/** Return the course of one metric at a time; nothing without any score. */
export function performance(report: Report, range: Range, signal: AbortSignal): HTMLElement | null {
  const metrics = [...new Set(report.performance.filter(row => row.score !== null).map(row => row.metric))];
  const [first] = metrics;
  if (first === undefined) return null;
  const place = h('div');
  const draw = (metric: string): void => replace(place, ...course(report, range, metric));
  draw(first);
  const options = metrics.map(name => [name, name] as const);
  const choice =
    metrics.length < 2
      ? null
      : metrics.length <= MOST_SEGMENTED
        ? segmented('Metric', options, first, signal, draw)
        : list(metrics, signal, draw);
  return part('Performance', null, [place], [choice]);
}

function list(metrics: readonly string[], signal: AbortSignal, choose: (metric: string) => void): HTMLElement {
  const made = h(
    'select',
    { class: 'mlops-input mlops-narrow', 'aria-label': 'Metric', signal, on: { change: () => choose(made.value) } },
    ...metrics.map(name => h('option', { value: name }, name))
  );
  return made;
}

interface Scene {
  readonly report: Report;
  readonly rows: readonly PerformanceRow[];
  readonly places: ReadonlyMap<string, number>;
  readonly x: (place: number) => number;
  readonly y: Scale;
  readonly limits: readonly [number | null, number | null];
}

function course(report: Report, range: Range, metric: string): Child[] {
  const rows = report.performance.filter(row => row.metric === metric && row.score !== null);
  if (report.periods.length < 2) return [oneScore(rows, report, metric)];
  const limits = report.limits[metric] ?? [null, null];
  const values = [...rows.flatMap(row => [row.score, row.lower, row.upper]), ...limits].filter(
    (value): value is number => value !== null
  );
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const y = scale(Math.min(...values, ...ticks), Math.max(...values, ...ticks), TALL.foot, TALL.top);
  const width = 100 / report.periods.length;
  const scene: Scene = {
    report,
    rows,
    limits,
    y,
    places: new Map(report.periods.map((each, place) => [each.label, place])),
    x: place => width * (place + 0.5),
  };
  const digits = decimals(ticks);
  const grid = ticks.flatMap(tick => [
    rule(0, y(tick), 100, y(tick)),
    words(0, y(tick) + 4, fixed(tick, digits), { anchor: 'end', dx: -8 }),
  ]);
  const [measured, estimated] = ['measured', 'estimated'].map(kind => rows.filter(row => row.kind === kind));
  const shown = box(width * range.from, TALL.top, width * (range.to - range.from + 1), TALL.foot - TALL.top, {
    style: 'fill:var(--m-cur);fill-opacity:.06',
  });
  const whole = range.from === 0 && range.to === report.periods.length - 1;
  const picture = plot(
    TALL.height,
    described(metric, measured ?? [], estimated ?? [], limits),
    whole ? null : shown,
    ...grid,
    stretch(
      TALL.height,
      ...bands(scene, estimated ?? [], 'fill:var(--m-v2);fill-opacity:.12'),
      ...bands(scene, measured ?? [], null),
      line(points(scene, estimated ?? []), 'is-dash', 'stroke:var(--m-v2)'),
      line(points(scene, measured ?? []))
    ),
    ...limitRules(scene),
    ...versionRules(scene),
    ...marks(scene),
    ...truthBars(scene, width),
    ...days(scene)
  );
  const hasEstimates = (estimated?.length ?? 0) > 0;
  const legend = key(
    (measured?.length ?? 0) > 0 && ['line', 'measured, with its 95% band'],
    hasEstimates && ['dash', 'estimated without truth'],
    limits.some(limit => limit !== null) && ['limit', 'your limit'],
    report.periods.some(each => each.labelled > 0) && ['ref', 'truth known'],
    report.periods.some(each => !each.estimate_valid) && hasEstimates && ['doubt', 'estimate not valid there']
  );
  return [h('div', { class: 'mlops-inset is-wide' }, picture), legend];
}

/** One score with its band and limits, where there is only one period. */
function oneScore(rows: readonly PerformanceRow[], report: Report, metric: string): HTMLElement {
  const [low, high] = report.limits[metric] ?? [null, null];
  const limits = [low === null ? '' : `at least ${number(low)}`, high === null ? '' : `at most ${number(high)}`]
    .filter(Boolean)
    .join(', ');
  const lines = rows.flatMap(row => {
    const digits = decimals([row.score, row.lower, row.upper]);
    const outside = isOutside(row.score, [low, high]);
    return [
      h('span', {}, row.kind),
      h(
        'span',
        { class: `mlops-num${outside ? ' mlops-state' : ''}`, 'data-s': outside ? 'alert' : null },
        fixed(row.score, digits)
      ),
      h(
        'small',
        {},
        [
          row.lower === null || row.upper === null ? '' : `${fixed(row.lower, digits)} to ${fixed(row.upper, digits)}`,
          `${plural(row.n, 'row')}`,
          limits && `limit: ${limits}`,
        ]
          .filter(Boolean)
          .join('; ')
      ),
    ];
  });
  return h('div', { class: 'mlops-lines mlops-scores' }, ...lines);
}

function described(
  metric: string,
  measured: readonly PerformanceRow[],
  estimated: readonly PerformanceRow[],
  [low, high]: readonly (number | null)[]
): string {
  const of = (rows: readonly PerformanceRow[], kind: string): string =>
    rows.length > 0 ? `${kind} from ${number(rows[0]?.score)} to ${number(rows.at(-1)?.score)}` : '';
  const limit = low ?? high;
  return `${metric} by period, ${[of(measured, 'measured'), of(estimated, 'estimated'), typeof limit === 'number' ? `limit ${number(limit)}` : ''].filter(Boolean).join(', ')}`;
}

function points({ places, x, y, report }: Scene, rows: readonly PerformanceRow[]): Point[] {
  const known = new Map(rows.map(row => [row.period, row.score]));
  return report.periods.map(({ label }) => {
    const score = known.get(label);
    return score === null || score === undefined ? null : [x(places.get(label) ?? 0), y(score)];
  });
}

/** Fill the bands, with a gap where a period has none. */
function bands(
  { places, x, y }: Scene,
  rows: readonly PerformanceRow[],
  style: string | null
): (SVGPathElement | null)[] {
  const runs: [number, number, number][][] = [[]];
  let last = -2;
  for (const row of rows) {
    const place = places.get(row.period) ?? 0;
    if (row.lower === null || row.upper === null) continue;
    if (place !== last + 1) runs.push([]);
    runs.at(-1)?.push([x(place), y(row.lower), y(row.upper)]);
    last = place;
  }
  return runs.filter(run => run.length > 0).map(run => band(run, 'is-band', style));
}

function limitRules({ limits, y }: Scene): SVGElement[] {
  return limits.flatMap(limit =>
    limit === null
      ? []
      : [
          rule(0, y(limit), 100, y(limit), 'is-limit'),
          words(0, y(limit) + 14, `limit ${number(limit)}`, { dx: 4, kind: 'is-alert is-halo' }),
        ]
  );
}

function versionRules({ report, places, x }: Scene): SVGElement[] {
  return [...places].flatMap(([label, place]) => {
    const begun = report.versions
      .filter(each => each.period === label)
      .map(each => shortName(each.version, each.number));
    const at = x(place) - 50 / places.size;
    return begun[0]
      ? [
          rule(at, 14, at, TALL.foot, 'is-rule'),
          words(at, 10, begun.join(), { anchor: at > 70 ? 'end' : 'start', kind: 'is-ink' }, ' answers'),
        ]
      : [];
  });
}

export function isOutside(score: number | null, [low, high]: readonly (number | null)[]): boolean {
  return score !== null && ((typeof low === 'number' && score < low) || (typeof high === 'number' && score > high));
}

function marks(scene: Scene): SVGElement[] {
  const { rows, places, x, y, limits, report } = scene;
  const few = report.periods.length <= 60;
  const valid = new Set(report.periods.filter(each => each.estimate_valid).map(each => each.label));
  return [...rows]
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
    .flatMap((row): SVGElement[] => {
      const [left, top] = [x(places.get(row.period) ?? 0), y(row.score ?? 0)];
      const title = `${among(row.period, report.periods)}: ${row.kind} ${number(row.score)}, ${plural(row.n, 'row')}`;
      if (row.kind === 'estimated') {
        if (!few) return [];
        const style = valid.has(row.period)
          ? 'fill:var(--m-bg);stroke:var(--m-v2)'
          : 'fill:none;stroke:var(--m-ref);stroke-dasharray:2 2';
        return [
          mark(left, top, SQUARE, { kind: '', style, title: valid.has(row.period) ? title : `${title}; not valid` }),
        ];
      }
      if (isOutside(row.score, limits))
        return [mark(left, top, TRIANGLE, { kind: 'is-fill is-alert', title: `${title}, outside the limit` })];
      return few ? [dot(left, top, { title })] : [];
    });
}

/** Draw for how many rows of each period the truth is known. */
function truthBars({ report, places }: Scene, width: number): SVGElement[] {
  if (report.periods.every(each => each.labelled === 0)) return [];
  return report.periods.flatMap(each => {
    const left = width * (places.get(each.label) ?? 0) + width / 16;
    const [wide, share] = [width - width / 8, each.labelled / Math.max(1, each.n)];
    const title = `${among(each.label, report.periods)}: truth known for ${percent(share, 0)}`;
    return [
      box(left, 150, wide, 12, { rx: 2, style: 'fill:var(--m-wash2)', title }),
      box(left, 150, wide * share, 12, { kind: 'is-ref', rx: 2, style: 'fill-opacity:.6;pointer-events:none' }),
    ];
  });
}

function days({ report, x }: Scene): SVGElement[] {
  const last = report.periods.length - 1;
  const every = Math.max(1, Math.ceil(report.periods.length / 8));
  return report.periods.flatMap((each, place) => {
    if (place % every !== 0 && place !== last) return [];
    if (place !== last && last - place < every) return [];
    const name = among(each.label, report.periods);
    const long = name.length > 8; // two of them are as wide as a narrow place
    const kind = (place / every) % 2 ? 'mlops-roomy' : long && place % last ? 'mlops-wide' : '';
    return [words(x(place), 180, name, { anchor: 'middle', kind })];
  });
}
