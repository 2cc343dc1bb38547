/** What a report found: features by period, the ranked list, distributions side by side, performance over time. */

import { h, replace } from '../dom';
import { counted, number, when } from '../format';
import type { DriftFeature, Report } from '../wire';
import { curves } from './curves';
import { distribution } from './distribution';
import { button, type Frame } from './frame';
import { brush, type Range } from './periods';
import { scrollingTable } from './rows';
import { scores } from './scores';
import { segments } from './segments';

export interface Selection {
  readonly feature: string;
  readonly periods: readonly string[];
}

const HEADS = ['feature', 'statistic', 'score', 'limit', 'verdict'];
const WHOLE = 'all'; // how the only period is called
const STRONGEST = 3; // times the threshold at which the colour is full

export function drift(report: Report, view: Frame, signal: AbortSignal, select: (selection: Selection) => void): void {
  const [map, details, measured] = [h('div'), h('div'), h('div')];
  let range: Range = { from: 0, to: report.periods.length - 1 };
  let chosen: string | undefined;
  const choose = (feature: DriftFeature, looked: Range = range): void => {
    chosen = feature.feature;
    const periods = report.periods.slice(looked.from, looked.to + 1).map(entry => entry.label);
    const found = report.distributions.find(entry => entry.feature === feature.feature);
    replace(
      details,
      h('h4', {}, `${feature.feature}${spanned(periods)}`),
      found ? distribution(found, looked) : h('p', {}, 'No distribution was kept for this feature.')
    );
    replace(measured, ...scored(report, looked));
    select({ feature: feature.feature, periods });
  };
  const look = (wanted: Range): void => {
    range = wanted;
    const ranked = ranking(report, range);
    replace(map, heatmap(report, ranked, range, signal, choose));
    const shown = ranked.find(feature => feature.feature === chosen) ?? ranked[0];
    if (shown) choose(shown);
    else replace(measured, ...scored(report, range));
  };
  replace(
    view.body,
    h('h3', {}, report.version ? `${report.name}@${report.version}` : report.name),
    h('p', { role: 'status' }, report.verdict),
    ...(report.task ? [h('p', { class: 'mlops-muted' }, report.task)] : []),
    alerts(report),
    brush(report, signal, look),
    map,
    details,
    measured,
    curves(report.curves ?? []),
    ...report.notes.map(note => h('p', { class: 'mlops-muted' }, note))
  );
  look(range);
}

/** Return every reason to act, performance first; nothing where there is none. */
function alerts(report: Report): HTMLElement | null {
  const found = report.alerts ?? [];
  if (!found.length) return null;
  const more = (report.n_alerts ?? found.length) - found.length;
  return h(
    'ul',
    { 'aria-label': 'Alerts' },
    ...found.map(alert => h('li', {}, alert.message)),
    more > 0 ? h('li', {}, `… and ${more} more`) : null
  );
}

function scored(report: Report, range: Range): (HTMLElement | null)[] {
  const labels = new Set(report.periods.slice(range.from, range.to + 1).map(period => period.label));
  const changed = (report.versions ?? [])
    .filter(each => labels.has(each.period))
    .map(each =>
      h('p', { class: 'mlops-muted' }, `${each.version} answers since ${when(each.since)} (in ${each.period}).`)
    );
  return [performance(report, range), ...changed, ...segments(report, range)];
}

function spanned(periods: readonly string[]): string {
  if (periods.length === 1 && periods[0] === WHOLE) return '';
  return (
    ', ' +
    (periods.length > 2
      ? `${periods[0] ?? ''} to ${periods.at(-1) ?? ''} (${periods.length} periods)`
      : periods.join(', '))
  );
}

/** Return the features by what they did in these periods: drifted ones first, then by score over limit. */
function ranking(report: Report, range: Range): DriftFeature[] {
  const within = <T>(values: readonly T[]): readonly T[] => values.slice(range.from, range.to + 1);
  const strength = (feature: DriftFeature): number =>
    Math.max(0, ...within(feature.scores).map(score => Math.abs(score ?? 0) / (feature.threshold || 1)));
  const drifted = (feature: DriftFeature): boolean => within(feature.drifted_in).some(Boolean);
  if (range.from === 0 && range.to === report.periods.length - 1) return [...report.features];
  return [...report.features].sort((a, b) => Number(drifted(b)) - Number(drifted(a)) || strength(b) - strength(a));
}

function heatmap(
  report: Report,
  ranked: readonly DriftFeature[],
  range: Range,
  signal: AbortSignal,
  choose: (feature: DriftFeature, looked?: Range) => void
): HTMLElement {
  const shown = report.periods.length > 1 ? report.periods.slice(range.from, range.to + 1) : [];
  const line = (feature: DriftFeature): HTMLElement =>
    h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        button(feature.feature, signal, () => choose(feature))
      ),
      h('td', {}, feature.statistic.replaceAll('_', ' ')),
      h('td', {}, number(feature.score)),
      h('td', {}, number(feature.threshold)),
      h('td', {}, feature.drifted ? '▲ drifted' : 'quiet'),
      ...shown.map((_, place) =>
        cell(feature, feature.scores[range.from + place] ?? null, range.from + place, report, signal, choose)
      )
    );
  return scrollingTable(
    `${counted(report.rows)}, the most drifted feature first`,
    [...HEADS, ...shown.map(period => period.label)],
    ranked,
    signal,
    line
  );
}

function cell(
  feature: DriftFeature,
  score: number | null,
  place: number,
  report: Report,
  signal: AbortSignal,
  choose: (feature: DriftFeature, looked?: Range) => void
): HTMLElement {
  const share = score === null || !feature.threshold ? 0 : Math.min(1, Math.abs(score) / feature.threshold / STRONGEST);
  const words = `${feature.drifted_in[place] ? '▲ ' : ''}${number(score)}`;
  const label = `${feature.feature} in ${report.periods[place]?.label ?? 'this period'}: ${number(score)}${feature.drifted_in[place] ? ', drifted' : ''}`;
  return h(
    'td',
    { style: `background:rgba(25,118,210,${(0.6 * share).toFixed(2)})` },
    button(words, signal, () => choose(feature, { from: place, to: place }), {
      'aria-label': label,
      class: 'mlops-button mlops-heat',
    })
  );
}

/** Draw the performance in these periods, each metric with its band and limits; the last score, its rows and its limits in words. */
function performance(report: Report, range: Range): HTMLElement | null {
  const labels = new Set(report.periods.slice(range.from, range.to + 1).map(period => period.label));
  const measured = report.performance.filter(row => labels.has(row.period));
  if (measured.length === 0) return null;
  const names = [...new Set(measured.map(row => `${row.metric} (${row.kind})`))];
  const lines = names.map(name => {
    const rows = measured.filter(row => `${row.metric} (${row.kind})` === name);
    return scores(name, rows, report, report.limits?.[rows[0]?.metric ?? '']);
  });
  return h(
    'table',
    { class: 'mlops-table' },
    h('caption', {}, report.periods.length > 1 ? 'Performance over time' : 'Performance'),
    h('tbody', {}, ...lines)
  );
}
