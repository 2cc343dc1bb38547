/** Performance and drift of each segment. */

import { chip, state } from '../../components/chip';
import { icon } from '../../components/icon';
import { part } from '../../components/layout';
import { spark } from '../../components/picture';
import { below } from '../../components/table';
import { h } from '../../dom';
import { count, decimals, fixed, plural } from '../../format';
import { alert } from '../../icons.json';
import type { PerformanceRow, Report } from '../../wire';
import type { Range } from './brush';
import { isOutside } from './performance';

const NAMED = 4; // features that one line names

/** Return one line for each segment; nothing where there are none. */
export function segments(report: Report, range: Range): HTMLElement | null {
  const chosen = new Set(report.periods.slice(range.from, range.to + 1).map(each => each.label));
  const scores = report.segments.filter(row => chosen.has(row.period));
  const { segments: compared, features } = report.segment_drift;
  const names = [...new Set([...scores.map(row => row.segment ?? ''), ...compared])];
  if (names.length === 0) return null;
  const about = plural(names.length, 'segment');
  const by = report.segmented_by;
  const metric = scores[0]?.metric ?? null;
  const all = scores.map(row => row.score);
  const known = all.filter(score => score !== null);
  const ends = { low: Math.min(...known), high: Math.max(...known) };
  const digits = decimals(all);
  const course = metric && chosen.size > 1;
  const lines = names.map(name => {
    const own = scores.filter(row => row.segment === name);
    const last = own.findLast(row => row.score !== null);
    const limits = (metric && (report.limits[`${metric}|${name}`] ?? null)) || [null, null];
    const place = compared.indexOf(name);
    const drifted = place < 0 ? [] : features.filter(each => each.drifted_in[place]).map(each => each.feature);
    return h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row', role: 'rowheader' }, name),
      metric && below('rows', 'mlops-num', count(own.reduce((sum, row) => sum + row.n, 0))),
      course &&
        below(
          '',
          'mlops-course-cell',
          spark(
            own.map(row => row.score),
            `${metric} in ${name}`,
            { ...ends, height: 28, area: false }
          )
        ),
      metric && below(metric, 'mlops-num', lastScore(last, digits, limits)),
      compared.length > 0 &&
        below(
          '',
          'mlops-wrap',
          h(
            'span',
            { class: 'mlops-line' },
            ...(drifted.length > 0 ? drifted.slice(0, NAMED).map(each => chip(each)) : [state('stable')]),
            drifted.length > NAMED && h('small', {}, `and ${count(drifted.length - NAMED)} more`)
          )
        )
    );
  });
  const heads = [
    h('th', { scope: 'col' }, by || 'Segment'),
    metric && h('th', { scope: 'col', class: 'mlops-num' }, 'Rows'),
    course && h('th', { scope: 'col' }, `${metric} by period`),
    metric && h('th', { scope: 'col', class: 'mlops-num' }, course ? 'Last, 95%' : `${metric}, 95%`),
    compared.length > 0 && h('th', { scope: 'col' }, 'Drifted there'),
  ];
  const table = h(
    'table',
    { class: 'mlops-table is-cards', role: 'table' },
    h('caption', {}, about),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...lines)
  );
  return part(`By ${by || 'segment'}`, about, [h('div', { class: 'mlops-wide-scroll' }, table)]);
}

function lastScore(row: PerformanceRow | undefined, digits: number, limits: readonly (number | null)[]): HTMLElement {
  if (!row) return h('small', {}, '–');
  const interval =
    row.lower !== null &&
    row.upper !== null &&
    h('small', {}, ` ${fixed(row.lower, digits)}–${fixed(row.upper, digits)}`);
  const words = fixed(row.score, digits);
  return h(
    'span',
    {},
    isOutside(row.score, limits)
      ? h(
          'span',
          { class: 'mlops-state', 'data-s': 'alert' },
          icon(alert, { size: 14, label: 'outside its limit' }),
          words
        )
      : words,
    interval
  );
}
