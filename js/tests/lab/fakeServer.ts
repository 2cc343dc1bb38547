/** A server at the process boundary: answers verbs from plain records and remembers what it was asked. */

import { onTestFinished } from 'vitest';

import type { Ask } from '../../src/panel/api';
import { Api } from '../../src/panel/api';
import type { Host, Tab } from '../../src/panel/host';
import { EVERYTHING, Store } from '../../src/panel/store';
import { View } from '../../src/panel/view';
import { named, names, settled } from '../fakeModel';

export const BOARD = {
  key: 'k',
  label: 'models',
  place: 'rides/models',
  url: '/models',
  trusted: true,
  writable: true,
  exists: true,
  models: 2000,
  trouble: null,
};

export function model(name: string, more: object = {}): object {
  return {
    name,
    version: 'v',
    number: 1,
    created: '2026-01-01T00:00:00',
    description: null,
    metrics: { accuracy: 0.97 },
    versions: 1,
    alias_map: {},
    champion: null,
    metric: { name: 'accuracy', better: 1, value: 0.97, course: [0.97] },
    endpoint: null,
    verdict: null,
    ...more,
  };
}

export function version(name: string, number = 1): object {
  return {
    version: name,
    number,
    created: '2026-01-01T00:00:00',
    aliases: [],
    metrics: {},
    format: 'joblib',
    size: 1,
    author: null,
    description: null,
    tags: [],
    parent: null,
    trusted: true,
  };
}

export type Fields = Readonly<Record<string, unknown>>;
type Answers = Readonly<Record<string, (fields: Fields) => object>>;

export class FakeServer {
  readonly asked: [string, Fields][] = [];

  constructor(public answers: Answers) {}

  readonly ask: Ask = async (verb, fields) => (await this.answer(verb, fields as unknown as Fields)) as never;

  /** Answer any verb. */
  async answer(verb: string, fields: Fields): Promise<object> {
    this.asked.push([verb, fields]);
    return this.answers[verb]?.(fields) ?? {};
  }

  /** A list that is served in pages, as the real one is. */
  static pages(kind: string, items: readonly object[]): (fields: Fields) => object {
    return ({ offset = 0, limit = 500 }) => ({
      [kind]: items.slice(Number(offset), Number(offset) + Number(limit)),
      total: items.length,
      ...(kind === 'versions' ? { metrics: [], aliases: [] } : {}),
    });
  }
}

const moved =
  (event: string) =>
  ({ alias, version = null }: Fields): object => ({
    move: { alias, version, previous: 'before', event },
    message: `${alias} moved`,
  });

export const served = (models: readonly object[], more: Answers = {}, board: object = BOARD): FakeServer =>
  new FakeServer({
    boards: () => ({ boards: [board] }),
    endpoints: () => ({ endpoints: [] }),
    models: FakeServer.pages('models', models),
    promote: moved('promote'),
    rollback: moved('rollback'),
    ...more,
  });

export class FakeHost implements Host {
  readonly inserted: string[] = [];
  readonly opened: Tab[] = [];
  open = (tab: Tab): void => void this.opened.push(tab);
  insert = (code: string): string => `${this.inserted.push(code)} inserted`;
}

export interface Shown {
  readonly view: View;
  readonly store: Store;
  readonly tree: HTMLElement;
  readonly end: AbortController;
}

export async function shown(ask: Ask, host: Host = new FakeHost()): Promise<Shown> {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const store = new Store(new Api(ask));
  const view = new View(store, host, end.signal);
  await view.refresh(EVERYTHING);
  return { view, store, end, tree: view.node.querySelector<HTMLElement>('[role=tree]') as HTMLElement };
}

export function press(tree: HTMLElement, ...keys: readonly string[]): void {
  for (const key of keys) tree.dispatchEvent(new KeyboardEvent('keydown', { key }));
}

/** Do something to the chosen row, by its button, its icon or its line in the menu. */
export async function act(view: View, label: string): Promise<void> {
  const drawer = view.node.querySelector('.mlops-drawer');
  if (!drawer) throw new Error('nothing can be done here');
  if (!names(drawer).includes(label))
    [...drawer.querySelectorAll('button')]
      .find(each => each.ariaHasPopup || each.hasAttribute('aria-haspopup'))
      ?.click();
  named(view.node, label).click();
  await settled();
}

/** What can be done with the chosen row, as its menu says. */
export function offered(view: View): string[] {
  view.node.querySelector<HTMLElement>('.mlops-drawer [aria-haspopup]')?.click();
  const menu = view.node.querySelector('[role=menu]');
  const found = [...(menu?.querySelectorAll('[role=menuitem]') ?? [])].map(each => each.textContent ?? '');
  menu?.remove();
  return found;
}

/** The words of the row that a screen reader is on. */
export function current(tree: HTMLElement): string {
  return tree.querySelector('[aria-selected=true]')?.textContent ?? '';
}
