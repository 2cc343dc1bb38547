/** The panel's DOM: search, trouble, tree, endpoints; it knows no Jupyter. */

import { drawEndpoint, drawRow, drawTrouble, type Actions } from './drawing';
import { button, element } from './element';
import { rowsOf, type Row } from './rows';
import { EVERYTHING, type Change, type Store } from './store';
import { VirtualList } from './virtualList';

const SEARCH_PAUSE_MS = 200;

export class View {
  readonly node = element('div', { class: 'mlops-sidebar' });
  private readonly search = element('input', {
    type: 'search',
    class: 'mlops-sidebar-search',
    placeholder: 'Search: accuracy>0.9 tag:eu',
    'aria-label': 'Search models'
  });
  private readonly trouble = element('div', {});
  private readonly endpoints = element('ul', { class: 'mlops-sidebar-endpoints', 'aria-label': 'Endpoints' });
  private readonly status = element('div', { class: 'mlops-sidebar-status', role: 'status' });
  private readonly tree: VirtualList<Row>;
  private readonly actions: Actions;
  private pause: number | undefined;

  constructor(
    private readonly store: Store,
    actions: Omit<Actions, 'toggle'>,
    signal: AbortSignal
  ) {
    this.actions = { ...actions, toggle: id => void this.attempt(() => this.store.toggle(id)) };
    this.tree = new VirtualList<Row>(
      {
        id: row => row.id,
        draw: row => drawRow(row, this.actions),
        seen: row => void (row.kind === 'more' && this.attempt(() => this.store.more(row.of))),
        key: (row, key) => this.press(row, key)
      },
      signal
    );
    this.search.addEventListener('input', () => this.searchSoon(), { signal });
    signal.addEventListener('abort', () => window.clearTimeout(this.pause), { once: true });
    const again = button('↻', 'Refresh', () => void this.refresh(EVERYTHING));
    const title = element('div', { class: 'mlops-sidebar-title' }, 'Endpoints');
    this.node.append(element('div', { class: 'mlops-sidebar-head' }, this.search, again), this.trouble, this.tree.node, title, this.endpoints, this.status);
  }

  refresh(change: Change): Promise<void> {
    return this.attempt(() => this.store.refresh(change));
  }

  /** Do it, then draw what is known; what goes wrong is said above the tree, which stays. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.trouble.replaceChildren();
    } catch (error) {
      this.trouble.replaceChildren(drawTrouble(error));
    }
    this.draw();
  }

  draw(): void {
    const rows = rowsOf(this.store.tree);
    this.tree.show(rows);
    const drawn = this.store.endpoints.map(endpoint => drawEndpoint(endpoint, this.store.rate(endpoint), this.actions));
    this.endpoints.replaceChildren(...(drawn.length > 0 ? drawn : [element('li', { class: 'mlops-sidebar-faint' }, 'None. Start one with %deploy NAME')]));
    this.status.textContent = rows.length > 0 ? '' : 'No board yet: %board PATH_OR_URL opens one.';
  }

  private searchSoon(): void {
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.attempt(() => this.store.search(this.search.value)), SEARCH_PAUSE_MS);
  }

  private press(row: Row, key: string): void {
    if (row.kind === 'board' || row.kind === 'model') {
      if (key === 'ArrowRight' ? !row.open : key === 'ArrowLeft' ? row.open : true) this.actions.toggle(row.id);
    } else if (row.kind === 'version' && key === 'Enter') {
      this.actions.promote(row.board.key, row.model, row.version);
    }
  }
}
