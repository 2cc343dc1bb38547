/** The panel's DOM: search, trouble, tree, and what can be done with the chosen row; it knows no Jupyter. */

import { button } from '../components/frame';
import { h, replace } from '../dom';
import type { Change } from '../wire';
import { type Action, actionsFor } from './actions';
import type { Host } from './host';
import { type Row, rowsOf } from './rows';
import { drawRow, drawTrouble } from './rows-view';
import { EVERYTHING, RATES, type Store } from './store';
import { Tree } from './tree';

const SEARCH_PAUSE_MS = 200;
const FILL_PAUSE_MS = 50;
const RATES_MS = 5000;

export class View {
  readonly node = h('div', { class: 'mlops-panel' });
  private readonly search: HTMLInputElement;
  private readonly trouble = h('div');
  private readonly bar = h('div', {
    class: 'mlops-panel-bar',
    role: 'toolbar',
    'aria-label': 'What can be done with the chosen row',
  });
  private readonly status = h('div', { class: 'mlops-panel-status', role: 'status' });
  private readonly tree: Tree;
  private barState = '';
  private pause: number | undefined;
  private filling: Promise<void> | null = null;

  constructor(
    private readonly store: Store,
    private readonly host: Host,
    private readonly signal: AbortSignal
  ) {
    this.tree = new Tree(
      {
        draw: drawRow,
        seen: rows => this.seen(rows),
        toggle: row => void this.attempt(() => this.store.toggle(row.id)),
        chosen: () => this.drawBar(),
        enter: row => this.enter(row),
      },
      signal
    );
    const words = {
      type: 'search',
      class: 'mlops-panel-search',
      placeholder: 'Search: accuracy>0.9 tag:eu',
      'aria-label': 'Search models',
    };
    this.search = h('input', { ...words, signal, on: { input: () => this.searchSoon() } });
    const again = button('↻', signal, () => void this.refresh(EVERYTHING), {
      'aria-label': 'Refresh',
      title: 'Refresh',
    });
    const timer = window.setInterval(
      () => this.store.someEndpointRuns && this.inSight && void this.refresh(RATES),
      RATES_MS
    );
    signal.addEventListener('abort', () => (window.clearTimeout(this.pause), window.clearInterval(timer)), {
      once: true,
    });
    this.node.append(
      h('div', { class: 'mlops-panel-head' }, this.search, again),
      this.trouble,
      this.tree.node,
      this.bar,
      this.status
    );
  }

  /** Whether somebody can see the panel now. */
  get inSight(): boolean {
    return !document.hidden && this.node.isConnected && this.node.offsetParent !== null;
  }

  refresh(change: Change): Promise<void> {
    return this.attempt(() => this.store.refresh(change));
  }

  /** The action of this id, where it applies to the chosen row; else null. */
  action(id: string): Action | null {
    const row = this.tree.current;
    return (row && actionsFor(row).find(each => each.id === id)) ?? null;
  }

  /** Do what was chosen, to the row as it is now, then show what became of it. */
  run(id: string): Promise<void> {
    const [row, action] = [this.tree.current, this.action(id)];
    if (row === null || action === null) return Promise.resolve();
    return this.attempt(async () => {
      await action.run(row, { store: this.store, api: this.store.api, host: this.host });
      if (action.changes) await this.store.refresh(EVERYTHING);
    });
  }

  /** Do it, then draw what is known; what goes wrong is said above the tree, which stays. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      replace(this.trouble);
    } catch (error) {
      replace(this.trouble, drawTrouble(error));
    }
    if (!this.signal.aborted) this.draw();
  }

  private draw(): void {
    this.tree.show(rowsOf(this.store));
    this.drawBar();
    const boards = this.store.boards.filter(board => this.store.open.has(board.key));
    const found = boards.map(
      board => `${this.store.models.get(board.key)?.total ?? 0} of ${board.models} models on ${board.label}`
    );
    replace(this.status, this.store.query ? found.join(', ') : '');
  }

  private drawBar(): void {
    const row = this.tree.current;
    const offered = row === null ? [] : actionsFor(row);
    const state = JSON.stringify([row?.id, offered.map(each => each.id)]);
    if (state === this.barState) return;
    this.barState = state;
    replace(this.bar, ...offered.map(each => button(each.label, this.signal, () => void this.run(each.id))));
  }

  private enter(row: Row): void {
    const [first] = actionsFor(row);
    if (row.kind === 'board' || first === undefined)
      void ('open' in row && this.attempt(() => this.store.toggle(row.id)));
    else void this.run(first.id);
  }

  private seen(rows: readonly Row[]): void {
    const places = new Map<string, number[]>();
    for (const { list, place } of rows) if (list !== null) places.set(list, [...(places.get(list) ?? []), place - 1]);
    for (const [list, its] of places) this.store.look(list, its);
    this.fillSoon();
  }

  /** Soon fetch what is in sight and not here; what goes wrong is said, and tried again when other rows come into sight. */
  private fillSoon(): void {
    const failed = (error: unknown): void => replace(this.trouble, drawTrouble(error));
    this.filling ??= this.fill()
      .catch(failed)
      .finally(() => (this.filling = null));
  }

  /** Fetch one page after the other, each chosen when its turn comes: what somebody has scrolled past is never asked for. */
  private async fill(): Promise<void> {
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, FILL_PAUSE_MS));
      const [list, page] = this.signal.aborted ? [] : this.lacking();
      if (list === undefined || page === undefined) return;
      await this.store.fetch(list, page);
      if (!this.signal.aborted) this.draw();
    }
  }

  /** The list and the page that are wanted first, or nothing. */
  private lacking(): [string, number] | [] {
    for (const { list, place } of this.tree.around()) {
      const page = list === null ? null : this.store.lacks(list, place - 1);
      if (list !== null && page !== null) return [list, page];
    }
    return [];
  }

  private searchSoon(): void {
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(
      () => void this.attempt(() => this.store.search(this.search.value)),
      SEARCH_PAUSE_MS
    );
  }
}
