/** What the panel knows: fetched when it is looked at, again when the server says that it changed. */

import type { Api } from './api';
import { meter, type Meter } from './meter';
import { Paged } from './paged';
import type { Board, Change, Endpoint, Model, Version } from './wire';

export const EVERYTHING: Change = { boards: [], endpoints: true, verdicts: true };
export const RATES: Change = { boards: [], endpoints: true, verdicts: false };
export const ENDPOINTS = 'endpoints';

export class Store {
  boards: readonly Board[] = [];
  endpoints: readonly Endpoint[] = [];
  query = '';
  readonly open = new Set<string>([ENDPOINTS]);
  readonly models = new Map<string, Paged<Model>>();
  readonly versions = new Map<string, Paged<Version>>();
  private meters = new Map<string, Meter>();
  private rates = new Map<string, number | null>();
  private asked = false;

  constructor(readonly api: Api) {}

  /** Requests per second since the last look; unknown at the first. */
  rate(endpoint: Endpoint): number | null {
    return this.rates.get(endpoint.url) ?? null;
  }

  get someEndpointRuns(): boolean {
    return this.endpoints.some(endpoint => endpoint.state === 'running');
  }

  async refresh(change: Change): Promise<void> {
    const wanted = change !== RATES;
    const [boards, endpoints] = await Promise.all([wanted ? this.api.boards() : this.boards, change.endpoints ? this.api.endpoints() : this.endpoints]);
    this.boards = boards;
    this.endpoints = endpoints;
    if (change.endpoints) this.measure();
    if (!this.asked && boards[0] !== undefined) this.open.add(boards[0].key);
    this.asked ||= wanted;
    await Promise.all([...this.open].filter(id => this.concerned(id, change)).map(id => this.reload(id)));
  }

  async search(query: string): Promise<void> {
    this.query = query;
    this.models.clear();
    await Promise.all(this.boards.filter(board => this.open.has(board.key)).map(board => this.reload(board.key)));
  }

  async toggle(id: string): Promise<void> {
    if (this.open.delete(id)) return;
    this.open.add(id);
    if (id !== ENDPOINTS) await this.reload(id);
  }

  /** Fetch the page that holds this place of a list, once, however often it comes into sight. */
  async seen(id: string, place: number): Promise<boolean> {
    const list = this.list(id);
    const page = list?.lacks(place) ?? null;
    if (list === undefined || page === null) return false;
    await this.fill(id, [page]);
    return true;
  }

  private async reload(id: string): Promise<void> {
    const pages = this.list(id)?.stale ?? [0];
    await this.fill(id, pages);
    this.list(id)?.keep(pages);
  }

  private async fill(id: string, pages: readonly number[]): Promise<void> {
    const [board, name] = parts(id);
    if (name !== null) {
      await this.kept(this.versions, id).fetch(pages, offset => this.api.versions({ board, name }, offset));
    } else if (this.boards.find(each => each.key === board)?.trouble === null) {
      const query = this.query;
      await this.kept(this.models, id).fetch(pages, offset => this.api.models(board, query, offset));
    }
  }

  private kept<T>(lists: Map<string, Paged<T>>, id: string): Paged<T> {
    const list = lists.get(id) ?? new Paged<T>();
    lists.set(id, list);
    return list;
  }

  private list(id: string): Paged<Model> | Paged<Version> | undefined {
    return this.models.get(id) ?? this.versions.get(id);
  }

  private concerned(id: string, change: Change): boolean {
    if (id === ENDPOINTS || change === RATES) return false;
    const [board, name] = parts(id);
    return change === EVERYTHING || change.boards.includes(board) || (change.verdicts && name === null) || this.list(id) === undefined;
  }

  private measure(): void {
    this.meters = new Map(this.endpoints.map(({ url }) => [url, this.meters.get(url) ?? meter()]));
    this.rates = new Map(this.endpoints.map(({ url, health }) => [url, health === null ? null : (this.meters.get(url)?.(health.requests) ?? null)]));
  }
}

function parts(id: string): [string, string | null] {
  const cut = id.indexOf('/');
  return cut < 0 ? [id, null] : [id.slice(0, cut), id.slice(cut + 1)];
}
