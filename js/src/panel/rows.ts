/** What lies open in the tree, as a flat list of rows: the tree draws only those in sight. */

import { metrics } from '../format';
import type { Paged } from './paged';
import { ENDPOINTS, type Store } from './store';
import type { Board, Endpoint, Model, Version } from './wire';

/** Where a row stands: its level, and its place among its siblings, counted from 1. */
interface Standing {
  readonly id: string;
  readonly level: number;
  readonly place: number;
  readonly of: number;
}

export type Row = Standing &
  (
    | { readonly kind: 'endpoints'; readonly open: boolean }
    | { readonly kind: 'endpoint'; readonly endpoint: Endpoint; readonly rate: number | null }
    | { readonly kind: 'board'; readonly open: boolean; readonly board: Board }
    | { readonly kind: 'model'; readonly open: boolean; readonly board: Board; readonly model: Model }
    | { readonly kind: 'version'; readonly board: Board; readonly model: Model; readonly version: Version }
    | { readonly kind: 'absent'; readonly list: string; readonly at: number }
    | { readonly kind: 'note'; readonly text: string; readonly code: string | null }
  );

export const FIRST_PIN = ['%load_ext mlops_magics', '%board models', '%pin_model my_model model'] as const;

export function rowsOf(store: Store): Row[] {
  const of = store.boards.length + 1;
  const boards = store.boards.flatMap((board, place) => {
    const open = store.open.has(board.key);
    const row: Row = { kind: 'board', id: board.key, level: 1, place: place + 2, of, open, board };
    return open ? [row, ...inBoard(store, board)] : [row];
  });
  return [...running(store, of), ...(store.boards.length > 0 ? boards : firstPin('first', 1, 'No board yet. The three lines of the first pin:'))];
}

function running(store: Store, of: number): Row[] {
  const open = store.open.has(ENDPOINTS);
  const head: Row = { kind: 'endpoints', id: ENDPOINTS, level: 1, place: 1, of, open };
  if (!open) return [head];
  if (store.endpoints.length === 0) return [head, note(`${ENDPOINTS}/none`, 2, 'None runs. %deploy NAME starts one.')];
  const each = store.endpoints.map((endpoint, place): Row => {
    const id = `${ENDPOINTS}/${endpoint.board_key}/${endpoint.name}`;
    return { kind: 'endpoint', id, level: 2, place: place + 1, of: store.endpoints.length, endpoint, rate: store.rate(endpoint) };
  });
  return [head, ...each];
}

function inBoard(store: Store, board: Board): Row[] {
  if (board.trouble !== null) return [note(`${board.key}/trouble`, 2, board.trouble)];
  const line = `%board ${board.url} --trust`;
  const trust = board.trusted ? [] : [note(`${board.key}/trust`, 2, `Not trusted: only skops files load. To fix it: ${line}`, `%load_ext mlops_magics\n${line}`)];
  if (board.models === 0) return [...trust, ...firstPin(board.key, 2, board.exists ? 'Nothing is pinned yet. The first pin:' : `Nothing lies at ${board.url} yet. The first pin:`)];
  const pages = store.models.get(board.key);
  if (pages === undefined) return [...trust, note(`${board.key}/loading`, 2, 'Loading …')];
  if (pages.total === 0) return [...trust, note(`${board.key}/nothing`, 2, 'No model fits the search.')];
  return [...trust, ...listed(pages, board.key, 2, (model, standing) => ofModel(store, board, model, standing))];
}

function ofModel(store: Store, board: Board, model: Model, { place, of }: Standing): Row[] {
  const id = `${board.key}/${model.name}`;
  const open = store.open.has(id);
  const row: Row = { kind: 'model', id, level: 2, place, of, open, board, model };
  if (!open) return [row];
  const pages = store.versions.get(id);
  if (pages === undefined) return [row, note(`${id}/loading`, 3, 'Loading …')];
  return [row, ...listed(pages, id, 3, (version, standing): Row[] => [{ kind: 'version', ...standing, id: `${id}/${version.version}`, board, model, version }])];
}

/** Rows of a list that is fetched page by page; what is not here yet has a row that says so. */
function listed<T>(pages: Paged<T>, list: string, level: number, draw: (item: T, standing: Standing) => Row[]): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < pages.total; at += 1) {
    const item = pages.at(at);
    const standing = { id: `${list}/#${at}`, level, place: at + 1, of: pages.total };
    if (item === undefined) rows.push({ kind: 'absent', ...standing, list, at });
    else rows.push(...draw(item, standing));
  }
  return rows;
}

function firstPin(id: string, level: number, words: string): Row[] {
  return [note(`${id}/first`, level, words, FIRST_PIN.join('\n')), ...FIRST_PIN.map((line, place) => note(`${id}/first/${place}`, level, line, FIRST_PIN.join('\n')))];
}

function note(id: string, level: number, text: string, code: string | null = null): Row {
  return { kind: 'note', id, level, place: 1, of: 1, text, code };
}

/** The first two metrics, short: `accuracy 0.97, auc 0.99`. */
export function metricsInWords(found: Readonly<Record<string, number | null>>): string {
  return metrics(Object.fromEntries(Object.entries(found).slice(0, 2)));
}
