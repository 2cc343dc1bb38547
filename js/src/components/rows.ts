/** A table body of any length: only the rows in sight are in the document. */

import { h, replace } from '../dom';

const ROW_PIXELS = 32;
const AROUND = 10;
const DRAWN_WHOLE = 200;

/** Return a scrolling table; `row` builds one row when it comes into sight. */
export function scrollingTable<T>(caption: string, columns: readonly string[], items: readonly T[], signal: AbortSignal, row: (item: T) => HTMLElement): HTMLElement {
  const body = h('tbody');
  const place = h(
    'div',
    { class: 'mlops-scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: 'mlops-table', 'aria-rowcount': items.length },
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...columns.map(name => h('th', { scope: 'col' }, name)))),
      body
    )
  );
  const draw = (): void => {
    const whole = items.length <= DRAWN_WHOLE;
    const first = whole ? 0 : Math.max(0, Math.floor(place.scrollTop / ROW_PIXELS) - AROUND);
    const last = whole ? items.length : Math.min(items.length, first + Math.ceil((place.clientHeight || 320) / ROW_PIXELS) + 2 * AROUND);
    replace(body, spacer(first), ...items.slice(first, last).map(row), spacer(items.length - last));
  };
  place.addEventListener('scroll', draw, { signal, passive: true });
  draw();
  return place;
}

/** Return one row of a single line; what does not fit is in its tooltip. */
export function tableRow(cells: readonly (HTMLElement | string | number | null | undefined)[]): HTMLElement {
  return h('tr', {}, ...cells.map(cell => h('td', typeof cell === 'string' ? { title: cell } : {}, cell)));
}

function spacer(rows: number): HTMLElement | null {
  return rows > 0 ? h('tr', { 'aria-hidden': 'true', style: `height:${rows * ROW_PIXELS}px` }) : null;
}
