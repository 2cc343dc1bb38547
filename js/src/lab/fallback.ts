/**
 * What a saved notebook shows of our views: the live widget while its model exists, else the HTML that was saved.
 *
 * JupyterLab's widget manager shows an error for a model that is gone, even when the output also holds HTML.
 */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

export const VIEW = 'application/vnd.mlops-magics.view+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
const RANK = -100; // before the widget's own renderer
const TRIES_MS = [0, 700, 2000];
const LOST = /model not found|error displaying widget|error creating widget/i;

/** Let a notebook's outputs fall back to their HTML. */
export function fallBack(registry: IRenderMimeRegistry): void {
  registry.addFactory({ safe: true, mimeTypes: [VIEW], createRenderer: () => new SavedView(registry) }, RANK);
}

class SavedView extends Widget implements IRenderMime.IRenderer {
  private readonly saved = document.createElement('div');
  private readonly live = document.createElement('div');
  private inner: IRenderMime.IRenderer | null = null;

  constructor(private readonly registry: IRenderMimeRegistry) {
    super();
    this.addClass('mlops-saved-view');
    this.node.append(this.saved, this.live);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const html = this.registry.createRenderer('text/html');
    await html.renderModel(model);
    this.saved.replaceChildren(html.node);
    if (model.data[WIDGET] === undefined || !this.registry.mimeTypes.includes(WIDGET)) return;
    for (const pause of TRIES_MS) {
      await new Promise(resolve => setTimeout(resolve, pause));
      if (this.isDisposed || (await this.becomeLive(model))) return;
    }
    const note = document.createElement('p');
    note.textContent = 'Saved view. Run the cell again to make it live.';
    this.saved.append(note);
  }

  override dispose(): void {
    this.inner?.dispose();
    super.dispose();
  }

  /** Try the widget's own renderer anew; it stays only when it found its model. */
  private async becomeLive(model: IRenderMime.IMimeModel): Promise<boolean> {
    this.inner?.dispose();
    const inner = this.registry.createRenderer(WIDGET);
    this.inner = inner;
    try {
      await inner.renderModel(model);
    } catch {
      return false;
    }
    if (LOST.test(inner.node.textContent ?? '')) return false;
    Widget.attach(inner, this.live);
    this.saved.hidden = true;
    return true;
  }
}
