/** The panel's verbs as functions; REST, or the kernel, carries them. */

import type { Value } from '../values';
import type {
  BoardRow,
  Comparison,
  Fields,
  FormAnswer,
  HistoryEntry,
  Moved,
  MoveReply,
  PanelEndpoint,
  PanelModel,
  Replies,
  Report,
  Traffic,
  VerdictRow,
  VersionRow,
  WholeEndpoint,
} from '../wire';
import type { Page } from './paged';

export type Verb = keyof Replies;

/** Asks for one verb and returns its record; rejects with an error whose message is for people. */
export type Ask = <V extends Verb>(verb: V, fields: Fields[V]) => Promise<Replies[V]>;

/** Something is wrong with the installation; `fix` is the line that mends it. */
export class SetupError extends Error {
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

  async boards(): Promise<readonly BoardRow[]> {
    return (await this.ask('boards', {})).boards;
  }

  async forget(board: string): Promise<void> {
    await this.ask('forget', { board });
  }

  async models(board: string, query: string, offset: number, limit: number): Promise<Page<PanelModel>> {
    const { models, total } = await this.ask('models', { board, offset, limit, ...(query ? { query } : {}) });
    return { items: models, total };
  }

  async versions(place: Place, offset: number, limit = MOST): Promise<Page<VersionRow>> {
    const { versions, total } = await this.ask('versions', { ...where(place), offset, limit });
    return { items: versions, total };
  }

  /** Every version, page by page. */
  async allVersions(place: Place): Promise<readonly VersionRow[]> {
    const found: VersionRow[] = [];
    for (;;) {
      const { items, total } = await this.versions(place, found.length);
      found.push(...items);
      if (items.length === 0 || found.length >= total) return found;
    }
  }

  async history(place: Place): Promise<Page<HistoryEntry>> {
    const { history, total } = await this.ask('history', where(place));
    return { items: history, total };
  }

  async compare(place: Place, a: string, b: string): Promise<Comparison> {
    return (await this.ask('compare', { ...where(place), a, b })).comparison;
  }

  async traffic(place: Place): Promise<Traffic> {
    return (await this.ask('traffic', where(place))).traffic;
  }

  async verdicts(place: Place): Promise<readonly VerdictRow[]> {
    return (await this.ask('verdicts', where(place))).verdicts;
  }

  async report(place: Place): Promise<Report> {
    return (await this.ask('report', where(place))).report;
  }

  async promote(place: Place, version: string, alias: string): Promise<Moved> {
    return moved(await this.ask('promote', { ...where(place), version, alias }));
  }

  async rollback(place: Place, alias: string): Promise<Moved> {
    return moved(await this.ask('rollback', { ...where(place), alias }));
  }

  async endpoints(): Promise<readonly PanelEndpoint[]> {
    return (await this.ask('endpoints', {})).endpoints;
  }

  async endpoint(place: Place): Promise<WholeEndpoint> {
    return (await this.ask('endpoint', where(place))).endpoint;
  }

  async predict(place: Place, row: Readonly<Record<string, Value>>): Promise<FormAnswer> {
    return (await this.ask('predict', { ...where(place), row })).answer;
  }

  async act(verb: 'stop' | 'restart', place: Place): Promise<void> {
    await this.ask(verb, where(place));
  }

  async swap(place: Place, version: string): Promise<void> {
    await this.ask('swap', { ...where(place), version });
  }
}

function moved({ move }: MoveReply): Moved {
  return { alias: move.alias, message: `${move.alias} is now ${move.version ?? 'nothing'}.` };
}

function where({ board, name }: Place): Place {
  return { board, name };
}
