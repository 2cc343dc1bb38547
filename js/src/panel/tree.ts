/** A tree of equal rows that draws only those in sight and is walked with the arrow keys, as the ARIA tree pattern says. */

import { h } from '../dom';
import { type Row, Rows } from './rows';

export const ROW_PIXELS = 28;
const OVERSCAN = 8;
const AHEAD = 60; // rows that are wanted before they come into sight
const STEP_ROWS = 15;

export interface Handlers {
  readonly draw: (row: Row) => HTMLElement;
  /** These rows are in sight now. */
  readonly seen: (rows: readonly Row[]) => void;
  /** The row opens or closes. */
  readonly toggle: (row: Row) => void;
  /** The row became the current one. */
  readonly chosen: (row: Row) => void;
  /** Enter, or a double click: do what is done most with such a row. */
  readonly enter: (row: Row) => void;
}

interface Drawn {
  readonly row: Row;
  readonly current: boolean;
  readonly node: HTMLElement;
}

export class Tree {
  readonly node = h('div', {
    class: 'mlops-tree',
    role: 'tree',
    tabindex: '0',
    'aria-label': 'Endpoints, boards, models and versions',
  });
  private readonly space = h('div', { class: 'mlops-space', role: 'presentation' });
  private rows = new Rows([]);
  private drawn = new Map<string, Drawn>();
  private currentId = '';
  private place = 0; // of the current row
  private typed = '';
  private typedAt = 0;

  constructor(
    private readonly handlers: Handlers,
    signal: AbortSignal
  ) {
    this.node.append(this.space);
    this.node.addEventListener('scroll', () => this.paint(), { signal, passive: true });
    this.node.addEventListener('keydown', event => this.press(event), { signal });
    this.node.addEventListener('click', event => this.click(event), { signal });
    this.node.addEventListener('dblclick', event => this.withRow(event, row => this.handlers.enter(row)), { signal });
    this.node.addEventListener('contextmenu', event => this.withRow(event, (_, place) => this.choose(place)), {
      signal,
    });
  }

  get current(): Row | null {
    return this.rows.at(this.place) ?? null;
  }

  /** The rows in sight, then some below and above them. */
  *around(): Iterable<Row> {
    const [first, last] = this.sight;
    yield* this.between(first, last);
    yield* this.between(last, last + AHEAD);
    yield* this.between(first - AHEAD, first);
  }

  show(rows: Rows): void {
    this.rows = rows;
    const found = rows.at(this.place)?.id === this.currentId ? this.place : rows.placeOf(this.currentId);
    this.place = found >= 0 ? found : Math.max(0, Math.min(this.place, rows.length - 1));
    this.currentId = this.current?.id ?? '';
    this.space.style.height = `${rows.length * ROW_PIXELS}px`;
    this.paint();
  }

  /** Draw what is in sight, and the current row, which a screen reader may be on; what did not change stays as it is. */
  paint(): void {
    const [first, last] = this.sight;
    const seen = [...this.between(first, last)];
    const shown = new Map<string, Drawn>();
    const draw = (row: Row, place: number): void =>
      void (shown.has(row.id) || shown.set(row.id, this.placed(row, place)));
    seen.forEach((row, offset) => draw(row, first + offset));
    if (this.current) draw(this.current, this.place);
    for (const [id, { node }] of this.drawn) if (shown.get(id)?.node !== node) node.remove();
    this.drawn = shown;
    this.node.setAttribute('aria-activedescendant', this.currentId === '' ? '' : identity(this.currentId));
    this.handlers.seen(seen);
  }

  /** The first place that is drawn, and the one behind the last. */
  private get sight(): [number, number] {
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW_PIXELS) - OVERSCAN);
    const last = first + Math.ceil((this.node.clientHeight || 600) / ROW_PIXELS) + 2 * OVERSCAN;
    return [first, Math.max(first, Math.min(this.rows.length, last))];
  }

  private *between(first: number, last: number): Iterable<Row> {
    for (let place = Math.max(0, first); place < Math.min(last, this.rows.length); place += 1)
      yield this.rows.at(place) as Row;
  }

  private placed(row: Row, place: number): Drawn {
    const [known, current] = [this.drawn.get(row.id), row.id === this.currentId];
    const node =
      known !== undefined && known.current === current && alike(known.row, row)
        ? known.node
        : this.dressed(row, current);
    node.style.top = `${place * ROW_PIXELS}px`;
    if (node.parentNode !== this.space) this.space.append(node);
    return { row, current, node };
  }

  private dressed(row: Row, current: boolean): HTMLElement {
    const node = this.handlers.draw(row);
    node.id = identity(row.id);
    node.dataset['id'] = row.id;
    const facts = {
      role: 'treeitem',
      'aria-level': row.level,
      'aria-posinset': row.place,
      'aria-setsize': row.of,
      'aria-selected': current,
    };
    for (const [name, value] of Object.entries(facts)) node.setAttribute(name, String(value));
    if ('open' in row) node.setAttribute('aria-expanded', String(row.open));
    return node;
  }

  private choose(place: number): void {
    this.place = place;
    this.currentId = this.current?.id ?? '';
    this.paint();
    if (this.current) this.handlers.chosen(this.current);
  }

  private withRow(event: Event, act: (row: Row, place: number) => void): void {
    const id = (event.target as Element).closest<HTMLElement>('[data-id]')?.dataset['id'];
    const place = id === undefined ? -1 : this.rows.placeOf(id);
    const row = this.rows.at(place);
    if (row) act(row, place);
  }

  private click(event: MouseEvent): void {
    this.withRow(event, (row, place) => {
      this.choose(place);
      if ('open' in row && event.detail < 2) this.handlers.toggle(row);
    });
  }

  private press(event: KeyboardEvent): void {
    const row = this.current;
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (
      this.menu(event) ||
      this.step(event.key) ||
      this.unfold(event.key, row) ||
      this.enter(event.key, row) ||
      this.type(event.key)
    )
      event.preventDefault();
  }

  /** Open the context menu at the current row: a browser would open it in the middle of the tree. */
  private menu({ key, shiftKey }: KeyboardEvent): boolean {
    const node = this.drawn.get(this.currentId)?.node;
    if (node === undefined || !(key === 'ContextMenu' || (key === 'F10' && shiftKey))) return false;
    const { left, bottom } = node.getBoundingClientRect();
    const at = { clientX: left + 2 * ROW_PIXELS, clientY: bottom };
    node.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, ...at }));
    return true;
  }

  private step(key: string): boolean {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: STEP_ROWS,
      PageUp: -STEP_ROWS,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[key];
    if (step !== undefined) this.go(this.place + step);
    return step !== undefined;
  }

  /** Right opens, then goes to the first child; left closes, or goes to the parent. */
  private unfold(key: string, row: Row): boolean {
    if (key !== 'ArrowRight' && key !== 'ArrowLeft') return false;
    const right = key === 'ArrowRight';
    if ('open' in row && row.open !== right) this.handlers.toggle(row);
    else if (right && 'open' in row) this.go(this.place + 1);
    else if (!right) this.go(this.parent(row));
    return true;
  }

  private parent(row: Row): number {
    let place = this.place;
    while (place > 0 && (this.rows.at(place)?.level ?? 0) >= row.level) place -= 1;
    return row.level > 1 ? place : this.place;
  }

  private enter(key: string, row: Row): boolean {
    if (key === ' ' && this.typed === '' && 'open' in row) this.handlers.toggle(row);
    else if (key === 'Enter') this.handlers.enter(row);
    return key === 'Enter' || key === ' ';
  }

  /** Go to the next row whose words begin with what was typed. */
  private type(key: string): boolean {
    if (key.length !== 1) return false;
    const now = Date.now();
    this.typed = now - this.typedAt < 700 ? this.typed + key.toLowerCase() : key.toLowerCase();
    this.typedAt = now;
    const from = this.place + (this.typed.length === 1 ? 1 : 0);
    for (let step = 0; step < this.rows.length; step += 1) {
      const place = (from + step) % this.rows.length;
      const row = this.rows.at(place);
      if (!row || !wordsOf(row).toLowerCase().startsWith(this.typed)) continue;
      this.go(place);
      break;
    }
    return true;
  }

  private go(wanted: number): void {
    const place = Math.max(0, Math.min(this.rows.length - 1, wanted));
    if (this.rows.at(place) === undefined) return;
    this.reveal(place);
    this.choose(place);
  }

  private reveal(place: number): void {
    const top = place * ROW_PIXELS;
    const { scrollTop, clientHeight } = this.node;
    if (top < scrollTop) this.node.scrollTop = top;
    else if (top + ROW_PIXELS > scrollTop + clientHeight) this.node.scrollTop = top + ROW_PIXELS - clientHeight;
  }
}

function wordsOf(row: Row): string {
  switch (row.kind) {
    case 'endpoints':
      return 'endpoints';
    case 'endpoint':
      return row.endpoint.name;
    case 'board':
      return row.board.place;
    case 'model':
      return row.model.name;
    case 'version':
      return `v${row.version.number}`;
    case 'absent':
      return '';
    case 'note':
      return row.text;
  }
}

/** Whether two rows look the same: mostly they are made of the same records, else the records are compared. */
function alike(a: Row, b: Row): boolean {
  const [left, right] = [Object.entries(a), b as unknown as Readonly<Record<string, unknown>>];
  return left.every(([name, value]) => right[name] === value) || JSON.stringify(a) === JSON.stringify(b);
}

function identity(id: string): string {
  return `mlops-panel-${encodeURIComponent(id)}`;
}
