/** The panel's verbs as functions; how a question travels (REST, or the kernel) is somebody else's business. */

import type { Answer, Comparison, Moved, Report, Value } from '../wire';
import type { Board, Endpoint, HistoryEntry, Model, Page, Traffic, Verdict, Version, WholeEndpoint } from './wire';

export type Fields = Readonly<Record<string, unknown>>;

/** Asks for one verb and returns its record; rejects with an error whose message is for people. */
export type Ask = (verb: string, fields: Fields) => Promise<Fields>;

/** Something is wrong with how we are installed; `fix` is the line that mends it. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly fix: string
  ) {
    super(message);
  }
}

/** A model of a board: what most verbs are about. */
export interface Place {
  readonly board: string;
  readonly name: string;
}

/** The most that the server gives at once. */
const MOST = 500;

export class Api {
  constructor(private readonly ask: Ask) {}

  async boards(): Promise<readonly Board[]> {
    return this.one('boards', {}, 'boards');
  }

  async forget(board: string): Promise<void> {
    await this.ask('forget', { board });
  }

  async models(board: string, query: string, offset: number, limit: number): Promise<Page<Model>> {
    return this.page('models', { board, offset, limit, ...(query ? { query } : {}) });
  }

  async versions(place: Place, offset: number, limit = MOST): Promise<Page<Version>> {
    return this.page('versions', { ...where(place), offset, limit });
  }

  /** Every version, page by page. */
  async allVersions(place: Place): Promise<readonly Version[]> {
    const found: Version[] = [];
    for (;;) {
      const { items, total } = await this.versions(place, found.length);
      found.push(...items);
      if (items.length === 0 || found.length >= total) return found;
    }
  }

  async history(place: Place): Promise<Page<HistoryEntry>> {
    return this.page('history', where(place));
  }

  async compare(place: Place, a: string, b: string): Promise<Comparison> {
    return this.one('compare', { ...where(place), a, b }, 'comparison');
  }

  async traffic(place: Place): Promise<Traffic> {
    return this.one('traffic', where(place), 'traffic');
  }

  async verdicts(place: Place): Promise<readonly Verdict[]> {
    return this.one('judged', where(place), 'verdicts');
  }

  async report(place: Place): Promise<Report> {
    return this.one('report', where(place), 'report');
  }

  promote(place: Place, version: string, alias: string): Promise<Moved> {
    return this.moved('promote', { ...where(place), version, alias });
  }

  rollback(place: Place, alias: string): Promise<Moved> {
    return this.moved('rollback', { ...where(place), alias });
  }

  async endpoints(): Promise<readonly Endpoint[]> {
    return this.one('endpoints', {}, 'endpoints');
  }

  async endpoint(place: Place): Promise<WholeEndpoint> {
    return this.one('endpoint', where(place), 'endpoint');
  }

  async predict(place: Place, row: Readonly<Record<string, Value>>): Promise<Answer> {
    return this.one('predict', { ...where(place), row }, 'answer');
  }

  async act(verb: 'stop' | 'restart', place: Place): Promise<void> {
    await this.ask(verb, where(place));
  }

  async swap(place: Place, version: string): Promise<void> {
    await this.ask('swap', { ...where(place), version });
  }

  private async one<T>(verb: string, fields: Fields, kind: string): Promise<T> {
    return (await this.ask(verb, fields))[kind] as T;
  }

  private async moved(verb: string, fields: Fields): Promise<Moved> {
    const move = await this.one<{ readonly alias: string; readonly version: string | null }>(verb, fields, 'move');
    return { alias: move.alias, message: `${move.alias} is now ${move.version ?? 'nothing'}.` };
  }

  private async page<T>(verb: string, fields: Fields): Promise<Page<T>> {
    const told = await this.ask(verb, fields);
    return { items: told[verb] as T[], total: told['total'] as number };
  }
}

function where({ board, name }: Place): Fields {
  return { board, name };
}
