/** The lanes of a journey: one picture below the other, on the same axis. */

import {
  band,
  box,
  dot,
  line,
  mark,
  type Point,
  plot,
  rule,
  SQUARE,
  scale,
  short,
  stretch,
  TRIANGLE,
  words,
} from '../../components/picture';
import { h, svg } from '../../dom';
import { number, plural } from '../../format';
import type { CheckedMetric, VerdictRow } from '../../wire';
import { type Axis, axis } from './axis';
import { callVersion, type Journey, MOST_ALIASES, movedAliases, type Named, RETRAINED, stretches } from './record';

interface Lane {
  readonly name: string;
  readonly about: string;
  readonly picture: SVGSVGElement;
}

export interface Lanes {
  readonly node: HTMLElement;
  readonly axis: Axis;
}

const WIDE = 7; // percent of the width in which a version's name has room
const CELL = 8.9; // percent of the width that a check takes at most

/** Return the lanes of a model from `start` to `now`. */
export function laneTable(record: Journey, named: readonly Named[], start: number, now: number): Lanes {
  const shown = axis(start, now);
  const hue = (version: string): string => {
    const found = named.find(each => each.version === version);
    return found ? `--c:var(--m-v${found.hue})` : '--c:var(--m-ref)';
  };
  const lanes = [
    versionLane(record, named, shown, hue),
    ...movedAliases(record.history.history)
      .slice(0, MOST_ALIASES)
      .map(alias => aliasLane(record, alias, shown, hue)),
    requestLane(record, shown, hue),
    driftLane(record.verdicts, shown),
    metricLane(record.verdicts, shown),
    retrainingLane(record, shown),
  ].filter(lane => lane !== null);
  const ticks = plot(
    16,
    '',
    ...shown.ticks
      .filter(({ x }) => x < 94)
      .map(({ x, words: day }, place) =>
        words(x, 12, day, { anchor: x < 3 ? 'start' : 'middle', kind: place % 2 || x > 84 ? 'mlops-wide' : '' })
      ),
    words(100, 12, 'now', { anchor: 'end' })
  );
  const grid = svg(
    'svg',
    { class: 'mlops-plot', style: 'height:100%', 'aria-hidden': 'true' },
    ...shown.ticks.map(({ x }) => svg('line', { x1: `${short(x)}%`, x2: `${short(x)}%`, y1: 0, y2: '100%' }))
  );
  const node = h(
    'div',
    { class: 'mlops-lanes' },
    ...lanes.map(({ name, about, picture }) =>
      h('div', { class: 'mlops-lane' }, h('div', {}, name, h('small', {}, about)), h('div', {}, picture))
    ),
    h('div', { class: 'mlops-lane is-days' }, h('div'), h('div', {}, ticks)),
    h('div', { class: 'mlops-grid' }, grid)
  );
  return { node, axis: shown };
}

function versionLane(
  { history }: Journey,
  named: readonly Named[],
  { x, start }: Axis,
  hue: (version: string) => string
): Lane {
  const pins = history.history.filter(each => each.event === 'pin' && each.version !== null);
  const known = new Map(named.map(each => [each.version, each]));
  const inSight = pins.filter(each => Date.parse(each.time) >= start);
  const small = inSight.filter(each => !known.has(each.version ?? ''));
  const large = inSight.filter(each => known.has(each.version ?? ''));
  const title = (version: string | null): string => `${callVersion(version, history.numbers)}, ${version ?? ''}`;
  let last = -Infinity;
  const names = [...large].reverse().flatMap(each => {
    const at = x(Date.parse(each.time));
    if (at - last < 4) return [];
    last = at;
    return [
      words(at, 10, callVersion(each.version, history.numbers), {
        anchor: at > 96 ? 'end' : at < 4 ? 'start' : 'middle',
        kind: 'is-ink mlops-roomy',
      }),
    ];
  });
  const picture = plot(
    34,
    `${plural(pins.length, 'version')}; ${named.length} of them ${named.length === 1 ? 'was' : 'were'} named`,
    ...small.map(each =>
      dot(x(Date.parse(each.time)), 24, {
        kind: 'is-dot',
        r: 2.5,
        style: 'fill:var(--m-ref)',
        title: title(each.version),
      })
    ),
    ...large.map(each =>
      dot(x(Date.parse(each.time)), 24, {
        kind: 'is-dot',
        r: 6,
        style: hue(each.version ?? ''),
        title: title(each.version),
      })
    ),
    ...names
  );
  return { name: 'Versions', about: String(pins.length), picture };
}

function aliasLane(
  { history }: Journey,
  alias: string,
  { x, start, end }: Axis,
  hue: (version: string) => string
): Lane {
  const found = stretches(history.history, alias, start, end).filter(each => each.to > start);
  const lost = history.history.filter(
    each => each.event === 'conflict' && each.alias === alias && Date.parse(each.time) >= start
  );
  const name = (version: string): string => callVersion(version, history.numbers);
  const ribbons = found.map(({ version, from, to }) => {
    const [left, right] = [Math.max(0, x(from)), x(to)];
    return svg(
      'g',
      { style: hue(version) },
      box(left, 2, right - left - 0.15, 20, { kind: 'mlops-ribbon', rx: 3, title: `${alias} was ${name(version)}` }),
      svg('rect', { x: `${short(left)}%`, y: 2, width: 3, height: 20, rx: 1 }),
      right - left > WIDE ? words(left, 16, name(version), { dx: 9, kind: 'is-ink' }) : null
    );
  });
  const conflicts = lost.map(each =>
    mark(x(Date.parse(each.time)), 12, 'M-3 -3 3 3M3 -3-3 3', {
      kind: 'is-bad',
      title: `${each.by ?? 'someone'} wanted ${callVersion(each.version, history.numbers)} in the same moment`,
    })
  );
  const now = found.at(-1);
  const label =
    found.length > 0 ? `${alias}: ${found.map(each => name(each.version)).join(', then ')}` : `${alias} named nothing`;
  return {
    name: `${alias[0]?.toUpperCase() ?? ''}${alias.slice(1)}`,
    about: now && now.to >= end ? name(now.version) : 'no version',
    picture: plot(24, label, ...ribbons, ...conflicts),
  };
}

/** Draw requests per second, one version upon the other. */
function requestLane(
  { traffic, history }: Journey,
  { x, start: from }: Axis,
  hue: (version: string) => string
): Lane | null {
  const { start, seconds, versions } = traffic;
  const entries = Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1));
  if (seconds === 0 || entries.length === 0) return null;
  const bins = entries[0]?.[1].length ?? 0;
  const totals = Array.from(
    { length: bins },
    (_, bin) => entries.reduce((sum, [, counts]) => sum + (counts[bin] ?? 0), 0) / seconds
  );
  const top = Math.max(...totals, 1e-9);
  const y = scale(0, top, 62, 4);
  const edges = (bin: number): readonly [number, number] => [
    x(1000 * (start + bin * seconds)),
    x(1000 * (start + (bin + 1) * seconds)),
  ];
  const feet = new Array<number>(bins).fill(0);
  const areas = entries.map(([version, counts]) => {
    const points = counts.flatMap((count, bin): (readonly [number, number, number])[] => {
      const foot = feet[bin] ?? 0;
      const upper = foot + count / seconds;
      feet[bin] = upper;
      const [left, right] = edges(bin);
      return right < 0
        ? []
        : [
            [Math.max(0, left), y(foot), y(upper)],
            [right, y(foot), y(upper)],
          ];
    });
    return band(points, 'is-fill', `${hue(version)};fill-opacity:.62`);
  });
  const since = 1000 * (start + bins * seconds) < from;
  const names = entries.map(([version]) => callVersion(version, history.numbers)).join(', ');
  const label = `Requests per second, at most ${number(Number(top.toPrecision(2)))}, by the version that answered: ${names}`;
  return {
    name: 'Requests',
    about: 'per second',
    picture: plot(
      64,
      since ? 'No request in this span' : label,
      rule(0, 62, 100, 62, 'is-axis'),
      stretch(64, ...areas),
      words(100, 4, `${number(Number(top.toPrecision(2)))}/s`, { anchor: 'end' })
    ),
  };
}

/** Draw a cell for each check: how many features drifted. */
function driftLane(verdicts: readonly VerdictRow[], { x, start }: Axis): Lane | null {
  const checks = [...verdicts].reverse().filter(each => Date.parse(each.created) >= start);
  if (checks.length === 0) return null;
  const cells = checks.map((each, place) => {
    const at = x(Date.parse(each.created));
    const before = place > 0 ? x(Date.parse(checks[place - 1]?.created ?? '')) : Math.max(0, at - CELL);
    const wide = Math.max(0.6, Math.min(CELL, at - before) - 0.2);
    const count = each.drifted.length;
    const style =
      count > 0
        ? `fill:color-mix(in oklab, var(--m-hot) ${Math.min(80, 20 + 16 * count)}%, var(--m-bg))`
        : 'fill:var(--m-wash2)';
    const room = wide > 2.5;
    return [
      box(at - wide, 1, wide, 22, { rx: 3, style, title: each.verdict }),
      ...(count > 0 && room
        ? [mark(at - wide / 2 - 0.6, 12.5, 'M0-3.6 4 3.2H-4Z', { kind: '', style: 'fill:var(--m-ink);stroke:none' })]
        : []),
      ...(room
        ? [
            words(at - wide / 2 + (count > 0 ? 0.2 : 0), 16, String(count), {
              anchor: count > 0 ? 'start' : 'middle',
              kind: count > 0 ? 'is-ink' : '',
            }),
          ]
        : []),
    ];
  });
  const label = `Drifted features at each check: ${checks
    .slice(-12)
    .map(each => each.drifted.length)
    .join(', ')}`;
  return { name: 'Drift', about: 'features', picture: plot(24, label, ...cells.flat()) };
}

interface Checked {
  readonly at: number;
  readonly metric: CheckedMetric;
}

/** Draw the first metric at each check: measured as dots, estimated as squares, below its limit as triangles. */
function metricLane(verdicts: readonly VerdictRow[], { x, start }: Axis): Lane | null {
  const name = verdicts.find(each => each.performance.length > 0)?.performance[0]?.metric;
  const found = [...verdicts].reverse().flatMap((each): Checked[] => {
    const own = each.performance.filter(metric => metric.metric === name && metric.score !== null);
    const metric = own.find(one => one.kind === 'measured') ?? own[0];
    const at = Date.parse(each.created);
    return metric && at >= start ? [{ at, metric }] : [];
  });
  if (name === undefined || found.length === 0) return null;
  const last = found.at(-1)?.metric;
  const limits = [last?.low, last?.high].filter(limit => typeof limit === 'number');
  const values = [...found.map(each => each.metric.score ?? 0), ...limits];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const y = scale(low, high === low ? low + 1 : high, 66, 8);
  const points = found.map(({ at, metric }): Point => [x(at), y(metric.score ?? 0)]);
  const marks = found.map(({ at, metric }) => {
    const [left, top, title] = [
      x(at),
      y(metric.score ?? 0),
      `${metric.metric} ${number(metric.score)}, ${metric.kind}`,
    ];
    const outside =
      (metric.low !== null && (metric.score ?? 0) < metric.low) ||
      (metric.high !== null && (metric.score ?? 0) > metric.high);
    if (outside) return mark(left, top, TRIANGLE, { kind: 'is-fill is-alert', title: `${title}, outside its limit` });
    if (metric.kind === 'measured') return dot(left, top, { r: 3, title });
    return mark(left, top, SQUARE, { kind: '', style: 'fill:var(--m-bg);stroke:var(--m-v2)', title });
  });
  const rules = limits.flatMap(limit => [
    rule(0, y(limit), 100, y(limit), 'is-limit'),
    words(0, y(limit) + (y(limit) > 40 ? -5 : 13), `limit ${number(limit)}`, { kind: 'is-alert is-halo', dx: 4 }),
  ]);
  const label = `${name} at each check, from ${number(found[0]?.metric.score)} to ${number(last?.score)}`;
  return { name, about: 'at each check', picture: plot(74, label, ...rules, stretch(74, line(points)), ...marks) };
}

const RING = 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0';

interface Outcome {
  readonly shape: string;
  readonly kind: string;
  readonly words: string;
}

/** Draw a mark where a retraining ended: its version was promoted, is a challenger, or there is none. */
function retrainingLane({ history }: Journey, { x, start }: Axis): Lane | null {
  const runs = history.history.filter(each => each.event === 'retrain_end' && Date.parse(each.time) >= start);
  if (runs.length === 0) return null;
  const promoted = new Set(
    history.history.flatMap(each => (RETRAINED.test(each.note ?? '') && each.version ? [each.version] : []))
  );
  const name = (version: string | null): string => callVersion(version, history.numbers);
  const outcome = (version: string | null): Outcome => {
    if (version === null) return { shape: 'M-2-2 2 2M2-2-2 2', kind: 'is-bad', words: 'no version' };
    if (promoted.has(version))
      return { shape: 'M-2.8.2-.8 2.2 2.8-2', kind: 'is-good', words: `${name(version)}, promoted` };
    return { shape: 'M-2.6 0H2.6', kind: 'is-ref', words: `${name(version)}, not promoted` };
  };
  let next = Infinity;
  const marks = runs.flatMap(({ time, version, note }) => {
    const [at, { shape, kind, words: made }] = [x(Date.parse(time)), outcome(version)];
    const drawn = mark(at, 12, RING + shape, { kind, title: `Retraining made ${made}${note ? `: ${note}` : ''}` });
    const room = next - at > WIDE;
    next = at;
    if (version === null || !room) return [drawn];
    const anchor = at > 92 ? 'end' : 'start'; // beside the mark, and within the picture
    return [drawn, words(at, 16, name(version), { dx: at > 92 ? -10 : 10, anchor, kind: 'mlops-roomy' })];
  });
  const label = `Retrainings, newest first: ${runs.map(each => outcome(each.version).words).join('; ')}`;
  return { name: 'Retraining', about: plural(runs.length, 'run'), picture: plot(24, label, ...marks) };
}
