/** The views of tabs: fetched from the server extension, all at once, with the first tab. */

import { dress } from '../../components/style';
import type { Views } from '../../panel/host';
import * as shared from '../../panel/shared';

/** Makes the views from what they share with the sidebar, by name. */
type Make = (shared: Readonly<Record<string, unknown>>) => Views;

interface Script {
  readonly default: Make;
  readonly rules: string;
}

/** Return a function that loads the views once; `address` is that of the script. */
export function loader(address: string): () => Promise<Views> {
  let loaded: Promise<Views> | undefined;
  const load = async (): Promise<Views> => {
    const { default: make, rules }: Script = await import(/* webpackIgnore: true */ address);
    dress(document.body, 'tabs', rules);
    return make(shared);
  };
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = undefined; // the next tab tries again
      throw error;
    }));
}
