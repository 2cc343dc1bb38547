/** Puts code where the user works: JupyterLab's extension makes a cell of it, elsewhere it is copied. */

import { copyText } from './button';

export const INSERT = 'mlops-insert';

/** Put code into a cell below the view that holds this element; return what became of it, in words. */
export async function insertBelow(place: Element, code: string): Promise<string> {
  const request = new CustomEvent(INSERT, { bubbles: true, composed: true, cancelable: true, detail: code });
  if (!place.dispatchEvent(request)) return 'The code is in the cell below.';
  await copyText(code);
  return `Copied; paste it into a cell: ${code}`;
}
