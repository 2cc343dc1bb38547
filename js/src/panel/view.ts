/** The panel's DOM: search, trouble, tree, and the drawer of the chosen row; it knows no Jupyter. */

import { button, iconButton } from '../components/button';
import { codeBlock } from '../components/code';
import { empty, note, searchField, skeleton } from '../components/layout';
import { type View as Surface, view } from '../components/view';
import { h, replace } from '../dom';
import { plural } from '../format';
import { insert, refresh, models as stack } from '../icons.json';
import type { Change } from '../wire';
import { type Action, actionsFor, firstAction, type Outcome } from './actions';
import { SetupError } from './api';
import { drawer } from './drawer';
import type { Host } from './host';
import { EXAMPLE, firstLines, type Row, rowsOf } from './rows';
import { drawRow } from './rows-view';
import { EVERYTHING, RATES, type Store } from './store';
import { Tree } from './tree';

const SEARCH_PAUSE_MS = 200;
const FILL_PAUSE_MS = 50;
const RATES_MS = 5000;
const FIRST_BOARD = 'models';

export class View {
  readonly node: HTMLElement;
  private readonly surface: Surface;
  private focuses = false;
  private readonly notes = h('div', { class: 'mlops-panel-notes' });
  private readonly place = h('div', { class: 'mlops-panel-place' });
  private readonly status = h('div', { class: 'mlops-2', role: 'status' });
  private readonly tree: Tree;
  private drawn = '';
  private pause: number | undefined;
  private filling: Promise<void> | null = null;

  constructor(
    private readonly store: Store,
    private readonly host: Host,
    private readonly signal: AbortSignal
  ) {
    this.surface = view('Models and endpoints', signal, 'mlops-panel');
    this.node = this.surface.root;
    this.tree = new Tree(
      {
        draw: drawRow,
        seen: rows => this.seen(rows),
        toggle: row => void this.attempt(() => this.store.toggle(row.id)),
        chosen: () => this.drawDrawer(),
        enter: row => this.enter(row),
      },
      signal
    );
    const search = searchField('Search models', 'Search: auc>0.8 tag:eu', signal, words => this.searchSoon(words));
    const again = iconButton(refresh, 'Refresh', { signal, press: () => void this.refresh(EVERYTHING) });
    const timer = window.setInterval(
      () => this.store.someEndpointRuns && this.inSight && void this.refresh(RATES),
      RATES_MS
    );
    signal.addEventListener('abort', () => (window.clearTimeout(this.pause), window.clearInterval(timer)), {
      once: true,
    });
    replace(
      this.surface.body,
      h('div', { class: 'mlops-panel-head' }, search, again),
      this.notes,
      h('div', { class: 'mlops-panel-notes' }, this.status),
      h('div', { class: 'mlops-panel-loading' }, skeleton(60, 82, 74, 66, 80)),
      this.place
    );
  }

  /** Whether the panel can be seen now. */
  get inSight(): boolean {
    return !document.hidden && this.node.isConnected && this.node.offsetParent !== null;
  }

  /** Say what is waited for; no words end it. */
  wait(words: string): void {
    this.surface.wait(words);
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
  async run(id: string): Promise<void> {
    const [row, action] = [this.tree.current, this.action(id)];
    if (row === null || action === null) return;
    const anchor = this.place.querySelector<HTMLElement>('button') ?? this.tree.node;
    const around = { store: this.store, api: this.store.api, host: this.host, anchor, signal: this.signal };
    await this.perform(async () => (await action.run(row, around)) ?? null, action.changes);
  }

  /** Do something, look again at what it changes, and say what became of it with a way back. */
  private async perform(work: () => Promise<Outcome | string | null>, changes: boolean): Promise<void> {
    try {
      const done = await work();
      if (changes) await this.refresh(EVERYTHING);
      if (done === null || this.signal.aborted) return;
      const { words, undo } = typeof done === 'string' ? { words: done, undo: undefined } : done;
      this.surface.say(words, undo ? () => void this.perform(undo, true) : null);
    } catch (error) {
      if (!this.signal.aborted) this.surface.complain(error);
    }
  }

  /** Do it, then draw what is known; what goes wrong is said above the tree, which stays. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      replace(this.notes);
    } catch (error) {
      replace(this.notes, this.trouble(error));
    }
    if (!this.signal.aborted) this.draw();
  }

  private trouble(error: unknown): HTMLElement {
    const { signal } = this;
    const words = error instanceof Error ? error.message : String(error);
    const fix = error instanceof SetupError ? codeBlock(error.fix, 'To fix it', signal, this.surface.complain) : null;
    const again = button('Try again', { signal, mark: refresh, press: () => void this.refresh(EVERYTHING) });
    return note('bad', [words, fix && h('div', { class: 'mlops-below' }, fix)], { role: 'alert', actions: [again] });
  }

  private draw(): void {
    const { store } = this;
    if (store.ready) {
      this.surface.body.querySelector('.mlops-panel-loading')?.remove();
      if (this.tree.node.parentNode === null) this.surface.body.insertBefore(this.tree.node, this.place);
      if (this.focuses) this.focus();
    }
    this.tree.node.hidden = store.boards.length === 0 && this.isEmpty;
    this.tree.show(rowsOf(store));
    this.drawDrawer();
    this.drawStatus();
  }

  /** Whether there is nothing yet: no endpoint, and no model on any board. */
  private get isEmpty(): boolean {
    const { boards, endpoints, query } = this.store;
    const bare = boards.every(board => board.models === 0 && board.trouble === null);
    return bare && endpoints.length === 0 && query === '';
  }

  /** Say how much a search found, or what is wrong with it. */
  private drawStatus(): void {
    const { store } = this;
    if (store.misunderstood) return replace(this.status, note('alert', [store.misunderstood]));
    if (store.query === '') return replace(this.status);
    const [found, all] = [0, 0].map((_, place) =>
      store.boards.reduce((sum, board) => sum + (place ? board.models : (store.models.get(board.key)?.total ?? 0)), 0)
    );
    replace(this.status, found === 0 ? `No model of ${all} fits` : `${found} of ${plural(all ?? 0, 'model')}`);
  }

  /** Draw the drawer where it differs; the keyboard stays on the control of the same name. */
  private drawDrawer(): void {
    if (!this.store.ready) return;
    const row = this.tree.current;
    const state = JSON.stringify([row, this.isEmpty, row && actionsFor(row).map(each => each.id)]);
    if (state === this.drawn) return;
    this.drawn = state;
    const focused = this.place.contains(document.activeElement) ? document.activeElement : null;
    const label = focused?.getAttribute('aria-label') ?? focused?.textContent;
    const made = this.isEmpty ? this.nothing() : row && drawer(row, this.store, id => void this.run(id), this.signal);
    this.place.classList.toggle('mlops-panel-empty', this.isEmpty);
    replace(this.place, made);
    const same = [...this.place.querySelectorAll('button')].find(
      each => label && (each.getAttribute('aria-label') ?? each.textContent) === label
    );
    same?.focus({ preventScroll: true });
  }

  /** Give the keyboard to the tree; before the first look is done, as soon as it is there. */
  focus(): void {
    this.focuses = !this.tree.node.isConnected;
    this.tree.node.focus({ preventScroll: true });
  }

  private nothing(): HTMLElement {
    const { signal } = this;
    const lines = firstLines(this.store.boards[0]?.url ?? FIRST_BOARD);
    const press = (code: string, run: boolean) => (): void => this.surface.say(this.host.insert(code, run));
    return empty(
      stack,
      'No model yet',
      'Fit one in a cell, then pin it with these lines:',
      codeBlock(lines, 'The first pin', signal, this.surface.complain),
      h(
        'div',
        { class: 'mlops-line mlops-below' },
        button('Insert the lines', { signal, kind: 'is-primary', mark: insert, press: press(lines, false) }),
        button('Run an example', { signal, press: press(EXAMPLE, true) })
      )
    );
  }

  private enter(row: Row): void {
    const first = firstAction(row);
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
    const failed = (error: unknown): void => replace(this.notes, this.trouble(error));
    this.filling ??= this.fill()
      .catch(failed)
      .finally(() => (this.filling = null));
  }

  /** Fetch one page after the other, each chosen when its turn comes: rows that were scrolled past are never asked for. */
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

  private searchSoon(words: string): void {
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.attempt(() => this.store.search(words.trim())), SEARCH_PAUSE_MS);
  }
}
