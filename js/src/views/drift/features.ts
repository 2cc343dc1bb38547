/** The list of features: everything about one on one line. */

import { state } from '../../components/chip';
import { icon, type Shape } from '../../components/icon';
import { key, part } from '../../components/layout';
import { box, bullet, histogram, plot, svgMark, words } from '../../components/picture';
import { below, type Column, cell, table } from '../../components/table';
import { breakable, type Child, h, svg } from '../../dom';
import { among, count, effect, plural, probability, times, unit } from '../../format';
import { feature as bars, category, clock } from '../../icons.json';
import type { DriftFeature, Report } from '../../wire';
import type { Range } from './brush';

interface Table {
  readonly report: Report;
  readonly ranked: readonly DriftFeature[];
  readonly range: Range;
  readonly chosen: string | null;
  readonly signal: AbortSignal;
  readonly choose: (feature: string, only?: Range) => void;
}

/** A column of the list. */
interface Shown {
  readonly column: Column<DriftFeature>;
  readonly draw: (row: DriftFeature, about: Table) => HTMLTableCellElement;
}

const MARKED = 20; // periods beyond which cells have no triangle

/** What stands elsewhere: in the detail, in the title or the tick of the effect, in the icon, in the strip. */
type Elsewhere =
  | 'statistic'
  | 'threshold'
  | 'p_value'
  | 'severity'
  | 'drifted'
  | 'n_reference'
  | 'drifted_in'
  | 'kind'
  | 'since'
  | 'sentence';
type Field = Exclude<keyof DriftFeature, Elsewhere>;

/** Every other field of the record: a new one does not compile before it has its place. */
const FIELDS: Readonly<Record<Field, Shown>> = {
  feature: {
    column: { head: 'Feature', name: 'feature', sort: row => row.feature },
    draw: (row, about) => cell('', nameButton(row, about)),
  },
  verdict: {
    column: { head: 'Verdict', name: 'verdict', sort: row => VERDICTS.indexOf(verdictOf(row)) },
    draw: row => cell('', state(verdictOf(row))),
  },
  score: {
    column: {
      head: 'Effect, worst period',
      name: 'effect',
      sort: row => row.severity,
      down: true,
      kind: 'mlops-effect',
    },
    draw: effectCell,
  },
  q_value: {
    column: { head: 'q', name: 'q', sort: row => row.q_value ?? row.p_value, kind: 'mlops-num mlops-q' },
    draw: row => cell('mlops-num mlops-q mlops-2', probability(row.q_value ?? row.p_value)),
  },
  n_current: {
    column: { head: 'Then, now', kind: 'mlops-now' },
    draw: (row, about) => below('', 'mlops-now', small(row, about)),
  },
  scores: {
    column: { head: '', kind: 'mlops-map' },
    draw: (row, about) => below('', 'mlops-map', strip(row, about)),
  },
};
const ORDER: readonly Field[] = ['feature', 'verdict', 'score', 'q_value', 'n_current', 'scores'];
const VERDICTS = ['drifted', 'small', 'unsure', 'stable'];
const ICONS: Readonly<Record<string, Shape>> = {
  categorical: category,
  boolean: category,
  text: category,
  datetime: clock,
};

/** Return the verdict on a feature; reports of version 0.1 know two of them. */
export function verdictOf(row: DriftFeature): string {
  return row.verdict || (row.drifted ? 'drifted' : 'stable');
}

/** Return the features by what they did in these periods: drifted ones first, then by score over floor. */
export function ranking(report: Report, range: Range): readonly DriftFeature[] {
  if (range.from === 0 && range.to === report.periods.length - 1) return report.features;
  const within = <T>(values: readonly T[]): readonly T[] => values.slice(range.from, range.to + 1);
  const strength = (row: DriftFeature): number =>
    Math.max(0, ...within(row.scores).map(score => Math.abs(score ?? 0) / (row.threshold || 1)));
  const drifted = (row: DriftFeature): boolean => within(row.drifted_in).some(Boolean);
  return [...report.features].sort((a, b) => Number(drifted(b)) - Number(drifted(a)) || strength(b) - strength(a));
}

export function featureTable(about: Table): HTMLElement {
  const { ranked, report, signal } = about;
  if (ranked.length === 0) return part('Features', null, [h('p', { class: 'mlops-2' }, 'No feature was compared.')]);
  const several = report.periods.length > 1;
  const shown = ORDER.filter(name => several || name !== 'scores').map(name => FIELDS[name]);
  const columns = shown.map(({ column }) => headed(column, about));
  const caption = `${plural(ranked.length, 'feature')}, the one that changed most first`;
  const draw = (row: DriftFeature): HTMLTableRowElement =>
    h(
      'tr',
      { role: 'row', 'aria-selected': row.feature === about.chosen ? 'true' : null },
      ...shown.map(each => each.draw(row, about))
    );
  return part('Features', 'ranked by effect; press one for its details', [
    table({ caption, columns, rows: ranked, kind: 'mlops-drift', signal, draw }),
    key(
      ['floor', 'the least effect that matters'],
      several && [svgMark(), `drifted in that ${unit(report.periods.map(each => each.label))}`],
      ['ref', 'training'],
      ['cur', 'now']
    ),
  ]);
}

/** Return a column whose head depends on the periods. */
function headed(column: Column<DriftFeature>, about: Table): Column<DriftFeature> {
  if (column.kind === 'mlops-map') return { ...column, head: axis(about) };
  if (column.kind !== 'mlops-effect') return column;
  const labels = about.report.periods.map(each => each.label);
  return { ...column, head: labels.length < 2 ? 'Effect' : `Effect, worst ${unit(labels)}` };
}

function nameButton(row: DriftFeature, { chosen, signal, choose }: Table): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'mlops-name',
      'aria-expanded': String(row.feature === chosen),
      signal,
      on: { click: () => choose(row.feature) },
    },
    icon(ICONS[row.kind] ?? bars, { size: 14 }),
    h('span', {}, ...breakable(row.feature))
  );
}

/** The worst score in the periods that are looked at. */
function worst(row: DriftFeature, { range, report }: Table): number | null {
  if (range.from === 0 && range.to === report.periods.length - 1) return row.score;
  const known = row.scores.slice(range.from, range.to + 1).filter(score => score !== null);
  return known.length > 0 ? known.reduce((most, score) => (Math.abs(score) > Math.abs(most) ? score : most)) : null;
}

/** Draw the effect in floors, one scale for all rows, whatever the statistic. */
function effectCell(row: DriftFeature, about: Table): HTMLTableCellElement {
  const score = worst(row, about);
  const floor = row.threshold || null;
  const share = score === null ? 0 : floor ? Math.abs(score) / floor : row.drifted ? MOST : 0;
  const label = `effect ${effect(score)}${floor ? `, floor ${effect(floor)}` : ''}`;
  const made = below(
    '',
    'mlops-effect',
    h(
      'span',
      {},
      bullet(Math.min(share, MOST), 1, MOST, verdictOf(row) === 'drifted', label),
      h('span', { class: 'mlops-num' }, inFloors(score, row, about.report))
    )
  );
  made.title = `${row.statistic.replaceAll('_', ' ')} ${effect(score)}${floor ? `, floor ${effect(floor)}` : ''}`;
  return made;
}

/** Return whether the effects have several floors: their numbers cannot be compared then, but how many floors they are. */
function mixed({ features }: Report): boolean {
  return new Set(features.map(each => each.threshold)).size > 1;
}

/** Return an effect, as a multiple of its floor where the floors of the report differ. */
export function inFloors(score: number | null, { threshold }: DriftFeature, report: Report): string {
  return score !== null && threshold && mixed(report) ? times(Math.abs(score) / threshold) : effect(score);
}

const MOST = 4; // floors, at which the bar is full

function small(row: DriftFeature, { report, range }: Table): Child {
  const found = report.distributions.find(each => each.feature === row.feature);
  if (!found) return null;
  const now = found.reference.map((_, bar) =>
    found.current.slice(range.from, range.to + 1).reduce((sum, counts) => sum + (counts[bar] ?? 0), 0)
  );
  const fresh = found.bars.flatMap((bar, place) => (found.new.includes(bar) ? [place] : []));
  return histogram(found.reference, now, `${row.feature}: training grey, now outlined`, { height: 24, fresh });
}

/** Draw one cell for each period: grey below the floor, orange above it, a triangle where it drifted. */
function strip(row: DriftFeature, about: Table): SVGSVGElement {
  const { report, range, choose } = about;
  const width = 100 / Math.max(1, report.periods.length);
  const gap = Math.min(0.5, width / 12);
  const cells = row.scores.flatMap((score, place) => {
    const share = score === null || !row.threshold ? 0 : Math.abs(score) / row.threshold;
    const drifted = row.drifted_in[place] ?? false;
    const hot = share >= 1 || drifted;
    const fill = hot
      ? `fill:color-mix(in oklab, var(--m-hot) ${Math.round(34 + 22 * Math.min(3, Math.max(0, share - 1)))}%, var(--m-bg))`
      : `fill:color-mix(in srgb, var(--m-fg) ${score === null ? 2 : Math.round(4 + 14 * share)}%, var(--m-bg))`;
    const outside = place < range.from || place > range.to ? ';opacity:.35' : '';
    const title = `${row.feature} in ${among(report.periods[place]?.label ?? '', report.periods)}: ${score === null ? 'not compared' : inFloors(score, row, report)}${drifted ? ', drifted' : ''}`;
    const one = box(width * place + gap, 0, width - 2 * gap, 24, { rx: 2, style: `${fill}${outside}`, title });
    one.addEventListener('click', () => choose(row.feature, { from: place, to: place }), { signal: about.signal });
    const mark =
      drifted && row.scores.length <= MARKED
        ? svg(
            'svg',
            { x: `${width * (place + 0.5)}%`, y: 13 },
            svg('path', { d: 'M0-3.6 4 3.2H-4Z', style: 'fill:var(--m-ink);stroke:none;pointer-events:none' })
          )
        : null;
    return [one, mark];
  });
  const known = row.drifted_in.flatMap((yes, place) =>
    yes ? [among(report.periods[place]?.label ?? '', report.periods)] : []
  );
  const label = `${row.feature} by period: ${known.length > 0 ? `drifted in ${known.slice(0, 6).join(', ')}${known.length > 6 ? ` and ${count(known.length - 6)} more` : ''}` : 'no drift'}`;
  return plot(24, label, ...cells);
}

/** Return the first, the middle and the last period over the strips. */
function axis({ report }: Table): SVGSVGElement {
  const last = report.periods.length - 1;
  const name = (place: number): string => among(report.periods[place]?.label ?? '', report.periods);
  const middle = last > 3 ? words(50, 12, name(Math.round(last / 2)), { anchor: 'middle', kind: 'mlops-roomy' }) : null;
  return plot(16, 'periods', words(0, 12, name(0)), middle, words(100, 12, name(last), { anchor: 'end' }));
}
