/** The panel as a widget of JupyterLab's left area. */

import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { Host } from '../../panel/host';
import { EVERYTHING, type Store } from '../../panel/store';
import { View } from '../../panel/view';
import type { Change } from '../../wire';

const STACK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="20" height="20"><g class="jp-icon3" fill="#616161">' +
  '<path d="M12 2.2 22 7.6 12 13 2 7.6z"/><path d="M4.1 10.6 12 14.9l7.9-4.3 2.1 1.1-10 5.4-10-5.4z"/>' +
  '<path d="M4.1 14.8 12 19.1l7.9-4.3 2.1 1.1-10 5.4-10-5.4z"/></g></svg>';

/** The layers of the activity bar, in the colours that JupyterLab gives its own icons. */
export const icon = new LabIcon({ name: 'mlops-magics:models', svgstr: STACK });

export class Panel extends Widget {
  readonly view: View;
  private readonly end = new AbortController();
  private missed = false;

  constructor(
    private readonly store: Store,
    host: Host
  ) {
    super();
    this.id = 'mlops-magics-sidebar';
    this.title.icon = icon;
    this.title.caption = 'Models, versions and endpoints (mlops_magics)';
    this.view = new View(store, host, this.end.signal);
    this.node.append(this.view.node);
    document.addEventListener('visibilitychange', () => this.missed && void this.follow(EVERYTHING), {
      signal: this.end.signal,
    });
  }

  /** Keys of the boards whose changes the server cannot see: those in object stores. */
  get unwatched(): readonly string[] {
    return this.store.boards.filter(board => board.url.includes('://')).map(board => board.key);
  }

  /** Fetch again what changed; while nobody can see it nothing is fetched, and everything when it is seen again. */
  async follow(change: Change): Promise<void> {
    this.missed = !this.isVisible || document.hidden;
    if (!this.missed) await this.view.refresh(change);
  }

  override dispose(): void {
    this.end.abort();
    super.dispose();
  }

  /** Give the keyboard to the tree, as the palette and the activity bar ask for. */
  protected override onActivateRequest(): void {
    this.view.focus();
  }

  protected override onAfterShow(): void {
    void this.follow(EVERYTHING);
  }
}
