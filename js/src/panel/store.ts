/** What the panel knows: fetched when it is looked at, again when the server says that it changed. */

import type { BoardRow, Change, MetricName, ModelRow, PanelEndpoint, VersionRow } from '../wire';
import { type Api, SetupError } from './api';
import { Paged } from './paged';
import { type Meter, meter } from './rate';

export const EVERYTHING: Change = { boards: [], endpoints: true, verdicts: true };
export const RATES: Change = { boards: [], endpoints: true, verdicts: false };
export const ENDPOINTS = 'endpoints';
const RATES_KEPT = 24; // looks that a sparkline shows

export class Store {
  boards: readonly BoardRow[] = [];
  endpoints: readonly PanelEndpoint[] = [];
  query = '';
  /** What is wrong with the query; empty while it is understood. */
  misunderstood = '';
  /** Whether boards and endpoints were fetched once. */
  ready = false;
  readonly open = new Set<string>([ENDPOINTS]);
  readonly models = new Map<string, Paged<ModelRow>>();
  readonly versions = new Map<string, Paged<VersionRow>>();
  private readonly metrics = new Map<string, readonly MetricName[]>();
  private readonly closed = new Set<string>(); // boards with hits that were closed since the search
  private meters = new Map<string, Meter>();
  private rates = new Map<string, readonly (number | null)[]>();

  constructor(readonly api: Api) {}

  /** Requests per second at the last looks; those at the first are unknown. */
  rate(endpoint: PanelEndpoint): readonly (number | null)[] {
    return this.rates.get(endpoint.url) ?? [];
  }

  get someEndpointRuns(): boolean {
    return this.endpoints.some(endpoint => endpoint.state === 'running');
  }

  /** Whether a row is open; of a search, every board that has hits is. */
  isOpen(id: string): boolean {
    if (this.query === '' || !this.boards.some(board => board.key === id)) return this.open.has(id);
    return !this.closed.has(id) && (this.models.get(id)?.total ?? 0) > 0;
  }

  /** The metrics of a model's versions that were fetched, with their directions. */
  metricsOf(id: string): readonly MetricName[] {
    return this.metrics.get(id) ?? [];
  }

  async refresh(change: Change): Promise<void> {
    const wanted = change !== RATES;
    const [boards, endpoints] = await Promise.all([
      wanted ? this.api.boards() : this.boards,
      change.endpoints ? this.api.endpoints() : this.endpoints,
    ]);
    if (this.boards.length === 0 && boards[0] !== undefined) this.open.add(boards[0].key); // the first one is seen at once
    this.boards = boards;
    this.endpoints = endpoints;
    if (change.endpoints) this.measure();
    this.ready ||= wanted;
    await Promise.all([...this.shown()].filter(id => this.concerned(id, change)).map(id => this.reload(id)));
  }

  /** Look for models on every board; a query that cannot be read changes nothing but `misunderstood`. */
  async search(query: string): Promise<void> {
    const before = this.query;
    this.query = query;
    this.closed.clear();
    this.models.clear();
    this.misunderstood = '';
    const [first, ...rest] = this.boards.filter(board => board.trouble === null && this.looksInto(board));
    if (first === undefined) return;
    try {
      await this.reload(first.key);
    } catch (error) {
      if (query === '' || error instanceof SetupError || !(error instanceof Error)) throw error;
      this.misunderstood = error.message;
      this.query = before === query ? '' : before;
      await Promise.all(this.boards.filter(board => this.looksInto(board)).map(board => this.reload(board.key)));
      return;
    }
    await Promise.all(rest.map(board => this.reload(board.key)));
  }

  async toggle(id: string): Promise<void> {
    if (this.query !== '' && this.boards.some(board => board.key === id)) {
      if (!this.closed.delete(id)) this.closed.add(id);
      return;
    }
    if (this.open.delete(id)) return;
    this.open.add(id);
    if (id !== ENDPOINTS) await this.reload(id);
  }

  /** These places of a list are in sight. */
  look(id: string, places: readonly number[]): void {
    this.list(id)?.look(places);
  }

  /** Return the page of a list that has to be fetched so that this place can be shown, or null. */
  lacks(id: string, place: number): number | null {
    return this.list(id)?.lacks(place) ?? null;
  }

  async fetch(id: string, page: number): Promise<void> {
    const [board, name] = parts(id);
    if (name !== null) {
      await this.kept(this.versions, id).fetch(page, async (offset, limit) => {
        const found = await this.api.versions({ board, name }, offset, limit);
        this.metrics.set(id, found.metrics);
        return found;
      });
    } else if (this.boards.find(each => each.key === board)?.trouble === null) {
      const query = this.query;
      await this.kept(this.models, id).fetch(page, (offset, limit) => this.api.models(board, query, offset, limit));
    }
  }

  /** What is fetched again after a change: what is open, of a search every board. */
  private shown(): ReadonlySet<string> {
    return new Set([...this.open, ...(this.query === '' ? [] : this.boards.map(board => board.key))]);
  }

  private looksInto(board: BoardRow): boolean {
    return this.query !== '' || this.open.has(board.key);
  }

  private async reload(id: string): Promise<void> {
    const pages =
      this.models.get(id)?.outdate(model => this.open.has(`${id}/${model.name}`)) ??
      this.versions.get(id)?.outdate(() => false);
    await Promise.all([...(pages ?? [0])].map(page => this.fetch(id, page)));
  }

  private kept<T>(lists: Map<string, Paged<T>>, id: string): Paged<T> {
    const list = lists.get(id) ?? new Paged<T>();
    lists.set(id, list);
    return list;
  }

  private list(id: string): Paged<ModelRow> | Paged<VersionRow> | undefined {
    return this.models.get(id) ?? this.versions.get(id);
  }

  private concerned(id: string, change: Change): boolean {
    if (id === ENDPOINTS || change === RATES) return false;
    const [board, name] = parts(id);
    return (
      change === EVERYTHING ||
      change.boards.includes(board) ||
      ((change.verdicts || change.endpoints) && name === null) ||
      this.list(id) === undefined
    );
  }

  private measure(): void {
    this.meters = new Map(this.endpoints.map(({ url }) => [url, this.meters.get(url) ?? meter()]));
    this.rates = new Map(
      this.endpoints.map(({ url, health }) => {
        const now = health === null ? null : (this.meters.get(url)?.(health.requests) ?? null);
        return [url, [...(this.rates.get(url) ?? []), now].slice(-RATES_KEPT)];
      })
    );
  }
}

function parts(id: string): [string, string | null] {
  const cut = id.indexOf('/');
  return cut < 0 ? [id, null] : [id.slice(0, cut), id.slice(cut + 1)];
}
