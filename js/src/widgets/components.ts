/** Gives each widget the modules and the style that all share: Python sends them once to a notebook. */

import type { dress } from '../components/style';
import type { Model } from '../observe';

/** What the shared modules export, by name. */
type Shared = Readonly<Record<string, unknown>>;
type Views = (shared: Shared) => Widget;

interface Context {
  readonly model: SharingModel;
  readonly el: HTMLElement;
}

interface Widget {
  render(context: Context): () => void;
}

interface SharingModel extends Model {
  readonly widget_manager: { get_model(id: string): Promise<Model> };
}

interface Source {
  readonly code: string;
  readonly rules: string;
}

const VERB = 'components';
const loaded = ((globalThis as Record<string, unknown>)['mlopsMagics'] ??= new Map()) as Map<string, Promise<Shared>>;

/** Return a widget whose views are made as soon as the shared modules are there. */
export function delayed(views: Views): { render(context: Context): Promise<() => void> } {
  let made: Widget | undefined;
  return {
    async render(context) {
      const { model, el } = context;
      const source = await sourceOf(model);
      const shared = await modules(source.code);
      const put = shared['dress'] as typeof dress;
      put(el, 'shared', source.rules);
      put(el, model.get('kind') as string, model.get('rules') as string);
      made ??= views(shared);
      return made.render(context);
    },
  };
}

/** Return the shared source from its own model, or from Python where the page has no such model. */
async function sourceOf(model: SharingModel): Promise<Source> {
  try {
    const found = await model.widget_manager.get_model(String(model.get('components')));
    const [code, rules] = [found.get('code'), found.get('rules')];
    if (typeof code === 'string' && typeof rules === 'string') return { code, rules };
  } catch {
    // Another session of this process has it.
  }
  return new Promise(resolve => {
    const hear = (reply: { id: string; result?: Source }): void => {
      if (reply.id !== VERB || !reply.result) return;
      model.off('msg:custom', hear);
      resolve(reply.result);
    };
    model.on('msg:custom', hear);
    model.send({ id: VERB, verb: VERB, args: {} });
  });
}

/** Import the modules once a page. */
function modules(code: string): Promise<Shared> {
  let found = loaded.get(code);
  if (!found) {
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    found = import(/* @vite-ignore */ url).then((all: Shared) => (URL.revokeObjectURL(url), all));
    loaded.set(code, found);
  }
  return found;
}
