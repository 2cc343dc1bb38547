/** A list of equal rows that draws only those in sight, walked with the arrow keys. */

import { element } from './element';

export const ROW_PIXELS = 26;
const OVERSCAN = 8;

export interface Drawn<T> {
  readonly id: (row: T) => string;
  readonly draw: (row: T) => HTMLElement;
  readonly seen: (row: T) => void;
  readonly key: (row: T, key: string) => void;
}

export class VirtualList<T> {
  readonly node = element('div', { class: 'mlops-sidebar-tree', role: 'tree', tabindex: 0, 'aria-label': 'Boards, models and versions' });
  private readonly space = element('div', { class: 'mlops-sidebar-space', role: 'presentation' });
  private rows: readonly T[] = [];
  private current = 0;

  constructor(
    private readonly drawn: Drawn<T>,
    signal: AbortSignal
  ) {
    this.node.append(this.space);
    this.node.addEventListener('scroll', () => this.paint(), { signal, passive: true });
    this.node.addEventListener('keydown', event => this.press(event), { signal });
  }

  show(rows: readonly T[]): void {
    this.rows = rows;
    this.current = Math.max(0, Math.min(this.current, rows.length - 1));
    this.space.style.height = `${rows.length * ROW_PIXELS}px`;
    this.paint();
  }

  choose(row: T): void {
    const place = this.rows.findIndex(each => this.drawn.id(each) === this.drawn.id(row));
    this.current = Math.max(0, place);
    this.paint();
  }

  paint(): void {
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW_PIXELS) - OVERSCAN);
    const count = Math.ceil((this.node.clientHeight || 600) / ROW_PIXELS) + 2 * OVERSCAN;
    const shown = this.rows.slice(first, first + count);
    this.space.replaceChildren(...shown.map((row, offset) => this.placed(row, first + offset)));
    this.node.setAttribute('aria-activedescendant', this.identity(this.current));
    shown.forEach(row => this.drawn.seen(row));
  }

  private placed(row: T, place: number): HTMLElement {
    const node = this.drawn.draw(row);
    node.id = this.identity(place);
    node.style.top = `${place * ROW_PIXELS}px`;
    node.setAttribute('role', 'treeitem');
    node.setAttribute('aria-selected', String(place === this.current));
    return node;
  }

  private identity(place: number): string {
    return `mlops-sidebar-row-${place}`;
  }

  private press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    const row = this.rows[this.current];
    const step = steps[event.key];
    if (step !== undefined) {
      this.current = Math.max(0, Math.min(this.rows.length - 1, this.current + step));
      this.reveal();
    } else if (row !== undefined && ['Enter', ' ', 'ArrowLeft', 'ArrowRight'].includes(event.key)) {
      if (event.target !== this.node) return;
      this.drawn.key(row, event.key);
    } else {
      return;
    }
    event.preventDefault();
  }

  private reveal(): void {
    const top = this.current * ROW_PIXELS;
    const { scrollTop, clientHeight } = this.node;
    if (top < scrollTop) this.node.scrollTop = top;
    else if (top + ROW_PIXELS > scrollTop + clientHeight) this.node.scrollTop = top + ROW_PIXELS - clientHeight;
    this.paint();
  }
}
