/** What a report found: features by period, the ranked list, distributions side by side, performance over time. */

import { h, replace, svg } from '../dom';
import { number } from '../format';
import type { Distribution, DriftFeature, Report } from '../wire';
import { button, type Frame } from './frame';
import { spark } from './spark';

export interface Selection {
  readonly feature: string;
  readonly periods: readonly string[];
}

const BAR_PIXELS = 60;
const STRONGEST = 3; // times the threshold at which the colour is full

/** The periods that are looked at: from one to another, both included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export function drift(report: Report, view: Frame, signal: AbortSignal, select: (selection: Selection) => void): void {
  const [map, details] = [h('div'), h('div')];
  let range: Range = { from: 0, to: report.periods.length - 1 };
  let chosen: string | undefined;
  const choose = (feature: DriftFeature, looked: Range = range): void => {
    chosen = feature.feature;
    const periods = report.periods.slice(looked.from, looked.to + 1).map(entry => entry.label);
    const found = report.distributions.find(entry => entry.feature === feature.feature);
    replace(details, h('h4', {}, `${feature.feature}, ${spanned(periods)}`), found ? distribution(found, looked) : h('p', {}, 'No distribution was kept for this feature.'));
    select({ feature: feature.feature, periods });
  };
  const look = (wanted: Range): void => {
    range = wanted;
    const ranked = ranking(report, range);
    replace(map, heatmap(report, ranked, range, signal, choose));
    const shown = ranked.find(feature => feature.feature === chosen) ?? ranked[0];
    if (shown) choose(shown);
  };
  replace(
    view.body,
    h('h3', {}, report.version ? `${report.name}@${report.version}` : report.name),
    h('p', { role: 'status' }, report.verdict),
    brush(report, signal, look),
    map,
    details,
    performance(report),
    ...report.notes.map(note => h('p', { class: 'mlops-muted' }, note))
  );
  look(range);
}

function spanned(periods: readonly string[]): string {
  return periods.length > 2 ? `${periods[0] ?? ''} to ${periods.at(-1) ?? ''} (${periods.length} periods)` : periods.join(', ');
}

/** Return the features by what they did in these periods: drifted ones first, then by score over limit. */
function ranking(report: Report, range: Range): DriftFeature[] {
  const within = <T>(values: readonly T[]): readonly T[] => values.slice(range.from, range.to + 1);
  const strength = (feature: DriftFeature): number => Math.max(0, ...within(feature.scores).map(score => Math.abs(score ?? 0) / (feature.threshold || 1)));
  const drifted = (feature: DriftFeature): boolean => within(feature.drifted_in).some(Boolean);
  if (range.from === 0 && range.to === report.periods.length - 1) return [...report.features];
  return [...report.features].sort((a, b) => Number(drifted(b)) - Number(drifted(a)) || strength(b) - strength(a));
}

/** Two choices that cut a range of periods out; nothing where there is only one. */
function brush(report: Report, signal: AbortSignal, look: (range: Range) => void): HTMLElement | null {
  if (report.periods.length < 2) return null;
  const options = (): HTMLElement[] => report.periods.map((period, place) => h('option', { value: place }, period.label));
  const changed = (moved: HTMLSelectElement, other: HTMLSelectElement): void => {
    if (Number(from.value) > Number(to.value)) other.value = moved.value;
    look({ from: Number(from.value), to: Number(to.value) });
  };
  const from: HTMLSelectElement = h('select', { 'aria-label': 'First period', signal, on: { change: () => changed(from, to) } }, ...options());
  const to: HTMLSelectElement = h('select', { 'aria-label': 'Last period', signal, on: { change: () => changed(to, from) } }, ...options());
  to.value = String(report.periods.length - 1);
  return h('div', { class: 'mlops-row' }, 'from', from, 'to', to);
}

function heatmap(report: Report, ranked: readonly DriftFeature[], range: Range, signal: AbortSignal, choose: (feature: DriftFeature, looked?: Range) => void): HTMLElement {
  const shown = report.periods.slice(range.from, range.to + 1);
  const heads = ['feature', 'statistic', 'score', 'limit', 'verdict', ...shown.map(period => period.label)];
  const rows = ranked.map(feature =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, button(feature.feature, signal, () => choose(feature))),
      h('td', {}, feature.statistic),
      h('td', {}, number(feature.score)),
      h('td', {}, number(feature.threshold)),
      h('td', {}, feature.drifted ? '▲ drifted' : 'quiet'),
      ...shown.map((_, place) => cell(feature, feature.scores[range.from + place] ?? null, range.from + place, report, signal, choose))
    )
  );
  return h(
    'div',
    { class: 'mlops-scroll', tabindex: '0', role: 'region', 'aria-label': 'Drift by feature and period' },
    h('table', { class: 'mlops-table' }, h('caption', {}, `${report.rows} rows, the most drifted feature first`), h('thead', {}, h('tr', {}, ...heads.map(name => h('th', { scope: 'col' }, name)))), h('tbody', {}, ...rows))
  );
}

function cell(feature: DriftFeature, score: number | null, place: number, report: Report, signal: AbortSignal, choose: (feature: DriftFeature, looked?: Range) => void): HTMLElement {
  const share = score === null || !feature.threshold ? 0 : Math.min(1, Math.abs(score) / feature.threshold / STRONGEST);
  const words = `${feature.drifted_in[place] ? '▲ ' : ''}${number(score)}`;
  const label = `${feature.feature} in ${report.periods[place]?.label ?? 'this period'}: ${number(score)}${feature.drifted_in[place] ? ', drifted' : ''}`;
  return h('td', { style: `background:rgba(212,105,13,${(0.6 * share).toFixed(2)})` }, button(words, signal, () => choose(feature, { from: place, to: place }), { 'aria-label': label }));
}

function distribution(found: Distribution, range: Range): HTMLElement {
  const current = found.bars.map((_, bar) => found.current.reduce((sum, counts, place) => sum + (place >= range.from && place <= range.to ? (counts[bar] ?? 0) : 0), 0));
  const [reference, now] = [shares(found.reference), shares(current)];
  const top = Math.max(...reference, ...now, 1e-9);
  const width = Math.min(28, Math.max(4, 640 / (2 * found.bars.length)));
  const bars = found.bars.flatMap((name, place) => [
    bar('mlops-reference', (2 * place + 0.1) * width, width * 0.85, (reference[place] ?? 0) / top, `${name}: reference ${percent(reference[place])}`),
    bar('mlops-current', (2 * place + 0.95) * width, width * 0.85, (now[place] ?? 0) / top, `${name}: current ${percent(now[place])}`),
  ]);
  const label = `Distribution of ${found.feature}: reference and current in ${found.bars.length} bars`;
  return h(
    'figure',
    { style: 'margin:0' },
    svg('svg', { width: 2 * width * found.bars.length, height: BAR_PIXELS, role: 'img', 'aria-label': label }, ...bars),
    h('figcaption', { class: 'mlops-muted' }, `${found.bars[0] ?? ''} … ${found.bars.at(-1) ?? ''}; grey: reference, orange: current`)
  );
}

function bar(kind: string, x: number, width: number, share: number, title: string): SVGElement {
  const height = Math.max(0.5, share * BAR_PIXELS);
  return svg('rect', { class: kind, x: x.toFixed(1), y: (BAR_PIXELS - height).toFixed(1), width: width.toFixed(1), height: height.toFixed(1) }, svg('title', {}, title));
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map(count => count / total);
}

function percent(share: number | undefined): string {
  return `${(100 * (share ?? 0)).toFixed(1)} %`;
}

function performance(report: Report): HTMLElement | null {
  if (report.performance.length === 0) return null;
  const names = [...new Set(report.performance.map(row => `${row.metric} (${row.kind})`))];
  const lines = names.map(name => {
    const rows = report.performance.filter(row => `${row.metric} (${row.kind})` === name);
    const last = rows.at(-1);
    return h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, spark(name, rows.map(row => row.score), rows)), h('td', {}, `${number(last?.score)} in ${last?.period ?? ''} (n ${last?.n ?? 0})`));
  });
  return h('table', { class: 'mlops-table' }, h('caption', {}, 'Performance over time'), h('tbody', {}, ...lines));
}
