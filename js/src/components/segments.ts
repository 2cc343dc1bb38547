/** What drifted in which segment, and how well the model did there over time. */

import { h } from '../dom';
import { number } from '../format';
import type { Report, SegmentFeature } from '../wire';
import type { Range } from './periods';
import { scores } from './scores';

/** Return both tables; nothing where no segments were looked at. */
export function segments(report: Report, range: Range): HTMLElement[] {
  return [drift(report), performance(report, range)].filter(table => table !== null);
}

function drift({ segment_drift: found }: Report): HTMLElement | null {
  if (!found || found.features.length === 0) return null;
  const row = (feature: SegmentFeature): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, feature.feature),
      h('td', {}, feature.statistic.replaceAll('_', ' ')),
      h('td', {}, number(feature.threshold)),
      ...feature.scores.map((score, place) => h('td', {}, `${feature.drifted_in[place] ? '▲ ' : ''}${number(score)}`))
    );
  const heads = ['feature', 'statistic', 'limit', ...found.segments].map(head => h('th', { scope: 'col' }, head));
  const caption = h('caption', {}, 'Drift within segments, each in its worst period (▲ drifted)');
  return h(
    'div',
    { class: 'mlops-scroll' },
    h(
      'table',
      { class: 'mlops-table' },
      caption,
      h('thead', {}, h('tr', {}, ...heads)),
      h('tbody', {}, ...found.features.map(row))
    )
  );
}

function performance(report: Report, range: Range): HTMLElement | null {
  const labels = new Set(report.periods.slice(range.from, range.to + 1).map(period => period.label));
  const measured = (report.segments ?? []).filter(row => labels.has(row.period));
  const names = [...new Set(measured.map(row => row.segment ?? ''))];
  if (names.length === 0) return null;
  const metric = measured[0]?.metric ?? '';
  const lines = names.map(name =>
    scores(
      name,
      measured.filter(row => row.segment === name && row.metric === metric),
      report
    )
  );
  return h('table', { class: 'mlops-table' }, h('caption', {}, `${metric} by segment`), h('tbody', {}, ...lines));
}
