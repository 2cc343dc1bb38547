/** What can be done with a row: one table, read by the bar below the tree, the context menu and the command palette. */

import type { BoardRow, PanelEndpoint, PanelModel } from '../wire';
import type { Api, Place } from './api';
import type { Host } from './host';
import type { Row } from './rows';
import { asked, LOAD_EXTENSION, word } from './snippets';
import type { Store } from './store';
import { compareTab, driftTab, endpointTab, journeyTab, versionsTab } from './tabs';

type Kind = Row['kind'];
type Of<K extends Kind> = Extract<Row, { readonly kind: K }>;

interface Surroundings {
  readonly store: Store;
  readonly api: Api;
  readonly host: Host;
}

/** Something that a person can choose for a row. */
export interface Action {
  readonly id: string;
  readonly label: string;
  /** Whether boards or endpoints are other ones afterwards. */
  readonly changes: boolean;
  /** Whether it makes sense for this row. */
  readonly applies: (row: Row) => boolean;
  /** Do it; rejects with an error for people. */
  readonly run: (row: Row, around: Surroundings) => unknown;
}

/** Declare an action on rows of some kinds. */
function action<K extends Kind>(
  id: string,
  label: string,
  kinds: readonly K[],
  run: (row: Of<K>, around: Surroundings) => unknown,
  { changes = false, when = () => true }: { changes?: boolean; when?: (row: Of<K>) => boolean } = {}
): Action {
  const mine = (row: Row): row is Of<K> => (kinds as readonly Kind[]).includes(row.kind);
  return {
    id,
    label,
    changes,
    applies: row => mine(row) && when(row),
    run: (row, around) => (mine(row) ? run(row, around) : undefined),
  };
}

/** The actions in the order in which they are offered: the first one that applies is what Enter does. */
export const ACTIONS: readonly Action[] = [
  action('endpoint', 'Open Endpoint', ['endpoint'], (row, { api, host }) => host.open(endpointTab(api, placeOf(row))), {
    when: row => runs(row),
  }),
  action('versions', 'Version History', ['model', 'version'], (row, { api, host }) =>
    host.open(versionsTab(api, placeOf(row), host))
  ),
  action('journey', 'Journey', ['model'], (row, { api, host }) => host.open(journeyTab(api, placeOf(row)))),
  action('drift', 'Drift Report', ['model'], (row, { api, host }) => host.open(driftTab(api, placeOf(row))), {
    when: row => row.model.verdict !== null,
  }),
  action('promote', 'Promote to Champion', ['version'], (row, around) => promote(row, around, 'champion'), {
    changes: true,
    when: row => row.board.writable,
  }),
  action('promote-as', 'Promote to Another Alias…', ['version'], promoteAs, {
    changes: true,
    when: row => row.board.writable,
  }),
  action(
    'compare',
    'Compare with Champion',
    ['version'],
    (row, { api, host }) => host.open(compareTab(api, placeOf(row), championOf(row) ?? '', row.version.version)),
    {
      when: row => championOf(row) !== undefined && championOf(row) !== row.version.version,
    }
  ),
  action('rollback', 'Roll Back…', ['model'], rollback, {
    changes: true,
    when: row => row.board.writable && aliasesOf(row.model).length > 0,
  }),
  action('swap', 'Swap to Another Version…', ['endpoint'], swap, { changes: true, when: row => runs(row) }),
  action('restart', 'Restart', ['endpoint'], (row, { api }) => api.act('restart', placeOf(row)), { changes: true }),
  action(
    'stop',
    'Stop',
    ['endpoint'],
    (row, around) =>
      ifSure(around, `Stop the endpoint of ${row.endpoint.name}?`, 'Stop', () => around.api.act('stop', placeOf(row))),
    { changes: true }
  ),
  action('insert-load', 'Insert Code: Load', ['board', 'model', 'version'], (row, { host }) =>
    host.insert(loadingCode(row))
  ),
  action('insert-deploy', 'Insert Code: Deploy', ['model', 'version'], (row, { host, store }) =>
    host.insert(asked('%deploy', refOf(row), row.board, store.boards))
  ),
  action('insert-monitor', 'Insert Code: Monitor', ['model'], (row, { host, store }) =>
    host.insert(asked('%monitor', refOf(row), row.board, store.boards))
  ),
  action(
    'insert-ask',
    'Insert Code: Ask',
    ['endpoint'],
    (row, { host }) => host.insert(`${LOAD_EXTENSION}\n%predict ${row.endpoint.name} frame`),
    { when: row => runs(row) }
  ),
  action('insert-lines', 'Insert These Lines', ['note'], (row, { host }) => host.insert(row.code ?? ''), {
    when: row => row.code !== null,
  }),
  action('forget', 'Take Off This List', ['board'], forget, { changes: true }),
];

/** Return what can be done with a row. */
export function actionsFor(row: Row): readonly Action[] {
  return ACTIONS.filter(each => each.applies(row));
}

function placeOf(row: Of<'endpoint' | 'model' | 'version'>): Place {
  return row.kind === 'endpoint'
    ? { board: row.endpoint.board_key, name: row.endpoint.name }
    : { board: row.board.key, name: row.model.name };
}

function refOf(row: Of<'model' | 'version'>): string {
  return row.kind === 'version' ? `${row.model.name}@${row.version.version}` : row.model.name;
}

function runs({ endpoint }: { readonly endpoint: PanelEndpoint }): boolean {
  return endpoint.state === 'running';
}

function championOf({ model }: Of<'version'>): string | undefined {
  return model.alias_map['champion'];
}

function aliasesOf(model: PanelModel): string[] {
  return Object.keys(model.alias_map);
}

function loadingCode(row: Of<'board' | 'model' | 'version'>): string {
  if (row.kind === 'board') return `${LOAD_EXTENSION}\n%board ${word(row.board.url)}`;
  return `import mlops_magics as mm\nmodel = mm.Session(${JSON.stringify(row.board.url)}).load(${JSON.stringify(refOf(row))})`;
}

async function ifSure(
  { host }: Surroundings,
  question: string,
  accept: string,
  act: () => Promise<unknown>
): Promise<void> {
  if (await host.confirm(question, accept)) await act();
}

function promote(row: Of<'version'>, around: Surroundings, alias: string): Promise<void> {
  const { version } = row.version;
  return ifSure(around, `Promote ${refOf(row)} to ${alias}?`, 'Promote', () =>
    around.api.promote(placeOf(row), version, alias)
  );
}

async function promoteAs(row: Of<'version'>, { api, host }: Surroundings): Promise<void> {
  const options = [...new Set([...aliasesOf(row.model), 'challenger'])];
  const alias = await host.choose(`Which alias names ${refOf(row)}?`, options, true);
  if (alias) await api.promote(placeOf(row), row.version.version, alias);
}

async function rollback(row: Of<'model'>, around: Surroundings): Promise<void> {
  const [{ name }, aliases] = [row.model, aliasesOf(row.model)];
  const alias =
    aliases.length > 1
      ? await around.host.choose(`Take back the last move of which alias of ${name}?`, aliases, false)
      : aliases[0];
  if (alias)
    await ifSure(around, `Take back the last move of ${name}@${alias}?`, 'Roll back', () =>
      around.api.rollback(placeOf(row), alias)
    );
}

async function swap(row: Of<'endpoint'>, { api, host }: Surroundings): Promise<void> {
  const place = placeOf(row);
  const { items } = await api.versions(place, 0);
  const others = items.map(each => each.version).filter(each => each !== row.endpoint.version);
  const wanted = await host.choose(`Which version answers for ${place.name} from now on?`, others, false);
  if (wanted) await api.swap(place, wanted);
}

function forget({ board }: { readonly board: BoardRow }, around: Surroundings): Promise<void> {
  return ifSure(around, `Show ${board.url} no longer? Nothing on it changes.`, 'Take off', () =>
    around.api.forget(board.key)
  );
}
