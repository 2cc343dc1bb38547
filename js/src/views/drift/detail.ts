/** One feature: how it is distributed then and now, and its effect by period. */

import { iconButton } from '../../components/button';
import { chip, state } from '../../components/chip';
import { key } from '../../components/layout';
import {
  box,
  dot,
  line,
  mark,
  niceTicks,
  type Point,
  plot,
  rule,
  scale,
  shares,
  steps,
  stretch,
  TRIANGLE,
  words,
} from '../../components/picture';
import { type Child, h } from '../../dom';
import { among, date, decimals, effect, fixed, number, percent, plural, probability } from '../../format';
import { down } from '../../icons.json';
import type { DriftFeature, Histogram, NumberFacts, Report } from '../../wire';
import type { Range } from './brush';
import { inFloors, verdictOf } from './features';

const LABELS = 14; // letters of a category's name beside its line
const WHOLE = 'all'; // how the only period is called

export function detail(
  report: Report,
  row: DriftFeature,
  range: Range,
  signal: AbortSignal,
  next: () => void
): HTMLElement {
  const found = report.distributions.find(each => each.feature === row.feature) ?? null;
  const verdict = verdictOf(row);
  const since = row.since && verdict === 'drifted' ? `Drifted since ${among(row.since, report.periods)}` : undefined;
  const facts = [
    `${row.statistic.replaceAll('_', ' ')} ${effect(row.score)}`,
    row.threshold ? `floor ${effect(row.threshold)}` : '',
    row.q_value === null
      ? row.p_value === null
        ? ''
        : `p ${probability(row.p_value)}`
      : `q ${probability(row.q_value)}`,
  ].filter(Boolean);
  const header = h(
    'header',
    {},
    h('h3', {}, row.feature),
    state(verdict, since),
    h('small', {}, facts.join(', ')),
    h('span', { class: 'mlops-end' }),
    report.features.length > 1 && iconButton(down, 'Next feature', { signal, kind: 'is-small', press: next }),
    row.sentence && h('p', {}, row.sentence)
  );
  const several = report.periods.length > 1;
  return h(
    'section',
    { class: 'mlops-detail', 'aria-label': row.feature },
    header,
    found
      ? distribution(found, report, range)
      : h('p', { class: 'mlops-2' }, 'No distribution was kept for this feature.'),
    h(
      'div',
      {},
      several ? effects(row, report, range) : null,
      found?.facts[0] && found.facts[1] ? factTable(found, found.facts[0], found.facts[1]) : missingLine(found, range)
    )
  );
}

function figure(name: string, about: Child, ...body: Child[]): HTMLElement {
  return h('figure', { class: 'mlops-figure' }, h('figcaption', {}, name, about), ...body);
}

/** Counts of each bar in the periods that are looked at. */
export function countsNow(found: Histogram, range: Range): number[] {
  const chosen = found.current.slice(range.from, range.to + 1);
  return found.reference.map((_, bar) => chosen.reduce((sum, counts) => sum + (counts[bar] ?? 0), 0));
}

function distribution(found: Histogram, report: Report, range: Range): HTMLElement {
  const now = countsNow(found, range);
  const [rows, then] = [now.reduce((a, b) => a + b, 0), found.reference.reduce((a, b) => a + b, 0)];
  const chosen = report.periods.slice(range.from, range.to + 1);
  const all = chosen.length === report.periods.length;
  const when =
    all || chosen[0]?.label === WHOLE
      ? 'now'
      : chosen.length === 1
        ? among(chosen[0]?.label ?? '', report.periods)
        : `${among(chosen[0]?.label ?? '', report.periods)} to ${among(chosen.at(-1)?.label ?? '', report.periods)}`;
  const marks = key(
    ['ref', `training, ${plural(then, 'row')}`],
    ['cur', `${when}, ${plural(rows, 'row')}`],
    ...outside(found.facts[1])
  );
  return found.edges.length > 0
    ? figure('Distribution', marks, h('div', { class: 'mlops-inset' }, overlay(found, now)))
    : figure('Share of rows', marks, dots(found, now));
}

/** The entry of the legend for rows beyond the range of the training, if there are any. */
function outside(now: Histogram['facts'][number] | undefined): [HTMLElement, string][] {
  if (!now?.outside) return [];
  const words = `${percent(now.outside)} outside the range of training`;
  return [[h('span', { 'data-s': 'alert', class: 'mlops-delta' }, words), '']];
}

const APART = 14; // percent of the width between two numbers of an axis
const TALL = { height: 176, top: 22, foot: 150 } as const;

/** Draw bars of numbers: grey is the training, the outline is now. */
function overlay(found: Histogram, now: readonly number[]): SVGSVGElement {
  const [a, b] = [shares(found.reference), shares(now)];
  const y = scale(0, Math.max(...a, ...b, 1e-12), TALL.foot, TALL.top);
  const width = 100 / a.length;
  const edges = [...a.map((_, place) => width * place), 100];
  const ticks = niceTicks(0, Math.max(...a, ...b)).filter(tick => tick > 0);
  const grid = ticks.flatMap(tick => [
    rule(0, y(tick), 100, y(tick)),
    words(0, y(tick) + 4, percent(tick, tick < 0.01 ? 1 : 0), { anchor: 'end', dx: -6 }),
  ]);
  const bars = a.map((value, bar) =>
    box((edges[bar] ?? 0) + 0.2, y(value), width - 0.4, TALL.foot - y(value), {
      kind: 'is-ref',
      style: 'fill-opacity:.45',
      title: `${found.bars[bar] ?? ''}: training ${percent(value)}, now ${percent(b[bar])}`,
    })
  );
  const [then, facts] = found.facts;
  const risen = (then?.mean ?? 0) <= (facts?.mean ?? 0); // the lower mean has its number on the left
  const middles =
    then && facts ? [...middle(found, then.mean, '', risen), ...middle(found, facts.mean, 'is-cur', !risen)] : [];
  const tops = b.map(y);
  return plot(
    TALL.height,
    `${found.feature}: training grey, now outlined${then && facts ? `; the mean was ${number(then.mean)} and is ${number(facts.mean)}` : ''}`,
    ...grid,
    ...bars,
    stretch(TALL.height, steps(edges, tops, TALL.foot, 'is-band'), steps(edges, tops, TALL.foot)),
    ...middles,
    rule(0, TALL.foot, 100, TALL.foot, 'is-axis'),
    ...axis(found)
  );
}

/** Where a value is among the bars, in percent; the outermost bars reach to infinity. */
function place({ edges }: Histogram, wanted: number): number {
  const value = areWhole(edges) ? wanted - 0.5 : wanted;
  const width = 100 / (edges.length + 1);
  const above = edges.findIndex(edge => edge > value);
  if (above === 0) return width / 2;
  if (above < 0) return 100 - width / 2;
  const [low, high] = [edges[above - 1] ?? 0, edges[above] ?? 1];
  return width * (above + (value - low) / (high - low || 1));
}

/** Mark a mean by a rule with its number above it, on the side that is free of the other's. */
function middle(found: Histogram, value: number | null, kind: string, left: boolean): SVGElement[] {
  if (value === null) return [];
  const x = place(found, value);
  const style = kind ? 'stroke:var(--m-cur);stroke-dasharray:2 3' : null;
  const label = `${kind ? '' : 'mean '}${number(Number(value.toPrecision(3)))}`;
  return [
    rule(x, TALL.top - 8, x, TALL.foot, kind ? '' : 'is-rule', style),
    words(x, TALL.top - 12, label, {
      anchor: left ? 'end' : 'start',
      kind: kind ? 'is-ink is-halo' : 'is-halo',
      dx: left ? -3 : 3,
    }),
  ];
}

/** Return round numbers below the bars where they are, whole ones below whole numbers, and days below times. */
function axis(found: Histogram): SVGElement[] {
  const { edges, kind } = found;
  const times = kind === 'datetime';
  const round = times || found.scale === 'log' ? edges : niceTicks(edges[0] ?? 0, edges.at(-1) ?? 0, 6);
  let before = -APART;
  return round.flatMap(value => {
    const x = place(found, value);
    if (x - before < APART || (areWhole(edges) && !Number.isInteger(value))) return [];
    before = x;
    const written = times ? date(new Date(1000 * value).toISOString()) : number(Number(value.toPrecision(3)));
    return [words(x, TALL.foot + 16, written, { anchor: 'middle' })];
  });
}

/** Return whether bars are of whole numbers, whose edges are whole: each bar then has its upper edge in it. */
function areWhole(edges: readonly number[]): boolean {
  return edges.every(Number.isInteger);
}

/** Draw two dots on one line for each category, the largest change first. */
function dots(found: Histogram, now: readonly number[]): HTMLElement {
  const [a, b] = [shares(found.reference), shares(now)];
  const most = Math.max(...a, ...b, 1e-12);
  const x = scale(0, most, 0, 98);
  const change = (bar: number): number => Math.abs((b[bar] ?? 0) - (a[bar] ?? 0));
  const fresh = (bar: number): boolean => found.new.includes(found.bars[bar] ?? '');
  const order = found.bars
    .map((_, bar) => bar)
    .sort((p, q) => Number(fresh(q)) - Number(fresh(p)) || change(q) - change(p));
  const lines = order.flatMap(bar => {
    const [name, was, is] = [found.bars[bar] ?? '', a[bar] ?? 0, b[bar] ?? 0];
    const hue = fresh(bar) ? 'var(--m-hot)' : 'var(--m-cur)';
    const shown = name.length > LABELS ? `${name.slice(0, LABELS - 1)}…` : name;
    return [
      h(
        'span',
        { class: 'mlops-category', title: name },
        shown,
        fresh(bar) && ' ',
        fresh(bar) && chip('new', 'is-open')
      ),
      plot(
        18,
        `${name}: training ${percent(was)}, now ${percent(is)}`,
        rule(0, 9, 100, 9),
        rule(x(was), 9, x(is), 9, '', `stroke:${hue};stroke-width:3;stroke-opacity:.45`),
        fresh(bar) ? null : dot(x(was), 9, { kind: 'is-dot is-ref', r: 5 }),
        fresh(bar) ? mark(x(is), 10, TRIANGLE, { kind: 'is-fill is-alert' }) : dot(x(is), 9, { r: 5 })
      ),
      h('span', { class: 'mlops-num' }, `${fresh(bar) ? '' : `${percent(was)} → `}${percent(is)}`),
    ];
  });
  return h('div', { class: 'mlops-lines' }, ...lines);
}

const LOW = { height: 112, top: 8, foot: 90 } as const;

/** Draw the effect in each period against the floor. */
function effects(row: DriftFeature, report: Report, range: Range): HTMLElement {
  const known = row.scores.filter(score => score !== null).map(Math.abs);
  const floor = row.threshold ?? 0;
  const top = Math.max(...known, floor * 1.5, 1e-12);
  const y = scale(0, top, LOW.foot, LOW.top);
  const width = 100 / row.scores.length;
  const x = (at: number): number => width * (at + 0.5);
  const zone = floor
    ? [
        box(0, y(floor), 100, LOW.foot - y(floor), { style: 'fill:var(--m-fg);fill-opacity:.05' }),
        rule(0, y(floor), 100, y(floor), 'is-limit'),
        LOW.foot - y(floor) < 18
          ? words(0, y(floor) - 5, 'too small to matter', { dx: 4, kind: 'is-halo' }) // the last effects are large then
          : words(100, y(floor) + 14, 'too small to matter', { dx: -4, anchor: 'end', kind: 'is-halo' }),
      ]
    : [];
  const shown = box(width * range.from, LOW.top, width * (range.to - range.from + 1), LOW.foot - LOW.top, {
    style: 'fill:var(--m-cur);fill-opacity:.06',
  });
  const whole = range.from === 0 && range.to === report.periods.length - 1;
  const few = row.scores.length <= 60;
  const marks = row.scores.flatMap((score, at): SVGElement[] => {
    if (score === null) return [];
    const title = `${among(report.periods[at]?.label ?? '', report.periods)}: ${inFloors(score, row, report)}`;
    if (row.drifted_in[at])
      return [mark(x(at), y(Math.abs(score)), TRIANGLE, { kind: 'is-fill is-alert', title: `${title}, drifted` })];
    return few ? [dot(x(at), y(Math.abs(score)), { kind: 'is-ring', r: 3, title })] : [];
  });
  const ticks = niceTicks(0, top).flatMap(tick => [
    words(0, y(tick) + 4, fixed(tick, decimals([top]) > 2 ? 2 : 1), { anchor: 'end', dx: -6 }),
  ]);
  const last = report.periods.length - 1;
  const days = [...new Set([0, Math.round(last / 2), last])].map(at =>
    words(at === 0 ? 0 : at === last ? 100 : x(at), 106, among(report.periods[at]?.label ?? '', report.periods), {
      anchor: at === 0 ? 'start' : at === last ? 'end' : 'middle',
      kind: at % last ? 'mlops-wide' : '',
    })
  );
  const points = row.scores.map((score, at): Point => [x(at), score === null ? null : y(Math.abs(score))]);
  const picture = plot(
    LOW.height,
    `Effect of ${row.feature} by period; floor ${effect(floor)}`,
    whole ? null : shown,
    ...zone,
    stretch(LOW.height, line(points)),
    ...marks,
    ...ticks,
    ...days
  );
  return figure('Effect by period', null, h('div', { class: 'mlops-inset' }, picture));
}

function factTable(found: Histogram, then: NumberFacts, now: NumberFacts): HTMLElement {
  const digits = Math.min(3, decimals([then.mean, now.mean, then.std]));
  const written = (value: number | null): string =>
    value !== null && Math.abs(value) >= 1000 ? number(Math.round(value)) : fixed(value, digits);
  const missing = missingShares(found);
  const rows: [string, string, string][] = [
    ['mean', written(then.mean), written(now.mean)],
    ['standard deviation', written(then.std), written(now.std)],
    ['smallest', number(then.smallest), number(now.smallest)],
    ['largest', number(then.largest), number(now.largest)],
    ['missing', percent(missing[0]), percent(missing[1])],
  ];
  const cells = rows.flatMap(([name, was, is]) => [
    h('span', {}, name),
    h('span', { class: 'mlops-num' }, was),
    h('span', { class: 'mlops-num' }, is),
  ]);
  return h(
    'div',
    { class: 'mlops-lines mlops-facts' },
    h('small'),
    h('small', {}, 'training'),
    h('small', {}, 'now'),
    ...cells
  );
}

function missingLine(found: Histogram | null, range: Range): HTMLElement | null {
  if (!found) return null;
  const [was, is] = missingShares(found, range);
  if (was === 0 && is === 0) return h('p', { class: 'mlops-2' }, 'No value is missing.');
  return h('p', { class: 'mlops-2' }, `Missing: training ${percent(was)}, now ${percent(is)}`);
}

/** The share of missing values then and now. */
function missingShares(
  found: Histogram,
  range: Range = { from: 0, to: found.current.length - 1 }
): readonly [number, number] {
  const [then = 0, ...rest] = found.missing;
  const missing = rest.slice(range.from, range.to + 1).reduce((a, b) => a + b, 0);
  const rows = countsNow(found, range).reduce((a, b) => a + b, 0) + missing;
  return [then / Math.max(1, then + found.reference.reduce((a, b) => a + b, 0)), missing / Math.max(1, rows)];
}
