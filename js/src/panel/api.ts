/** The panel's verbs as functions; REST, or the kernel, carries them. */

import { insist } from '../components/insist';
import type { Value } from '../values';
import type { NewPolicy } from '../views/policies';
import type {
  BoardRow,
  Card,
  Comparison,
  Deleted,
  Fields,
  FormAnswer,
  HistoryPage,
  ModelRow,
  Moved,
  MoveReply,
  PanelEndpoint,
  Policies,
  Replies,
  Report,
  RetrainingRecord,
  Traffic,
  VerdictRow,
  VersionPage,
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
  /** `ask` is for a verb whose reply needs no other shape here. */
  constructor(readonly ask: Ask) {}

  async boards(): Promise<readonly BoardRow[]> {
    return (await this.ask('boards', {})).boards;
  }

  async forget(board: string): Promise<void> {
    await this.ask('forget', { board });
  }

  async models(board: string, query: string, offset: number, limit: number): Promise<Page<ModelRow>> {
    const { models, total } = await this.ask('models', { board, offset, limit, ...(query ? { query } : {}) });
    return { items: models, total };
  }

  /** Every model, page by page. */
  async allModels(board: string): Promise<readonly ModelRow[]> {
    return all(offset => this.models(board, '', offset, MOST));
  }

  async versions(place: Place, offset: number, limit = MOST): Promise<Page<VersionRow> & Pick<VersionPage, 'metrics'>> {
    const { versions, total, metrics } = await this.ask('versions', { ...where(place), offset, limit });
    return { items: versions, total, metrics };
  }

  /** Every version, page by page, with the metrics of all and what the aliases name. */
  async history(place: Place): Promise<Omit<VersionPage, 'total' | 'offset'>> {
    const first = await this.ask('versions', { ...where(place), offset: 0, limit: MOST });
    const rest = await all(offset => this.versions(place, offset), first.versions.length, first.total);
    return { metrics: first.metrics, aliases: first.aliases, versions: [...first.versions, ...rest] };
  }

  /** What each alias of a model names, and what it would name after a rollback. */
  async aliases(place: Place): Promise<VersionPage['aliases']> {
    return (await this.ask('versions', { ...where(place), offset: 0, limit: 1 })).aliases;
  }

  /** The newest events of a model. */
  async events(place: Place): Promise<HistoryPage> {
    return this.ask('history', where(place));
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

  /** The last retraining of a model; one that runs too. */
  async retraining(place: Place): Promise<RetrainingRecord> {
    return (await this.ask('retraining', where(place))).retraining;
  }

  /** End the run of a model. */
  async cancel(place: Place): Promise<RetrainingRecord> {
    return (await this.ask('cancel', where(place))).retraining;
  }

  async policies(place: Place): Promise<Policies> {
    return (await this.ask('policies', where(place))).policies;
  }

  async schedule(place: Place, policy: NewPolicy): Promise<Policies> {
    return (await this.ask('schedule', { ...where(place), ...policy })).policies;
  }

  async unschedule(place: Place, policy: string): Promise<Policies> {
    return (await this.ask('unschedule', { ...where(place), policy })).policies;
  }

  async card(place: Place, version: string): Promise<Card> {
    return (await this.ask('card', { ...where(place), version })).card;
  }

  async writeCard(place: Place, version: string, part: string, text: string): Promise<Card> {
    return (await this.ask('write_card', { ...where(place), version, part, text })).card;
  }

  async promote(place: Place, version: string, alias: string): Promise<Moved> {
    const promote = (force: boolean): Promise<MoveReply> =>
      this.ask('promote', { ...where(place), version, alias, ...(force && { force }) });
    return moved(await insist(promote, 'Promote anyway'));
  }

  /** Move a version to the trash; its place there brings it back. */
  async delete(place: Place, version: string): Promise<Deleted> {
    return this.ask('delete', { ...where(place), version });
  }

  async restore(board: string, place: string): Promise<void> {
    await this.ask('restore', { board, place });
  }

  async rollback(place: Place, alias: string): Promise<Moved> {
    const back = (force: boolean): Promise<MoveReply> =>
      this.ask('rollback', { ...where(place), alias, ...(force && { force }) });
    return moved(await insist(back, 'Roll back anyway'));
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

  async act(verb: 'stop' | 'restart' | 'end_trial', place: Place): Promise<void> {
    await this.ask(verb, where(place));
  }

  async swap(place: Place, version: string): Promise<void> {
    await this.ask('swap', { ...where(place), version });
  }

  /** Let a version answer a share of the requests. */
  async canary(place: Place, version: string, share: number): Promise<void> {
    await this.ask('canary', { ...where(place), version, share });
  }

  /** Let the version that is tried out answer alone, as champion. */
  async adopt(place: Place): Promise<Moved> {
    const adopt = (force: boolean): Promise<MoveReply> =>
      this.ask('adopt', { ...where(place), ...(force && { force }) });
    return moved(await insist(adopt, 'Promote anyway'));
  }
}

function moved({ move: { alias, version, previous, event }, message }: MoveReply): Moved {
  return { message, alias, version, previous, event };
}

function where({ board, name }: Place): Place {
  return { board, name };
}

/** Fetch a list page by page. */
async function all<T>(get: (offset: number) => Promise<Page<T>>, start = 0, known = Infinity): Promise<readonly T[]> {
  const found: T[] = [];
  for (let total = known; start + found.length < total; ) {
    const page = await get(start + found.length);
    found.push(...page.items);
    total = page.items.length === 0 ? 0 : page.total;
  }
  return found;
}
