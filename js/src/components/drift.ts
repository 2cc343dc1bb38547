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

export function drift(report: Report, view: Frame, signal: AbortSignal, select: (selection: Selection) => void): void {
  const details = h('div');
  const choose = (feature: DriftFeature, period?: number): void => {
    const periods = report.periods.filter((_, place) => period === undefined || place === period).map(entry => entry.label);
    const found = report.distributions.find(entry => entry.feature === feature.feature);
    replace(details, h('h4', {}, `${feature.feature}, ${periods.join(', ')}`), found ? distribution(found, period) : h('p', {}, 'No distribution was kept for this feature.'));
    select({ feature: feature.feature, periods });
  };
  replace(
    view.body,
    h('h3', {}, report.version ? `${report.name}@${report.version}` : report.name),
    h('p', { role: 'status' }, report.verdict),
    heatmap(report, signal, choose),
    details,
    performance(report),
    ...report.notes.map(note => h('p', { class: 'mlops-muted' }, note))
  );
  const [worst] = report.features;
  if (worst) choose(worst);
}

function heatmap(report: Report, signal: AbortSignal, choose: (feature: DriftFeature, period?: number) => void): HTMLElement {
  const heads = ['feature', 'statistic', 'score', 'limit', 'verdict', ...report.periods.map(period => period.label)];
  const rows = report.features.map(feature =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, button(feature.feature, signal, () => choose(feature))),
      h('td', {}, feature.statistic),
      h('td', {}, number(feature.score)),
      h('td', {}, number(feature.threshold)),
      h('td', {}, feature.drifted ? '▲ drifted' : 'quiet'),
      ...feature.scores.map((score, place) => cell(feature, score, place, report, signal, choose))
    )
  );
  return h(
    'div',
    { class: 'mlops-scroll', tabindex: '0', role: 'region', 'aria-label': 'Drift by feature and period' },
    h('table', { class: 'mlops-table' }, h('caption', {}, `${report.rows} rows, the most drifted feature first`), h('thead', {}, h('tr', {}, ...heads.map(name => h('th', { scope: 'col' }, name)))), h('tbody', {}, ...rows))
  );
}

function cell(feature: DriftFeature, score: number | null, place: number, report: Report, signal: AbortSignal, choose: (feature: DriftFeature, period?: number) => void): HTMLElement {
  const share = score === null || !feature.threshold ? 0 : Math.min(1, Math.abs(score) / feature.threshold / STRONGEST);
  const words = `${feature.drifted_in[place] ? '▲ ' : ''}${number(score)}`;
  const label = `${feature.feature} in ${report.periods[place]?.label ?? 'this period'}: ${number(score)}${feature.drifted_in[place] ? ', drifted' : ''}`;
  return h('td', { style: `background:rgba(212,105,13,${(0.6 * share).toFixed(2)})` }, button(words, signal, () => choose(feature, place), { 'aria-label': label }));
}

function distribution(found: Distribution, period: number | undefined): HTMLElement {
  const current = found.bars.map((_, bar) => found.current.reduce((sum, counts, place) => sum + (period === undefined || place === period ? (counts[bar] ?? 0) : 0), 0));
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
    return h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, spark(name, rows.map(row => row.score))), h('td', {}, `${number(last?.score)} in ${last?.period ?? ''} (n ${last?.n ?? 0})`));
  });
  return h('table', { class: 'mlops-table' }, h('caption', {}, 'Performance over time'), h('tbody', {}, ...lines));
}
