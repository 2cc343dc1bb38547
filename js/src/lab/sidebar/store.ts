/** What the panel knows: fetched when it is looked at, again when the server says that it changed. */

import type { Api } from './api';
import type { Pages, Tree } from './rows';
import type { Board, Endpoint, Model, Version } from './wire';

export interface Change {
  readonly boards: readonly string[];
  readonly endpoints: boolean;
  readonly verdicts: boolean;
}

export const EVERYTHING: Change = { boards: [], endpoints: true, verdicts: true };

export class Store {
  endpoints: readonly Endpoint[] = [];
  query = '';
  private boards: readonly Board[] = [];
  private readonly open = new Set<string>();
  private readonly models = new Map<string, Pages<Model>>();
  private readonly versions = new Map<string, Pages<Version>>();
  private readonly fetching = new Set<string>();
  private readonly counts = new Map<string, { readonly requests: number; readonly time: number; readonly rate: number | null }>();

  constructor(private readonly api: Api) {}

  get tree(): Tree {
    return { boards: this.boards, open: this.open, models: this.models, versions: this.versions };
  }

  /** Requests per second since the last look; unknown at the first. */
  rate(endpoint: Endpoint): number | null {
    return this.counts.get(endpoint.url)?.rate ?? null;
  }

  async refresh(change: Change): Promise<void> {
    const first = this.boards.length === 0;
    const [boards, endpoints] = await Promise.all([this.api.boards(), change.endpoints ? this.api.endpoints() : this.endpoints]);
    this.boards = boards;
    this.endpoints = endpoints;
    endpoints.forEach(endpoint => this.count(endpoint));
    if (first && boards[0] !== undefined) this.open.add(boards[0].key);
    await Promise.all([...this.open].filter(id => this.concerned(id, change)).map(id => this.reload(id)));
  }

  async search(query: string): Promise<void> {
    this.query = query;
    await Promise.all(this.boards.filter(board => this.open.has(board.key)).map(board => this.reload(board.key)));
  }

  async toggle(id: string): Promise<void> {
    if (this.open.delete(id)) return;
    this.open.add(id);
    await this.reload(id);
  }

  /** Fetch the page behind those that are there; once, however often the row comes into sight. */
  async more(id: string): Promise<void> {
    if (this.fetching.has(id)) return;
    this.fetching.add(id);
    try {
      await this.fetchFrom(id, this.models.get(id)?.items.length ?? this.versions.get(id)?.items.length ?? 0);
    } finally {
      this.fetching.delete(id);
    }
  }

  private reload(id: string): Promise<void> {
    return this.fetchFrom(id, 0);
  }

  private async fetchFrom(id: string, offset: number): Promise<void> {
    const [board, name] = parts(id);
    if (name !== null) {
      const page = await this.api.versions(board, name, offset);
      this.versions.set(id, joined(this.versions.get(id), page, offset));
    } else if (this.boards.find(each => each.key === board)?.trouble === null) {
      const page = await this.api.models(board, this.query, offset);
      this.models.set(id, joined(this.models.get(id), page, offset));
    }
  }

  private concerned(id: string, change: Change): boolean {
    const [board, name] = parts(id);
    return change === EVERYTHING || change.boards.includes(board) || (change.verdicts && name === null) || !(this.models.has(id) || this.versions.has(id));
  }

  private count(endpoint: Endpoint): void {
    const before = this.counts.get(endpoint.url);
    const requests = endpoint.health?.requests ?? 0;
    const time = Date.now();
    const rate = before && time > before.time ? Math.max(0, (1000 * (requests - before.requests)) / (time - before.time)) : null;
    this.counts.set(endpoint.url, { requests, time, rate });
  }
}

function parts(id: string): [string, string | null] {
  const cut = id.indexOf('/');
  return cut < 0 ? [id, null] : [id.slice(0, cut), id.slice(cut + 1)];
}

function joined<T>(before: Pages<T> | undefined, page: Pages<T>, offset: number): Pages<T> {
  return { items: offset === 0 || before === undefined ? page.items : [...before.items.slice(0, offset), ...page.items], total: page.total };
}
