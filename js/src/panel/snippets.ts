/** Lines of magics that the panel writes for its reader. */

import type { BoardRow } from '../wire';

export const LOAD_EXTENSION = '%load_ext mlops_magics';
/** Stands for the line that names a notebook's own model and rows, where nothing is known of them. */
export const FIRST_PIN = '%pin_model my_model model';
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Return a word of a magic's line, in quotes where it would be taken for several; IPython knows no escape within them. */
export function word(text: string): string {
  if (/^[\w@%+=:,./~-]+$/.test(text)) return text;
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** Return the lines in which a magic is asked about a model of this board, by the board's label where that means no other one. */
export function asked(magic: string, ref: string, board: BoardRow, boards: readonly BoardRow[]): string {
  const clear = LABEL.test(board.label) && boards.every(each => each.key === board.key || each.label !== board.label);
  const lines = clear ? [`${magic} ${board.label}:${ref}`] : [`%board ${word(board.url)}`, `${magic} ${ref}`];
  return [LOAD_EXTENSION, ...lines].join('\n');
}
