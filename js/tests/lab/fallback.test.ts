// @vitest-environment jsdom

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.hoisted(() => {
  // jsdom has no DragEvent, and lumino asks for it while it is imported
  globalThis.DragEvent ??= class extends MouseEvent {} as unknown as typeof DragEvent;
});

import { fallBack, NOTE, VIEW } from '../../src/lab/fallback';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
type Live = (tries: number) => string | Error | Widget;
const LOST = 'Error displaying widget: model not found';

class Drawn extends Panel {
  constructor(private readonly draw: () => string | Error | Widget) {
    super();
  }

  async renderModel(): Promise<void> {
    const drawn = this.draw();
    if (drawn instanceof Error) throw drawn;
    if (drawn instanceof Widget) this.addWidget(drawn);
    else this.node.textContent = drawn;
  }
}

/** A view as the widget manager makes it: a child of its renderer. */
function view(words = 'the live view'): Widget {
  const made = new Widget();
  made.node.textContent = words;
  return made;
}

/** JupyterLab's registry at the boundary: HTML is drawn as it is, the widget as `live` says at each try. */
function saved(
  live: Live,
  withManager = true
): { renderer: IRenderMime.IRenderer; made: Drawn[]; model: IRenderMime.IMimeModel } {
  let factory: IRenderMime.IRendererFactory | undefined;
  let tries = 0;
  const made: Drawn[] = [];
  const registry = {
    mimeTypes: withManager ? ['text/html', WIDGET] : ['text/html'],
    addFactory: (given: IRenderMime.IRendererFactory) => (factory = given),
    createRenderer: (mime: string) => {
      const drawn = new Drawn(() => (mime === WIDGET ? live((tries += 1)) : 'the saved facts'));
      made.push(drawn);
      return drawn;
    },
  } as unknown as IRenderMimeRegistry;
  fallBack(registry);
  const model = {
    data: { [VIEW]: {}, [WIDGET]: {}, 'text/html': 'x' },
    metadata: {},
    trusted: true,
  } as unknown as IRenderMime.IMimeModel;
  const renderer = factory?.createRenderer({} as IRenderMime.IRendererOptions);
  if (!renderer) throw new Error('no factory was added');
  document.body.append(renderer.node);
  return { renderer, made, model };
}

/** Return what can be seen after a time. */
async function seen(given: ReturnType<typeof saved>, milliseconds: number): Promise<string> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  const shown = [...(given.renderer as unknown as Panel).widgets].filter(part => !part.isHidden);
  return shown.map(part => part.node.textContent).join('; ');
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

test('a view whose model lives is live at once, and the saved one is hidden', async () => {
  const given = saved(() => view());
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10)).toBe('the live view');
});

test('a live view that speaks of a model not found is live all the same', async () => {
  const given = saved(() => view(LOST));
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10_000)).toBe(LOST);
});

test('the saved facts stand while a renderer waits for its manager, and another one finds it', async () => {
  const given = saved(tries => (tries < 3 ? 'Loading widget...' : view()));
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10)).toBe('the saved facts');
  expect(await seen(given, 10_000)).toBe('the live view');
});

test('a model that comes late, when a busy kernel answers again, still makes the view live', async () => {
  const given = saved(() => 'Loading widget...');
  await given.renderer.renderModel(given.model);
  expect(await seen(given, 10_000)).toBe(`the saved facts; ${NOTE}`);
  given.made.at(-1)?.node.replaceChildren();
  given.made.at(-1)?.addWidget(view());

  expect(await seen(given, 10)).toBe('the live view');
});

test('a live view that is closed gives way to the saved facts', async () => {
  const live = view();
  const given = saved(() => live);
  await given.renderer.renderModel(given.model);
  expect(await seen(given, 10)).toBe('the live view');
  live.dispose();

  expect(await seen(given, 10)).toBe(`the saved facts; ${NOTE}`);
});

test.each<[string, Live]>([
  ['says that its model is gone', () => LOST],
  ['throws', () => new Error('no comm')],
])('a widget that %s leaves the saved facts and says how they become live', async (_, live) => {
  const given = saved(live);
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10_000)).toBe(`the saved facts; ${NOTE}`);
});

test('without a widget manager the saved facts stand alone', async () => {
  const given = saved(() => view(), false);
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10_000)).toBe('the saved facts');
});

test('an output that changes is drawn once, and what was drawn before is gone', async () => {
  const given = saved(() => view());
  await given.renderer.renderModel(given.model);
  await given.renderer.renderModel(given.model);

  expect(await seen(given, 10_000)).toBe('the live view');
  expect(given.made.filter(each => !each.isDisposed).length).toBe(2);
});

test('a view that is closed while it waits asks no more, and nothing of it is left', async () => {
  const given = saved(() => LOST);
  await given.renderer.renderModel(given.model);
  await vi.advanceTimersByTimeAsync(10);
  given.renderer.dispose();
  await vi.advanceTimersByTimeAsync(20_000);

  expect(given.made.filter(each => !each.isDisposed).length).toBe(0);
  expect(given.made.length).toBe(2);
});

test('of a notebook that nobody trusts only the HTML is drawn: a saved widget is a program', async () => {
  const given = saved(() => view());
  await given.renderer.renderModel({ ...given.model, trusted: false } as IRenderMime.IMimeModel);

  expect(await seen(given, 20_000)).toBe(`the saved facts; ${NOTE}`);
  expect(given.made.length).toBe(1);
});

test('a notebook that comes to be trusted shows its views alive, and one that no longer is does not', async () => {
  const given = saved(() => view());
  await given.renderer.renderModel({ ...given.model, trusted: false } as IRenderMime.IMimeModel);
  await given.renderer.renderModel(given.model);
  expect(await seen(given, 10)).toBe('the live view');
  await given.renderer.renderModel({ ...given.model, trusted: false } as IRenderMime.IMimeModel);

  expect(await seen(given, 20_000)).toBe(`the saved facts; ${NOTE}`);
});
