/** What lies open in the tree, as a flat list of rows: the virtual list draws only those in sight. */

import type { Board, Metrics, Model, Version } from './wire';

export type Row =
  | { readonly kind: 'board'; readonly id: string; readonly level: 1; readonly open: boolean; readonly board: Board }
  | { readonly kind: 'model'; readonly id: string; readonly level: 2; readonly open: boolean; readonly board: Board; readonly model: Model }
  | { readonly kind: 'version'; readonly id: string; readonly level: 3; readonly board: Board; readonly model: Model; readonly version: Version }
  | { readonly kind: 'more'; readonly id: string; readonly level: number; readonly left: number; readonly of: string }
  | { readonly kind: 'note'; readonly id: string; readonly level: number; readonly text: string };

/** A list that is fetched page by page. */
export interface Pages<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export interface Tree {
  readonly boards: readonly Board[];
  readonly open: ReadonlySet<string>;
  readonly models: ReadonlyMap<string, Pages<Model>>;
  readonly versions: ReadonlyMap<string, Pages<Version>>;
}

export const FIRST_PIN = ['%load_ext mlops_magics', '%board models', '%pin_model my_model model'] as const;

export function rowsOf(tree: Tree): Row[] {
  return tree.boards.flatMap(board => {
    const open = tree.open.has(board.key);
    const row: Row = { kind: 'board', id: board.key, level: 1, open, board };
    return open ? [row, ...inBoard(tree, board)] : [row];
  });
}

function inBoard(tree: Tree, board: Board): Row[] {
  if (board.trouble !== null) return [note(board.key, 2, board.trouble)];
  const trust = board.trusted ? [] : [note(`${board.key}/trust`, 2, `Not trusted. To fix it: %board ${board.url} --trust`)];
  if (board.models === 0) {
    const start = 'Nothing is pinned yet. The first pin:';
    return [...trust, ...[start, ...FIRST_PIN].map((line, place) => note(`${board.key}/first/${place}`, 2, line))];
  }
  const pages = tree.models.get(board.key);
  if (pages === undefined) return [...trust, note(`${board.key}/loading`, 2, 'Loading …')];
  return [...trust, ...pages.items.flatMap(model => ofModel(tree, board, model)), ...more(board.key, 2, pages)];
}

function ofModel(tree: Tree, board: Board, model: Model): Row[] {
  const id = `${board.key}/${model.name}`;
  const open = tree.open.has(id);
  const row: Row = { kind: 'model', id, level: 2, open, board, model };
  if (!open) return [row];
  const pages = tree.versions.get(id);
  if (pages === undefined) return [row, note(`${id}/loading`, 3, 'Loading …')];
  const versions = pages.items.map((version): Row => ({ kind: 'version', id: `${id}/${version.version}`, level: 3, board, model, version }));
  return [row, ...versions, ...more(id, 3, pages)];
}

function more(of: string, level: number, pages: Pages<unknown>): Row[] {
  const left = pages.total - pages.items.length;
  return left > 0 ? [{ kind: 'more', id: `${of}/more`, level, left, of }] : [];
}

function note(id: string, level: number, text: string): Row {
  return { kind: 'note', id, level, text };
}

/** The first two metrics, short: `accuracy 0.97 · auc 0.99`. */
export function metricsInWords(metrics: Metrics): string {
  const words = Object.entries(metrics).slice(0, 2);
  return words.map(([name, value]) => `${name} ${value === null ? '–' : Number(value.toPrecision(4))}`).join(' · ');
}
