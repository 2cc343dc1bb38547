/** What the panel needs of its surroundings, and the views that it opens there. */

import type { View } from '../components/view';
import type { Change } from '../wire';

/** Every view that a tab can show; who shows tabs loads them. */
export type Views = typeof import('./views');

/** A view that is built once, and shows what is fetched again when it has changed. */
export interface Tab<T = never> {
  readonly id: string;
  readonly title: string;
  readonly fetch: () => Promise<T>;
  /** Build the view; the returned function shows what was fetched, each time it differs from the time before. */
  readonly build: (view: View, views: Views) => (record: T) => void;
  readonly concerned: (change: Change) => boolean;
  /** Fetch again this often while it is in sight; 0 for views that only follow changes. */
  readonly everyMs: number;
}

/** Where the panel is. */
export interface Host {
  /** Show a view with room of its own. */
  open(tab: Tab): void;
  /** Put code where the user works, and `run` it there where that is possible; return what became of it, in words. */
  insert(code: string, run?: boolean): string;
}
