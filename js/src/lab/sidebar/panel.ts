/** The panel as a widget of JupyterLab's left area. */

import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import type { Host } from '../../panel/host';
import { EVERYTHING, type Store } from '../../panel/store';
import { View } from '../../panel/view';
import type { Change } from '../../wire';

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
    this.title.label = 'Models';
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

  protected override onAfterShow(): void {
    void this.follow(EVERYTHING);
  }
}

/** What the panel asks its user, in JupyterLab's dialogs. */
export const dialogs: Pick<Host, 'confirm' | 'choose'> = {
  confirm: async (question, accept) => {
    const answer = await showDialog({
      title: question,
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: accept })],
    });
    return answer.button.accept;
  },
  choose: async (question, options, free) => {
    const answer = await InputDialog.getItem({ title: question, items: [...options], editable: free });
    return answer.button.accept ? answer.value : null;
  },
};
