/** What the panel knows: fetched when it is looked at, again when the server says that it changed. */

import type { BoardRow, Change, PanelEndpoint, PanelModel, VersionRow } from '../wire';
import type { Api } from './api';
import { Paged } from './paged';
import { type Meter, meter } from './rate';

export const EVERYTHING: Change = { boards: [], endpoints: true, verdicts: true };
export const RATES: Change = { boards: [], endpoints: true, verdicts: false };
export const ENDPOINTS = 'endpoints';

export class Store {
  boards: readonly BoardRow[] = [];
  endpoints: readonly PanelEndpoint[] = [];
  query = '';
  readonly open = new Set<string>([ENDPOINTS]);
  readonly models = new Map<string, Paged<PanelModel>>();
  readonly versions = new Map<string, Paged<VersionRow>>();
  private meters = new Map<string, Meter>();
  private rates = new Map<string, number | null>();
  private asked = false;

  constructor(readonly api: Api) {}

  /** Requests per second since the last look; unknown at the first. */
  rate(endpoint: PanelEndpoint): number | null {
    return this.rates.get(endpoint.url) ?? null;
  }

  get someEndpointRuns(): boolean {
    return this.endpoints.some(endpoint => endpoint.state === 'running');
  }

  async refresh(change: Change): Promise<void> {
    const wanted = change !== RATES;
    const [boards, endpoints] = await Promise.all([
      wanted ? this.api.boards() : this.boards,
      change.endpoints ? this.api.endpoints() : this.endpoints,
    ]);
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
      await this.kept(this.versions, id).fetch(page, (offset, limit) =>
        this.api.versions({ board, name }, offset, limit)
      );
    } else if (this.boards.find(each => each.key === board)?.trouble === null) {
      const query = this.query;
      await this.kept(this.models, id).fetch(page, (offset, limit) => this.api.models(board, query, offset, limit));
    }
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

  private list(id: string): Paged<PanelModel> | Paged<VersionRow> | undefined {
    return this.models.get(id) ?? this.versions.get(id);
  }

  private concerned(id: string, change: Change): boolean {
    if (id === ENDPOINTS || change === RATES) return false;
    const [board, name] = parts(id);
    return (
      change === EVERYTHING ||
      change.boards.includes(board) ||
      (change.verdicts && name === null) ||
      this.list(id) === undefined
    );
  }

  private measure(): void {
    this.meters = new Map(this.endpoints.map(({ url }) => [url, this.meters.get(url) ?? meter()]));
    this.rates = new Map(
      this.endpoints.map(({ url, health }) => [
        url,
        health === null ? null : (this.meters.get(url)?.(health.requests) ?? null),
      ])
    );
  }
}

function parts(id: string): [string, string | null] {
  const cut = id.indexOf('/');
  return cut < 0 ? [id, null] : [id.slice(0, cut), id.slice(cut + 1)];
}
