/** A tree of equal rows that draws only those in sight and is walked with the arrow keys, as the ARIA tree pattern says. */

import { h } from '../dom';
import type { Row } from './rows';

export const ROW_PIXELS = 26;
const OVERSCAN = 8;
const PAGE_ROWS = 15;

export interface Deeds {
  readonly draw: (row: Row) => HTMLElement;
  /** The row came into sight. */
  readonly seen: (row: Row) => void;
  /** The row opens or closes. */
  readonly toggle: (row: Row) => void;
  /** The row became the current one. */
  readonly chosen: (row: Row) => void;
  /** Enter, or a double click: do what is done most with such a row. */
  readonly enter: (row: Row) => void;
}

interface Drawn {
  readonly signature: string;
  readonly node: HTMLElement;
}

export class Tree {
  readonly node = h('div', { class: 'mlops-panel-tree', role: 'tree', tabindex: '0', 'aria-label': 'Endpoints, boards, models and versions' });
  private readonly space = h('div', { class: 'mlops-panel-space', role: 'presentation' });
  private rows: readonly Row[] = [];
  private drawn = new Map<string, Drawn>();
  private currentId = '';
  private typed = '';
  private typedAt = 0;

  constructor(
    private readonly deeds: Deeds,
    signal: AbortSignal
  ) {
    this.node.append(this.space);
    this.node.addEventListener('scroll', () => this.paint(), { signal, passive: true });
    this.node.addEventListener('keydown', event => this.press(event), { signal });
    this.node.addEventListener('click', event => this.click(event), { signal });
    this.node.addEventListener('dblclick', event => this.withRow(event, row => this.deeds.enter(row)), { signal });
    this.node.addEventListener('contextmenu', event => this.withRow(event, row => this.choose(row.id)), { signal });
  }

  get current(): Row | null {
    return this.rows[this.place()] ?? null;
  }

  show(rows: readonly Row[]): void {
    const before = this.place();
    this.rows = rows;
    if (this.place() < 0) this.currentId = rows[Math.max(0, Math.min(before, rows.length - 1))]?.id ?? '';
    this.space.style.height = `${rows.length * ROW_PIXELS}px`;
    this.paint();
  }

  /** Draw what is in sight, and the current row, which a screen reader may be on; what did not change stays as it is. */
  paint(): void {
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW_PIXELS) - OVERSCAN);
    const last = Math.min(this.rows.length, first + Math.ceil((this.node.clientHeight || 600) / ROW_PIXELS) + 2 * OVERSCAN);
    const places = new Set(Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset));
    const current = this.place();
    if (current >= 0) places.add(current);
    const shown = new Map<string, Drawn>();
    for (const place of places) {
      const row = this.rows[place];
      if (row) shown.set(row.id, this.placed(row, place, place === current));
    }
    for (const [id, { node }] of this.drawn) if (shown.get(id)?.node !== node) node.remove();
    this.drawn = shown;
    this.node.setAttribute('aria-activedescendant', current < 0 ? '' : identity(this.currentId));
    for (let place = first; place < last; place += 1) this.deeds.seen(this.rows[place] as Row);
  }

  private placed(row: Row, place: number, current: boolean): Drawn {
    const signature = JSON.stringify([row, current]);
    const known = this.drawn.get(row.id);
    const node = known?.signature === signature ? known.node : this.dressed(row, current);
    node.style.top = `${place * ROW_PIXELS}px`;
    if (node.parentNode !== this.space) this.space.append(node);
    return { signature, node };
  }

  private dressed(row: Row, current: boolean): HTMLElement {
    const node = this.deeds.draw(row);
    node.id = identity(row.id);
    node.dataset['id'] = row.id;
    const facts = { role: 'treeitem', 'aria-level': row.level, 'aria-posinset': row.place, 'aria-setsize': row.of, 'aria-selected': current };
    for (const [name, value] of Object.entries(facts)) node.setAttribute(name, String(value));
    if ('open' in row) node.setAttribute('aria-expanded', String(row.open));
    return node;
  }

  private place(): number {
    return this.rows.findIndex(row => row.id === this.currentId);
  }

  private choose(id: string): void {
    this.currentId = id;
    this.paint();
    if (this.current) this.deeds.chosen(this.current);
  }

  private withRow(event: Event, act: (row: Row) => void): void {
    const id = (event.target as Element).closest<HTMLElement>('[data-id]')?.dataset['id'];
    const row = this.rows.find(each => each.id === id);
    if (row) act(row);
  }

  private click(event: MouseEvent): void {
    this.withRow(event, row => {
      this.choose(row.id);
      if ('open' in row && event.detail < 2) this.deeds.toggle(row);
    });
  }

  private press(event: KeyboardEvent): void {
    const row = this.current;
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.step(event.key) || this.unfold(event.key, row) || this.enter(event.key, row) || this.type(event.key)) event.preventDefault();
  }

  private step(key: string): boolean {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity };
    const step = steps[key];
    if (step !== undefined) this.go(this.place() + step);
    return step !== undefined;
  }

  /** Right opens, then goes to the first child; left closes, or goes to the parent. */
  private unfold(key: string, row: Row): boolean {
    if (key !== 'ArrowRight' && key !== 'ArrowLeft') return false;
    const right = key === 'ArrowRight';
    if ('open' in row && row.open !== right) this.deeds.toggle(row);
    else if (right && 'open' in row) this.go(this.place() + 1);
    else if (!right && row.level > 1) this.go(this.rows.slice(0, this.place()).findLastIndex(each => each.level < row.level));
    return true;
  }

  private enter(key: string, row: Row): boolean {
    if (key === ' ' && this.typed === '' && 'open' in row) this.deeds.toggle(row);
    else if (key === 'Enter') this.deeds.enter(row);
    return key === 'Enter' || key === ' ';
  }

  /** Go to the next row whose words begin with what was typed. */
  private type(key: string): boolean {
    if (key.length !== 1) return false;
    const now = Date.now();
    this.typed = now - this.typedAt < 700 ? this.typed + key.toLowerCase() : key.toLowerCase();
    this.typedAt = now;
    const from = this.place() + (this.typed.length === 1 ? 1 : 0);
    const order = [...this.rows.slice(from), ...this.rows.slice(0, from)];
    const found = order.find(row => wordsOf(row).toLowerCase().startsWith(this.typed));
    if (found) this.go(this.rows.indexOf(found));
    return true;
  }

  private go(place: number): void {
    const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, place))];
    if (row === undefined) return;
    this.reveal(this.rows.indexOf(row));
    this.choose(row.id);
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
    case 'endpoints': return 'endpoints';
    case 'endpoint': return row.endpoint.name;
    case 'board': return row.board.label;
    case 'model': return row.model.name;
    case 'version': return row.version.created;
    case 'absent': return '';
    case 'note': return row.text;
  }
}

function identity(id: string): string {
  return `mlops-panel-${encodeURIComponent(id)}`;
}
