/**
 * What a saved notebook shows of our views: the live widget while its model exists, else the HTML that was saved.
 *
 * JupyterLab's widget manager shows an error for a model that is gone, even when the output also holds HTML. What a
 * notebook that nobody trusts brings along is shown as sanitised HTML and nothing else: a saved widget is a program.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, Widget } from '@lumino/widgets';

export const VIEW = 'application/vnd.mlops-magics.view+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
const RANK = -100; // before the widget's own renderer
const TRIES_MS = [700, 2000, 4000]; // a renderer made before the notebook's manager is there waits for it in vain
export const NOTE = 'Saved view. Run the cell again to make it live.';

/** Let a notebook's outputs fall back to their HTML. */
export function fallBack(registry: IRenderMimeRegistry): void {
  registry.addFactory({ safe: true, mimeTypes: [VIEW], createRenderer: () => new SavedView(registry) }, RANK);
}

class SavedView extends Panel implements IRenderMime.IRenderer {
  private readonly note = new Widget({ node: document.createElement('p') });
  private html: IRenderMime.IRenderer | null = null;
  private inner: IRenderMime.IRenderer | null = null;
  private readonly changes = new MutationObserver(() => this.choose());
  private turn = 0;

  constructor(private readonly registry: IRenderMimeRegistry) {
    super();
    this.addClass('mlops-saved-view');
    this.note.node.textContent = NOTE;
    this.note.hide();
    this.addWidget(this.note);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const turn = (this.turn += 1);
    this.html?.dispose();
    this.html = this.registry.createRenderer('text/html');
    this.insertWidget(0, this.html);
    await this.html.renderModel(model);
    this.inner?.dispose();
    this.inner = null;
    this.note.setHidden(model.trusted);
    if (!model.trusted || model.data[WIDGET] === undefined || !this.registry.mimeTypes.includes(WIDGET)) return;
    void this.becomeLive(model, turn);
  }

  override dispose(): void {
    this.changes.disconnect();
    super.dispose();
  }

  /** Try the widget's own renderer, anew where it does not find its manager; the last one may still find its model later. */
  private async becomeLive(model: IRenderMime.IMimeModel, turn: number): Promise<void> {
    for (const patience of TRIES_MS) {
      if (this.isDisposed || turn !== this.turn) return;
      this.tryAnew(model);
      await new Promise(resolve => setTimeout(resolve, patience));
      if (this.isLive) return;
    }
    if (!this.isDisposed) this.note.show();
  }

  private tryAnew(model: IRenderMime.IMimeModel): void {
    this.inner?.dispose();
    const inner = (this.inner = this.registry.createRenderer(WIDGET));
    inner.hide();
    this.addWidget(inner);
    this.changes.disconnect();
    this.changes.observe(inner.node, { childList: true });
    inner.renderModel(model).catch(() => undefined); // what is wrong stands in the browser's console
  }

  /** Whether the widget's renderer holds a view; without one it holds words: that it loads, or what is wrong. */
  private get isLive(): boolean {
    return this.inner !== null && !this.inner.isDisposed && [...this.inner.children()].length > 0;
  }

  /** Show the live view while there is one; what was live and is gone can be had again. */
  private choose(): void {
    const [live, was] = [this.isLive, this.html?.isHidden ?? false];
    this.html?.setHidden(live);
    this.inner?.setHidden(!live);
    if (live || was) this.note.setHidden(live);
  }
}
