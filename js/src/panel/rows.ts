/** What lies open in the tree, row below row: each is made when it is asked for, so that a long list costs what is in sight. */

import type { BoardRow, ModelRow, PanelEndpoint, VersionRow } from '../wire';
import type { Paged } from './paged';
import { FIRST_PIN, LOAD_EXTENSION, word } from './snippets';
import { ENDPOINTS, type Store } from './store';

/** Where a row stands: its level, its place among its siblings, counted from 1, and the list that is fetched in pages. */
interface Standing {
  readonly id: string;
  readonly level: number;
  readonly place: number;
  readonly of: number;
  readonly list: string | null;
}

export type Row = Standing &
  (
    | { readonly kind: 'endpoints'; readonly open: boolean; readonly count: number }
    | {
        readonly kind: 'endpoint';
        readonly endpoint: PanelEndpoint;
        readonly rates: readonly (number | null)[];
        readonly where: string;
      }
    | { readonly kind: 'board'; readonly open: boolean; readonly board: BoardRow; readonly hits: number | null }
    | { readonly kind: 'model'; readonly open: boolean; readonly board: BoardRow; readonly model: ModelRow }
    | { readonly kind: 'version'; readonly board: BoardRow; readonly model: ModelRow; readonly version: VersionRow }
    | { readonly kind: 'absent' }
    | { readonly kind: 'note'; readonly text: string; readonly code: string | null }
  );

/** Some rows one below the other; `find` returns the place of an id among them, or -1. */
interface Part {
  readonly length: number;
  readonly at: (place: number) => Row;
  readonly find: (id: string) => number;
}

/** Return the lines that make the first pin on a board. */
export function firstLines(board: string): string {
  return [LOAD_EXTENSION, `%board ${word(board)}`, FIRST_PIN].join('\n');
}

/** Lines that fit a small model and pin it: what a first visitor can run. */
export const EXAMPLE = `${LOAD_EXTENSION}
%board models
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

X, X_test, y, y_test = train_test_split(*load_iris(return_X_y=True, as_frame=True), random_state=0)
model = RandomForestClassifier(random_state=0).fit(X, y)
%pin_model flowers model --data X y --test X_test y_test`;

export class Rows {
  readonly length: number;

  constructor(private readonly parts: readonly Part[]) {
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
  }

  at(place: number): Row | undefined {
    let rest = place;
    for (const part of this.parts) {
      if (rest < part.length) return rest < 0 ? undefined : part.at(rest);
      rest -= part.length;
    }
    return undefined;
  }

  /** Return where the row of this id is, or -1. */
  placeOf(id: string): number {
    let start = 0;
    for (const part of this.parts) {
      const found = part.find(id);
      if (found >= 0) return start + found;
      start += part.length;
    }
    return -1;
  }
}

export function rowsOf(store: Store): Rows {
  const of = store.boards.length + 1;
  const boards = store.boards.flatMap((board, place) => {
    const open = store.isOpen(board.key);
    const hits = store.query === '' ? null : (store.models.get(board.key)?.total ?? 0);
    const row: Row = { kind: 'board', id: board.key, level: 1, place: place + 2, of, list: null, open, board, hits };
    return [fixed(row), ...(open ? inBoard(store, board) : [])];
  });
  return new Rows([fixed(...running(store, of)), ...boards]);
}

function running(store: Store, of: number): Row[] {
  const open = store.open.has(ENDPOINTS);
  const count = store.endpoints.length;
  const head: Row = { kind: 'endpoints', id: ENDPOINTS, level: 1, place: 1, of, list: null, open, count };
  if (!open) return [head];
  if (count === 0) return [head, note(`${ENDPOINTS}/none`, 2, 'No endpoint yet')];
  const names = store.endpoints.map(({ name }) => name);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  const each = store.endpoints.map((endpoint, place): Row => {
    const id = `${ENDPOINTS}/${endpoint.board_key}/${endpoint.name}`;
    return {
      kind: 'endpoint',
      id,
      level: 2,
      place: place + 1,
      of: count,
      list: null,
      endpoint,
      rates: store.rate(endpoint),
      where: twice.has(endpoint.name) ? placeOf(store, endpoint) : '',
    };
  });
  return [head, ...each];
}

/** Return the folder of an endpoint's board, which tells two of one name apart. */
function placeOf(store: Store, { board, board_key: key }: PanelEndpoint): string {
  return store.boards.find(each => each.key === key)?.place ?? board;
}

function inBoard(store: Store, board: BoardRow): Part[] {
  if (board.trouble !== null) return [fixed(note(`${board.key}/trouble`, 2, board.trouble))];
  const words = 'Not trusted: only files that cannot run code are loaded';
  const code = `${LOAD_EXTENSION}\n%board ${word(board.url)} --trust`;
  const trust = board.trusted ? [] : [fixed(note(`${board.key}/trust`, 2, words, code))];
  if (board.models === 0) {
    const none = board.exists ? 'Nothing is pinned yet' : 'The first pin makes this folder';
    return [...trust, fixed(note(`${board.key}/first`, 2, none, firstLines(board.url)))];
  }
  const pages = store.models.get(board.key);
  if (pages === undefined) return [...trust, fixed(note(`${board.key}/loading`, 2, 'Loading …'))];
  return [...trust, ...models(store, board, pages)];
}

/** The models of a board, and below each that is open its versions. */
function models(store: Store, board: BoardRow, pages: Paged<ModelRow>): Part[] {
  const idOf = (model: ModelRow): string => `${board.key}/${model.name}`;
  const row = (model: ModelRow, standing: Standing): Row => ({
    ...standing,
    kind: 'model',
    open: store.open.has(standing.id),
    board,
    model,
  });
  const list = (from: number, to: number): Part => listed(pages, board.key, 2, [from, to], idOf, row);
  const open = pages.places(model => store.open.has(idOf(model)));
  const parts = open.flatMap((place, turn) => {
    const model = pages.at(place) as ModelRow;
    return [list(turn === 0 ? 0 : (open[turn - 1] ?? 0) + 1, place + 1), versions(store, board, model, idOf(model))];
  });
  return [...parts, list((open.at(-1) ?? -1) + 1, pages.total)];
}

function versions(store: Store, board: BoardRow, model: ModelRow, id: string): Part {
  const pages = store.versions.get(id);
  if (pages === undefined) return fixed(note(`${id}/loading`, 3, 'Loading …'));
  const row = (version: VersionRow, standing: Standing): Row => ({
    ...standing,
    kind: 'version',
    board,
    model,
    version,
  });
  return listed(pages, id, 3, [0, pages.total], version => `${id}/${version.version}`, row);
}

/** Rows of a list that is fetched in pages, from one place to before another; what is not here yet has a row that says so. */
function listed<T>(
  pages: Paged<T>,
  list: string,
  level: number,
  [from, to]: readonly [number, number],
  idOf: (item: T) => string,
  row: (item: T, standing: Standing) => Row
): Part {
  const absent = `${list}/#`; // no name begins with this character
  const at = (place: number): Row => {
    const item = pages.at(from + place);
    const standing = { level, place: from + place + 1, of: pages.total, list };
    return item === undefined
      ? { ...standing, kind: 'absent', id: `${absent}${from + place}` }
      : row(item, { ...standing, id: idOf(item) });
  };
  const find = (id: string): number => {
    const place = id.startsWith(absent) ? Number(id.slice(absent.length)) : pages.places(item => idOf(item) === id)[0];
    return place !== undefined && from <= place && place < to && at(place - from).id === id ? place - from : -1;
  };
  return { length: Math.max(0, to - from), at, find };
}

function fixed(...rows: readonly Row[]): Part {
  return { length: rows.length, at: place => rows[place] as Row, find: id => rows.findIndex(row => row.id === id) };
}

function note(id: string, level: number, text: string, code: string | null = null): Row {
  return { kind: 'note', id, level, place: 1, of: 1, list: null, text, code };
}
