/** What Python does only with `--force`, a view asks about and then does. */

import { confirm } from './popover';

/** The end of a refusal that `--force` overrules, and the line of code that may be before it. */
const OVERRULED = / To [^.]*, add `--force`\.$/;
const MEANT = / If you mean ('[^']+'): `[^`]+`\./;

/** Do something; where it needs force, ask first. It rejects with an error without words where the answer is no. */
export async function insist<T>(attempt: (force: boolean) => Promise<T>, accept: string): Promise<T> {
  try {
    return await attempt(false);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const pressed = document.activeElement;
    const anchor = pressed?.closest('.mlops') ? pressed : document.querySelector('.mlops');
    if (!OVERRULED.test(words) || !(anchor instanceof HTMLElement)) throw error;
    const why = words.replace(OVERRULED, '').replace(MEANT, ' Did you mean $1?');
    const { signal } = new AbortController();
    if (await confirm(anchor, `${accept}?`, why, accept, signal)) return attempt(true);
    throw new Error('');
  }
}
