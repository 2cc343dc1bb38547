/** A table of any length: sorted by its heads, cards in a narrow place, and only the rows in sight in the document. */

import { type Child, h } from '../dom';

const AROUND = 12;
const DRAWN_WHOLE = 200;
const SHOWN_WHOLE = 24; // rows of a table that does not scroll: one that ends a row later would hide little
const ROW_PIXELS = 37;

/** A column: what its head says, how its values are ordered, and how it looks. */
export interface Column<T> {
  readonly head: Child;
  /** What the head is called, where it is sorted by it. */
  readonly name?: string;
  /** What rows are sorted by; missing values come last. */
  readonly sort?: (row: T) => string | number | null;
  /** Whether a first press sorts from the largest down. */
  readonly down?: boolean;
  readonly kind?: string;
}

export interface TableOptions<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly kind: string;
  readonly signal: AbortSignal;
  /** Return one row when it comes into sight. */
  readonly draw: (row: T) => HTMLTableRowElement;
}

export interface Order {
  readonly column: number;
  readonly down: boolean;
}

/** Return the table in a place that scrolls; `order` keeps how it is sorted from one table to the next. */
export function table<T>(options: TableOptions<T>, order: { current: Order | null } = { current: null }): HTMLElement {
  const { caption, columns, kind, signal } = options;
  const body = h('tbody');
  const whole = options.rows.length <= SHOWN_WHOLE ? ' is-whole' : '';
  const place = h('div', { class: `mlops-scroll${whole}`, tabindex: '0', role: 'region', 'aria-label': caption });
  const heads = columns.map((column, at) => headCell(column, signal, () => sort(at)));
  const head = h('thead', {}, h('tr', { role: 'row' }, ...heads));
  const rows = windowed(place, body, signal, options.draw);
  const show = (): void => {
    heads.forEach((cell, at) => {
      const mine = order.current?.column === at;
      if (columns[at]?.sort)
        cell.setAttribute('aria-sort', mine ? (order.current?.down ? 'descending' : 'ascending') : 'none');
    });
    rows(sorted(options.rows, columns, order.current));
  };
  const sort = (at: number): void => {
    const first = columns[at]?.down ?? false;
    const before = order.current;
    const down = before?.column === at ? !before.down : first;
    order.current = before?.column === at && before.down !== first ? null : { column: at, down };
    show();
  };
  place.append(
    h(
      'table',
      { class: `mlops-table is-cards ${kind}`, role: 'table', 'aria-rowcount': options.rows.length },
      h('caption', {}, caption),
      head,
      body
    )
  );
  show();
  return place;
}

function headCell<T>(column: Column<T>, signal: AbortSignal, sort: () => void): HTMLTableCellElement {
  if (column.head === '') return h('td', { class: column.kind });
  const words = column.sort
    ? h(
        'button',
        {
          type: 'button',
          class: 'mlops-sort',
          'aria-label': column.name && `Sort by ${typeof column.head === 'string' ? column.head : column.name}`,
          signal,
          on: { click: sort },
        },
        column.head
      )
    : column.head;
  return h('th', { scope: 'col', class: column.kind }, words);
}

function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], order: Order | null): readonly T[] {
  const value = order && columns[order.column]?.sort;
  if (!order || !value) return rows;
  const way = order.down ? -1 : 1;
  return rows
    .map(row => [row, value(row)] as const)
    .sort(([, a], [, b]) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -way : way))
    .map(([row]) => row);
}

/** Draw the rows in sight; a row that stays in sight stays the same element, which may hold the focus. */
function windowed<T>(
  place: HTMLElement,
  body: HTMLElement,
  signal: AbortSignal,
  make: (row: T) => HTMLElement
): (rows: readonly T[]) => void {
  const shown = new Map<T, HTMLElement>();
  const [before, after] = [h('tr', { 'aria-hidden': 'true' }), h('tr', { 'aria-hidden': 'true' })];
  let rows: readonly T[] = [];
  let pixels = ROW_PIXELS;
  const draw = (): void => {
    const [first, last] = inSight(place, rows.length, pixels);
    const wanted = rows.slice(first, last);
    const keep = new Set(wanted);
    for (const [row, element] of shown) {
      if (keep.has(row)) continue;
      element.remove();
      shown.delete(row);
    }
    let next: Element = after;
    for (const row of [...wanted].reverse()) {
      const element = shown.get(row) ?? make(row);
      if (element.nextElementSibling !== next || element.parentNode !== body) body.insertBefore(element, next);
      shown.set(row, element);
      next = element;
    }
    before.style.height = `${first * pixels}px`;
    after.style.height = `${(rows.length - last) * pixels}px`;
  };
  place.addEventListener('scroll', draw, { signal, passive: true });
  body.append(before, after);
  return wanted => {
    for (const element of shown.values()) element.remove();
    shown.clear();
    rows = wanted;
    draw();
    const tall = [...shown.values()][0]?.getBoundingClientRect().height;
    if (tall && rows.length > DRAWN_WHOLE && Math.abs(tall - pixels) > 1) {
      pixels = tall;
      draw();
    }
    before.hidden = after.hidden = rows.length <= DRAWN_WHOLE;
  };
}

/** Return the first row to draw and the one behind the last. */
function inSight(place: HTMLElement, count: number, pixels: number): [number, number] {
  if (count <= DRAWN_WHOLE) return [0, count];
  const top = Math.floor(place.scrollTop / pixels);
  const height = Math.ceil((place.clientHeight || 440) / pixels);
  return [Math.max(0, Math.min(top, count - height) - AROUND), Math.min(count, top + height + AROUND)];
}

/** Return a cell that stands below the first line of a card, with its name there. */
export function below(label: string, kind: string, ...contents: Child[]): HTMLTableCellElement {
  return h('td', { role: 'cell', class: `is-below ${kind}`.trim(), 'data-label': label || null }, ...contents);
}

export function cell(kind: string, ...contents: Child[]): HTMLTableCellElement {
  return h('td', { role: 'cell', class: kind || null }, ...contents);
}
