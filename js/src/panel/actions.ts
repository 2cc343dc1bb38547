/** What can be done with a row: one table, read by the drawer below the tree, the menus and the command palette. */

import { copyText } from '../components/button';
import type { Shape } from '../components/icon';
import { choose, confirm } from '../components/popover';
import { percent, plural, shortName } from '../format';
import {
  check,
  clock,
  close,
  copy,
  deploy,
  doc,
  drift,
  alias as flag,
  insert,
  journey,
  models as list,
  refresh,
  retrain,
  compare as sides,
  split,
  stop as square,
  swap as swapMark,
  trash,
  undo,
  promote as up,
  version as versionMark,
  endpoint as waves,
} from '../icons.json';
import { askRollback, versionName } from '../views/rollback';
import type { Moved, VersionRow } from '../wire';
import type { Api, Place } from './api';
import type { Host } from './host';
import type { Row } from './rows';
import { asked, LOAD_EXTENSION, word } from './snippets';
import type { Store } from './store';
import {
  cardTab,
  compareTab,
  driftTab,
  endpointTab,
  journeyTab,
  modelsTab,
  policiesTab,
  retrainingTab,
  versionsTab,
} from './tabs';

type Kind = Row['kind'];
type Of<K extends Kind> = Extract<Row, { readonly kind: K }>;

/** What an action may use. */
export interface Surroundings {
  readonly store: Store;
  readonly api: Api;
  readonly host: Host;
  /** What questions are shown beside. */
  readonly anchor: HTMLElement;
  readonly signal: AbortSignal;
}

/** What became of an action, and what takes it back. */
export interface Outcome {
  readonly words: string;
  readonly undo?: () => Promise<Outcome>;
}

type Done = Outcome | string | void;

/** Where an action is offered beside the menu: as the button with a label where `first`, as an icon where `near`. */
interface Standing<R extends Row> {
  readonly changes?: boolean;
  readonly when?: (row: R) => boolean;
  readonly first?: (row: R) => boolean;
  readonly near?: boolean;
  readonly danger?: boolean;
}

/** Something that a person can choose for a row. */
export interface Action {
  readonly id: string;
  readonly label: string;
  readonly mark: Shape;
  /** Whether boards or endpoints are other ones afterwards. */
  readonly changes: boolean;
  readonly near: boolean;
  readonly danger: boolean;
  /** Whether it makes sense for this row. */
  readonly applies: (row: Row) => boolean;
  /** Whether it is the next sensible step for this row. */
  readonly first: (row: Row) => boolean;
  /** Do it; rejects with an error for people. */
  readonly run: (row: Row, around: Surroundings) => Done | Promise<Done>;
}

/** Declare an action on rows of some kinds. */
function action<K extends Kind>(
  id: string,
  label: string,
  mark: Shape,
  kinds: readonly K[],
  run: (row: Of<K>, around: Surroundings) => Done | Promise<Done>,
  { changes = false, when = () => true, first = () => false, near = false, danger = false }: Standing<Of<K>> = {}
): Action {
  const mine = (row: Row): row is Of<K> => (kinds as readonly Kind[]).includes(row.kind) && when(row as Of<K>);
  return {
    id,
    label,
    mark,
    changes,
    near,
    danger,
    applies: mine,
    first: row => mine(row) && first(row),
    run: (row, around) => (mine(row) ? run(row, around) : undefined),
  };
}

const SHARE = 0.1; // of the requests, at the beginning of a trial
const writable = ({ board }: Of<'model' | 'version'>): boolean => board.writable;
const runs = ({ endpoint }: Of<'endpoint'>): boolean => endpoint.state === 'running';
const ended = ({ endpoint }: Of<'endpoint'>): boolean => ['died', 'failed', 'stopped'].includes(endpoint.state);
const tries = ({ endpoint }: Of<'endpoint'>): boolean => endpoint.challengers[endpoint.name] !== undefined;
const drifted = ({ model }: Of<'model'>): boolean => (model.verdict?.drifted.length ?? 0) > 0;

/** The actions in the order in which they are offered. */
export const ACTIONS: readonly Action[] = [
  action(
    'models',
    'Models as a table',
    list,
    ['board'],
    (row, { api, host }) => host.open(modelsTab(api, row.board, host)),
    {
      when: row => row.board.trouble === null && row.board.models > 0,
      first: () => true,
    }
  ),
  action(
    'endpoint',
    'Open endpoint',
    waves,
    ['endpoint'],
    (row, { api, host }) => host.open(endpointTab(api, placeOf(row))),
    {
      first: row => !ended(row),
    }
  ),
  action(
    'drift',
    'Drift report',
    drift,
    ['model'],
    (row, { api, host }) => host.open(driftTab(api, placeOf(row), host)),
    {
      when: row => row.model.verdict !== null,
      first: drifted,
      near: true,
    }
  ),
  action(
    'versions',
    'Versions',
    versionMark,
    ['model', 'version'],
    (row, { api, host }) => host.open(versionsTab(api, placeOf(row), host)),
    {
      first: row => row.kind === 'model' && !drifted(row),
      near: true,
    }
  ),
  action('journey', 'Journey', journey, ['model'], (row, { api, host }) => host.open(journeyTab(api, placeOf(row))), {
    near: true,
  }),
  action('retraining', 'Last retraining', retrain, ['model'], (row, { api, host }) =>
    host.open(retrainingTab(api, placeOf(row), host))
  ),
  action('schedule', 'Schedule…', clock, ['model'], (row, { api, host }) => host.open(policiesTab(api, placeOf(row))), {
    when: writable,
  }),
  action('card', 'Model card', doc, ['version'], (row, { api, host }) =>
    host.open(cardTab(api, placeOf(row), row.version.version))
  ),
  action(
    'deploy',
    'Deploy',
    deploy,
    ['version'],
    (row, { host, store }) => host.insert(asked('%deploy', refOf(row), row.board, store.boards), true),
    {
      first: () => true,
    }
  ),
  action('compare', 'Compare with champion', sides, ['version'], compareWithChampion, {
    when: row => championOf(row) !== undefined && championOf(row) !== row.version.version,
    near: true,
  }),
  action('promote', 'Promote to champion', up, ['version'], (row, { api }) => promote(row, api, 'champion'), {
    changes: true,
    when: row => writable(row) && championOf(row) !== row.version.version,
    near: true,
  }),
  action('promote-as', 'Promote to another alias…', flag, ['version'], promoteAs, { changes: true, when: writable }),
  action('rollback', 'Roll back…', undo, ['model', 'version'], rollback, {
    changes: true,
    when: row => writable(row) && Object.keys(row.model.alias_map).length > 0,
  }),
  action('swap', 'Answer with another version…', swapMark, ['endpoint'], swap, {
    changes: true,
    when: runs,
    near: true,
  }),
  action('try', 'Try a version out…', split, ['endpoint'], tryOut, {
    changes: true,
    when: row => runs(row) && !tries(row),
    near: true,
  }),
  action('adopt', 'Promote the version that is tried out', up, ['endpoint'], (row, { api }) => adopt(row, api), {
    changes: true,
    when: row => runs(row) && tries(row),
  }),
  action('end-trial', 'End the trial', check, ['endpoint'], endTrial, {
    changes: true,
    when: row => runs(row) && tries(row),
    near: true,
  }),
  action('restart', 'Restart', refresh, ['endpoint'], restart, { changes: true, first: ended }),
  action('copy-url', 'Copy URL', copy, ['endpoint'], row => copied(`${row.endpoint.url}/predict`), { near: true }),
  action('copy-reference', 'Copy reference', copy, ['model', 'version'], row => copied(refOf(row))),
  action(
    'insert-load',
    'Insert code: load',
    insert,
    ['board', 'model', 'version'],
    (row, { host }) => host.insert(loadingCode(row)),
    {
      near: true,
    }
  ),
  action('insert-deploy', 'Insert code: deploy', insert, ['model', 'version'], (row, { host, store }) =>
    host.insert(asked('%deploy', refOf(row), row.board, store.boards))
  ),
  action('insert-monitor', 'Insert code: monitor', insert, ['model'], (row, { host, store }) =>
    host.insert(asked('%monitor', refOf(row), row.board, store.boards))
  ),
  action(
    'insert-ask',
    'Insert code: predict',
    insert,
    ['endpoint'],
    (row, { host }) => host.insert(`${LOAD_EXTENSION}\n%predict ${row.endpoint.name} frame`),
    {
      when: runs,
    }
  ),
  action('insert-lines', 'Insert the lines', insert, ['note'], (row, { host }) => host.insert(row.code ?? ''), {
    when: row => row.code !== null,
    first: () => true,
  }),
  action('stop', 'Stop…', square, ['endpoint'], stop, { changes: true, when: row => !ended(row), danger: true }),
  action('dismiss', 'Remove from this list', close, ['endpoint'], dismiss, { changes: true, when: ended }),
  action('delete', 'Move to trash', trash, ['version'], moveToTrash, { changes: true, when: writable, danger: true }),
  action('forget', 'Remove from this list…', close, ['board'], forget, { changes: true }),
];

/** Return what can be done with a row. */
export function actionsFor(row: Row): readonly Action[] {
  return ACTIONS.filter(each => each.applies(row));
}

/** Return what is done most with a row: what Enter does. */
export function firstAction(row: Row): Action | undefined {
  return actionsFor(row).find(each => each.first(row));
}

export function placeOf(row: Of<'endpoint' | 'model' | 'version'>): Place {
  return row.kind === 'endpoint'
    ? { board: row.endpoint.board_key, name: row.endpoint.name }
    : { board: row.board.key, name: row.model.name };
}

function refOf(row: Of<'model' | 'version'>): string {
  return row.kind === 'version' ? `${row.model.name}@v${row.version.number}` : row.model.name;
}

function championOf({ model }: Of<'version'>): string | undefined {
  return model.alias_map['champion'];
}

async function copied(words: string): Promise<string> {
  await copyText(words);
  return `Copied: ${words}`;
}

function loadingCode(row: Of<'board' | 'model' | 'version'>): string {
  if (row.kind === 'board') return `${LOAD_EXTENSION}\n%board ${word(row.board.url)}`;
  return `import mlops_magics as mm\nmodel = mm.Session(${JSON.stringify(row.board.url)}).load(${JSON.stringify(refOf(row))})`;
}

function compareWithChampion(row: Of<'version'>, { api, host }: Surroundings): void {
  host.open(compareTab(api, placeOf(row), championOf(row) ?? '', row.version.version));
}

/** Say what moved; a promotion is taken back by a rollback, a rollback by a promotion. */
function moved(place: Place, api: Api, { message, event, alias, previous }: Moved): Outcome {
  const back =
    event === 'rollback' ? previous && (() => api.promote(place, previous, alias)) : () => api.rollback(place, alias);
  return back ? { words: message, undo: async () => moved(place, api, await back()) } : { words: message };
}

async function promote(row: Of<'version'>, api: Api, alias: string): Promise<Outcome> {
  return moved(placeOf(row), api, await api.promote(placeOf(row), row.version.version, alias));
}

async function promoteAs(row: Of<'version'>, { api, anchor, signal }: Surroundings): Promise<Done> {
  const options = [...new Set([...Object.keys(row.model.alias_map), 'challenger'])];
  const alias = await choose(anchor, `Which alias names v${row.version.number}?`, options, 'Promote', signal, true);
  if (alias) return promote(row, api, alias);
}

/** Say from which version to which an alias goes back, before it does. */
async function rollback(row: Of<'model' | 'version'>, { api, anchor, signal }: Surroundings): Promise<Done> {
  const alias = await askRollback(anchor, await api.aliases(placeOf(row)), signal);
  if (alias) return moved(placeOf(row), api, await api.rollback(placeOf(row), alias));
}

/** Ask for one of the versions that do not answer yet; with it comes the one that answers, where it is still listed. */
async function anotherVersion(
  row: Of<'endpoint'>,
  question: string,
  accept: string,
  around: Surroundings
): Promise<readonly [VersionRow, VersionRow | undefined] | undefined> {
  const { items } = await around.api.versions(placeOf(row), 0);
  const now = items.find(each => each.version === row.endpoint.version);
  const others = items.filter(each => each.version !== row.endpoint.version);
  if (others.length === 0)
    throw new Error(`${row.endpoint.name} has ${plural(items.length, 'version')}; pin another one first.`);
  const names = new Map(
    others.map(each => [[versionName(each.version, each.number), ...each.aliases].join(', '), each])
  );
  const wanted = names.get((await choose(around.anchor, question, [...names.keys()], accept, around.signal)) ?? '');
  return wanted && [wanted, now];
}

async function swap(row: Of<'endpoint'>, around: Surroundings): Promise<Done> {
  const { api } = around;
  const [place, before] = [placeOf(row), row.endpoint.version];
  const [wanted, old] = (await anotherVersion(row, 'Which version answers from now on?', 'Swap', around)) ?? [];
  if (wanted === undefined) return;
  await api.swap(place, wanted.version);
  const words = (called: string): string => `${place.name} answers with ${called} now.`;
  const undone = words(shortName(before, old?.number));
  return {
    words: words(shortName(wanted.version, wanted.number)),
    undo: async () => (await api.swap(place, before), { words: undone }),
  };
}

async function tryOut(row: Of<'endpoint'>, around: Surroundings): Promise<Done> {
  const { api } = around;
  const [place, accept] = [placeOf(row), `Answer ${percent(SHARE, 0)}`];
  const [wanted] = (await anotherVersion(row, 'Which version is tried out?', accept, around)) ?? [];
  if (wanted === undefined) return;
  await api.canary(place, wanted.version, SHARE);
  const words = `${shortName(wanted.version, wanted.number)} answers ${percent(SHARE, 0)} of the requests to ${place.name}.`;
  return {
    words,
    undo: async () => (await api.act('end_trial', place), { words: `The trial at ${place.name} has ended.` }),
  };
}

async function adopt(row: Of<'endpoint'>, api: Api): Promise<Outcome> {
  return moved(placeOf(row), api, await api.adopt(placeOf(row)));
}

async function endTrial(row: Of<'endpoint'>, { api }: Surroundings): Promise<string> {
  await api.act('end_trial', placeOf(row));
  return `The trial at ${row.endpoint.name} has ended.`;
}

async function restart(row: Of<'endpoint'>, { api }: Surroundings): Promise<string> {
  await api.act('restart', placeOf(row));
  return `The endpoint of ${row.endpoint.name} answers again.`;
}

async function stop(row: Of<'endpoint'>, { api, anchor, signal }: Surroundings): Promise<Done> {
  const { name } = row.endpoint;
  const consequence = `It gives no answer until it is deployed again.`;
  if (!(await confirm(anchor, `Stop ${name}?`, consequence, 'Stop endpoint', signal))) return;
  await api.act('stop', placeOf(row));
  return `The endpoint of ${name} was stopped.`;
}

async function dismiss(row: Of<'endpoint'>, { api }: Surroundings): Promise<string> {
  await api.act('stop', placeOf(row));
  return `The endpoint of ${row.endpoint.name} is no longer listed.`;
}

async function moveToTrash(row: Of<'version'>, { api }: Surroundings): Promise<Outcome> {
  const { message, place } = await api.delete(placeOf(row), row.version.version);
  const undo = async (): Promise<Outcome> => {
    await api.restore(row.board.key, place);
    return { words: `v${row.version.number} of ${row.model.name} is back.` };
  };
  return { words: message, undo };
}

async function forget({ board }: Of<'board'>, { api, anchor, signal }: Surroundings): Promise<Done> {
  const consequence = 'Nothing on it changes; %board shows it again.';
  if (!(await confirm(anchor, `Remove ${board.place} from this list?`, consequence, 'Remove', signal))) return;
  await api.forget(board.key);
  return `${board.place} is no longer listed.`;
}
