/** A table body of any length: only the rows in sight are in the document, and a row in sight stays the same element. */

import { h } from '../dom';

const ROW_PIXELS = 32;
const AROUND = 10;
const DRAWN_WHOLE = 200;

/** Return a scrolling table; `row` builds one row when it comes into sight. */
export function scrollingTable<T>(
  caption: string,
  columns: readonly string[],
  items: readonly T[],
  signal: AbortSignal,
  row: (item: T) => HTMLElement
): HTMLElement {
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
  const shown = new Map<number, HTMLElement>();
  const draw = (): void => {
    const [first, last] = inSight(place, items.length);
    drop(shown, place => place < first || place >= last);
    for (let at = last - 1, next: Element | null = null; at >= first; at -= 1) next = put(at, next);
    space(body, 'before', first);
    space(body, 'after', items.length - last);
  };
  // a row that is there is not moved: it holds the focus, or a question that waits for its answer
  const put = (at: number, next: Element | null): HTMLElement => {
    const known = shown.get(at);
    if (known) return known;
    const made = row(items[at] as T);
    shown.set(at, made);
    body.insertBefore(made, next ?? body.querySelector(':scope > .mlops-after'));
    return made;
  };
  place.addEventListener('scroll', draw, { signal, passive: true });
  draw();
  return place;
}

/** Return one row of a single line; what does not fit is in its tooltip. */
export function tableRow(cells: readonly (HTMLElement | string | number | null | undefined)[]): HTMLElement {
  return h('tr', {}, ...cells.map(cell => h('td', typeof cell === 'string' ? { title: cell } : {}, cell)));
}

/** Return the first row to draw and the one behind the last. */
function inSight(place: HTMLElement, count: number): [number, number] {
  if (count <= DRAWN_WHOLE) return [0, count];
  const top = Math.floor(place.scrollTop / ROW_PIXELS);
  const height = Math.ceil((place.clientHeight || 320) / ROW_PIXELS);
  return [Math.max(0, Math.min(top, count - height) - AROUND), Math.min(count, top + height + AROUND)];
}

function drop(shown: Map<number, HTMLElement>, unwanted: (place: number) => boolean): void {
  for (const [place, element] of shown) {
    if (!unwanted(place)) continue;
    element.remove();
    shown.delete(place);
  }
}

/** Keep one empty row as tall as the rows that are not drawn. */
function space(body: HTMLElement, side: 'before' | 'after', rows: number): void {
  const spacer =
    body.querySelector<HTMLElement>(`:scope > .mlops-${side}`) ??
    h('tr', { class: `mlops-${side}`, 'aria-hidden': 'true' });
  spacer.style.height = `${rows * ROW_PIXELS}px`;
  if (rows === 0) spacer.remove();
  else if (side === 'before') body.prepend(spacer);
  else body.append(spacer);
}
