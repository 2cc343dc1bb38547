/** A metric over time: its line with band and limits, and the last score in words. */

import { h } from '../dom';
import { number } from '../format';
import type { Limits } from '../values';
import type { PerformanceRow, Report } from '../wire';
import { spark } from './spark';

const WHOLE = 'all'; // how the only period is called
const WIDTH = 400;

/** Return a row of a table; nothing where no score is known. */
export function scores(
  name: string,
  rows: readonly PerformanceRow[],
  { periods }: Report,
  limits: Limits = [null, null]
): HTMLElement | null {
  const last = rows.filter(row => row.score !== null).at(-1);
  if (!last) return null;
  const doubted =
    last.kind === 'estimated' &&
    periods.some(period => period.label === last.period && period.estimate_valid === false);
  const line =
    rows.length > 1
      ? spark(
          name,
          rows.map(row => row.score),
          rows,
          WIDTH,
          limits
        )
      : null;
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h('td', {}, line),
    h('td', {}, `${told(last)}${doubted ? '; not valid' : ''}${kept(last.score, limits)}`)
  );
}

function told({ score, period, lower, upper, n }: PerformanceRow): string {
  const band = lower === null || upper === null ? '' : `${number(lower)} to ${number(upper)}, `;
  return `${number(score)}${period === WHOLE ? '' : ` in ${period}`} (${band}n ${n})`;
}

function kept(score: number | null, [low, high]: Limits): string {
  const acceptable = [low === null ? '' : `at least ${number(low)}`, high === null ? '' : `at most ${number(high)}`]
    .filter(Boolean)
    .join(' and ');
  const left = score !== null && ((low !== null && score < low) || (high !== null && score > high));
  return acceptable && `; ${left ? '▲ should be ' : ''}${acceptable}`;
}
