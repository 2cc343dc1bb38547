/** What can be done with a row: the same list for the bar below the tree, the context menu and the command palette. */

import type { Place } from './api';
import { asked, LOAD_EXTENSION, word } from './lines';
import type { Row } from './rows';
import type { Store } from './store';
import { compareTab, driftTab, endpointTab, journeyTab, versionsTab, type Tab } from './tabs';
import type { Board, Endpoint, Model } from './wire';

/** Where the panel lives: what it needs of its surroundings. */
export interface Host {
  /** Ask yes or no. */
  confirm(question: string, accept: string): Promise<boolean>;
  /** Ask for one of the options, or, where `free`, for any other word; null when it was cancelled. */
  choose(question: string, options: readonly string[], free: boolean): Promise<string | null>;
  /** Show a view with room of its own. */
  open(tab: Tab): void;
  /** Put code where the user works; return what became of it, in words. */
  insert(code: string): string;
}

export const LABELS = {
  endpoint: 'Open Endpoint',
  versions: 'Version History',
  journey: 'Journey',
  drift: 'Drift Report',
  compare: 'Compare with Champion',
  promote: 'Promote to Champion',
  'promote-as': 'Promote to Another Alias…',
  rollback: 'Roll Back…',
  swap: 'Swap to Another Version…',
  restart: 'Restart',
  stop: 'Stop',
  'insert-load': 'Insert Code: Load',
  'insert-deploy': 'Insert Code: Deploy',
  'insert-monitor': 'Insert Code: Monitor',
  'insert-ask': 'Insert Code: Ask',
  'insert-lines': 'Insert These Lines',
  forget: 'Take Off This List',
} as const;

export type OfferId = keyof typeof LABELS;

/** What a person can choose; `run` settles when it is done, and rejects with an error for people. */
export interface Offer {
  readonly id: OfferId;
  readonly run: () => unknown;
}

export class Offers {
  constructor(
    private readonly store: Store,
    private readonly host: Host
  ) {}

  /** Return what can be done with a row; the first is what Enter does. */
  of(row: Row): readonly Offer[] {
    switch (row.kind) {
      case 'endpoint':
        return this.ofEndpoint(row.endpoint);
      case 'board':
        return this.ofBoard(row.board);
      case 'model':
        return this.ofModel(row.board, row.model);
      case 'version':
        return this.ofVersion(row.board, row.model, row.version.version);
      case 'note': {
        const { code } = row;
        return code === null ? [] : [{ id: 'insert-lines', run: () => this.host.insert(code) }];
      }
      default:
        return [];
    }
  }

  private ofEndpoint(endpoint: Endpoint): Offer[] {
    const place = { board: endpoint.board_key, name: endpoint.name };
    const { api } = this.store;
    const stop: Offer = { id: 'stop', run: () => this.ifSure(`Stop the endpoint of ${place.name}?`, 'Stop', () => api.act('stop', place)) };
    const restart: Offer = { id: 'restart', run: () => api.act('restart', place) };
    const ask: Offer = { id: 'insert-ask', run: () => this.host.insert(`${LOAD_EXTENSION}\n%predict ${place.name} frame`) };
    const open: Offer = { id: 'endpoint', run: () => this.host.open(endpointTab(api, place)) };
    if (endpoint.state !== 'running') return [restart, stop];
    return [open, { id: 'swap', run: () => this.swap(place, endpoint.version) }, restart, stop, ask];
  }

  private ofBoard(board: Board): Offer[] {
    const forget: Offer = {
      id: 'forget',
      run: () => this.ifSure(`Show ${board.url} no longer? Nothing on it changes.`, 'Take off', () => this.store.api.forget(board.key)),
    };
    return [{ id: 'insert-load', run: () => this.host.insert(`${LOAD_EXTENSION}\n%board ${word(board.url)}`) }, forget];
  }

  private ofModel(board: Board, model: Model): Offer[] {
    const place = { board: board.key, name: model.name };
    const { api } = this.store;
    const drift: Offer = { id: 'drift', run: () => this.host.open(driftTab(api, place)) };
    const back: Offer = { id: 'rollback', run: () => this.rollback(place, Object.keys(model.alias_map)) };
    return [
      { id: 'versions', run: () => this.host.open(versionsTab(api, place, this.host)) },
      { id: 'journey', run: () => this.host.open(journeyTab(api, place)) },
      ...(model.verdict === null ? [] : [drift]),
      ...(Object.keys(model.alias_map).length > 0 && board.writable ? [back] : []),
      ...this.code(board, model.name),
      { id: 'insert-monitor', run: () => this.host.insert(asked('%monitor', model.name, board, this.store.boards)) },
    ];
  }

  private ofVersion(board: Board, model: Model, version: string): Offer[] {
    const place = { board: board.key, name: model.name };
    const { api } = this.store;
    const champion = model.alias_map['champion'];
    const compare: Offer = { id: 'compare', run: () => this.host.open(compareTab(api, place, champion ?? '', version)) };
    const promote: Offer = { id: 'promote', run: () => this.promote(place, version, 'champion') };
    const other: Offer = { id: 'promote-as', run: () => this.promoteAs(place, version, Object.keys(model.alias_map)) };
    return [
      { id: 'versions', run: () => this.host.open(versionsTab(api, place, this.host)) },
      ...(board.writable ? [promote, other] : []),
      ...(champion !== undefined && champion !== version ? [compare] : []),
      ...this.code(board, `${model.name}@${version}`),
    ];
  }

  private code(board: Board, ref: string): Offer[] {
    const load = `import mlops_magics as mm\nmodel = mm.Session(${JSON.stringify(board.url)}).load(${JSON.stringify(ref)})`;
    return [
      { id: 'insert-load', run: () => this.host.insert(load) },
      { id: 'insert-deploy', run: () => this.host.insert(asked('%deploy', ref, board, this.store.boards)) },
    ];
  }

  private async ifSure(question: string, accept: string, act: () => Promise<unknown>): Promise<void> {
    if (await this.host.confirm(question, accept)) await act();
  }

  private promote(place: Place, version: string, alias: string): Promise<void> {
    return this.ifSure(`Promote ${place.name}@${version} to ${alias}?`, 'Promote', () => this.store.api.promote(place, version, alias));
  }

  private async promoteAs(place: Place, version: string, known: readonly string[]): Promise<void> {
    const alias = await this.host.choose(`Which alias names ${place.name}@${version}?`, [...new Set([...known, 'challenger'])], true);
    if (alias) await this.store.api.promote(place, version, alias);
  }

  private async rollback(place: Place, aliases: readonly string[]): Promise<void> {
    const alias = aliases.length > 1 ? await this.host.choose(`Take back the last move of which alias of ${place.name}?`, aliases, false) : aliases[0];
    if (alias) await this.ifSure(`Take back the last move of ${place.name}@${alias}?`, 'Roll back', () => this.store.api.rollback(place, alias));
  }

  private async swap(place: Place, version: string): Promise<void> {
    const { items } = await this.store.api.versions(place, 0);
    const others = items.map(each => each.version).filter(each => each !== version);
    const wanted = await this.host.choose(`Which version answers for ${place.name} from now on?`, others, false);
    if (wanted) await this.store.api.swap(place, wanted);
  }
}
