/** The last requests to an endpoint: when, what was asked, what was answered. */

import { h } from '../dom';
import { number, readable, text } from '../format';
import type { LoggedRequest } from '../wire';
import { tableRow } from './rows';

const COLUMNS = ['time (UTC)', 'prediction', 'asked', 'latency', 'version'];

export function recent(requests: readonly LoggedRequest[] | null): HTMLElement {
  const caption = 'Last requests';
  if (!requests?.length)
    return h(
      'p',
      { class: 'mlops-muted' },
      requests ? `${caption}: none yet.` : `${caption}: no prediction log is kept.`
    );
  const heads = h('tr', {}, ...COLUMNS.map(name => h('th', { scope: 'col' }, name)));
  const table = h(
    'table',
    { class: 'mlops-table' },
    h('caption', {}, caption),
    h('thead', {}, heads),
    h('tbody', {}, ...requests.map(line))
  );
  return h('div', { class: 'mlops-scroll', tabindex: '0', role: 'region', 'aria-label': caption }, table);
}

function line(request: LoggedRequest): HTMLElement {
  const asked = Object.entries(request.row).map(([name, value]) => `${name} ${readable(value)}`);
  return tableRow([
    clock(request.time),
    text(request.prediction),
    asked.join(', '),
    `${number(request.latency_ms)} ms`,
    request.version,
  ]);
}

/** Return the time of day to the second. */
function clock(moment: string): string {
  const parsed = new Date(moment);
  return Number.isNaN(parsed.getTime()) ? moment : parsed.toISOString().slice(11, 19);
}
