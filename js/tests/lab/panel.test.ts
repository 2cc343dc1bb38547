// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';

import { EVERYTHING } from '../../src/panel/store';
import type { View } from '../../src/panel/view';
import { named, settled } from '../fakeModel';
import { HOSTILE } from '../hostile';
import {
  act,
  BOARD,
  current,
  FakeHost,
  FakeServer,
  type Fields,
  model,
  offered,
  press,
  served,
  shown,
  version,
} from './fakeServer';

const VERSIONS = { versions: FakeServer.pages('versions', [version('b', 2), version('a')]) };
const ENDPOINT = {
  name: 'm',
  version: 'v',
  alias: null,
  board: '/models',
  board_key: 'k',
  url: 'http://127.0.0.1:1',
  state: 'running',
  started: '2026-01-01T00:00:00',
  challengers: { m: { version: 'u', mode: 'canary', share: 0.1 } },
  health: { requests: 10, errors: 0, rows: 10, uptime: 1, version: 'v', latency_ms: { p50: 1, p95: 2 } },
  trouble: null,
};

test('an empty board and no board at all show the lines of the first pin, and an example that runs', async () => {
  for (const [boards, place] of [
    [[{ ...BOARD, models: 0 }], '/models'],
    [[], 'models'],
  ] as const) {
    const host = new FakeHost();
    const { view } = await shown(served([], { boards: () => ({ boards }) }).ask, host);
    named(view.node, 'Insert the lines').click();
    named(view.node, 'Run an example').click();

    expect(view.node.querySelector('pre')?.textContent).toContain('%load_ext mlops_magics');
    expect(host.inserted[0]).toBe(`%load_ext mlops_magics\n%board ${place}\n%pin_model my_model model`);
    expect(host.inserted[1]).toMatch(/%pin_model flowers model --data X y --test X_test y_test$/);
  }
});

test('a board that is not trusted or not reachable says so, with what to do', async () => {
  const strange = await shown(served([model('a')], {}, { ...BOARD, trusted: false }).ask);
  const gone = await shown(served([], {}, { ...BOARD, trouble: 'Not reachable: no such bucket' }).ask);

  const host = new FakeHost();
  const other = await shown(served([model('a')], {}, { ...BOARD, trusted: false }).ask, host);
  press(other.tree, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
  await act(other.view, 'Insert the lines');

  expect(strange.tree.textContent).toContain('not trusted');
  expect(host.inserted).toEqual(['%load_ext mlops_magics\n%board /models --trust']);
  expect(gone.tree.textContent).toContain('Not reachable: no such bucket');
});

test('the key of the context menu opens it at the chosen row, not in the middle of the tree', async () => {
  const { tree } = await shown(served([model('a'), model('b')]).ask);
  const at: unknown[] = [];
  tree.addEventListener('contextmenu', event => at.push((event.target as HTMLElement).dataset['id']));
  press(tree, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ContextMenu');
  tree.dispatchEvent(new KeyboardEvent('keydown', { key: 'F10', shiftKey: true }));

  expect(at).toEqual(['k/a', 'k/a']);
});

test('a long name keeps its end in sight, where names that begin alike differ', async () => {
  const { tree } = await shown(
    served([model('value_regression_europe_west'), model('short'), model('HistGradientBoostingNewAccounts')]).ask
  );
  const parts = [...tree.querySelectorAll('.mlops-item-model .mlops-label')].map(each =>
    [...each.children].map(part => part.textContent)
  );

  expect(parts).toEqual([['value_regression', '_europe_west'], ['short'], ['HistGradientBoosting', 'NewAccounts']]);
});

const MANY = Array.from({ length: 2000 }, (_, place) => model(`m${place}`));

/** The offsets of the pages that were asked for. */
const offsets = (server: FakeServer): unknown[] =>
  server.asked.filter(([verb]) => verb === 'models').map(([, fields]) => fields['offset']);

/** Scroll to a row; jsdom has no layout of its own. */
function scroll(tree: HTMLElement, row: number): void {
  tree.scrollTop = row * 28;
  tree.dispatchEvent(new Event('scroll'));
}

test('of two thousand models only those in sight are drawn, and their page comes when it is scrolled to', async () => {
  const server = served(MANY);
  const { tree } = await shown(server.ask);
  press(tree, 'End');
  await vi.waitFor(() => expect(current(tree)).toContain('m1999'));

  expect(tree.querySelectorAll('[role=treeitem]').length).toBeLessThan(60);
  expect(offsets(server)).toEqual([0, 1900]);
});

test('who scrolls fast sees where they are, and what was passed is not asked for', async () => {
  const server = served(MANY);
  const { tree } = await shown(server.ask);
  for (let row = 100; row <= 1500; row += 100) scroll(tree, row);
  const passing = tree.querySelectorAll('.mlops-item-absent').length;
  await vi.waitFor(() => expect(tree.textContent).toContain('m1500'));

  expect(passing).toBeGreaterThan(30);
  expect(offsets(server).filter(offset => Number(offset) > 0 && Number(offset) < 1400)).toEqual([]);
});

test('the page below is asked for before it comes into sight', async () => {
  const server = served(MANY);
  const { tree } = await shown(server.ask);
  scroll(tree, 40);
  await vi.waitFor(() => expect(offsets(server)).toEqual([0, 100]));
  scroll(tree, 90);

  expect(tree.querySelectorAll('.mlops-item-absent').length).toBe(0);
});

test('after a change the list keeps its length and its place, and only what is in sight is fetched again', async () => {
  const server = served(MANY);
  const { view, tree } = await shown(server.ask);
  press(tree, 'End');
  await vi.waitFor(() => expect(current(tree)).toContain('m1999'));
  server.asked.length = 0;
  await view.refresh({ boards: ['k'], endpoints: false, verdicts: false });

  expect(current(tree)).toContain('m1999');
  expect(server.asked.map(([verb, fields]) => [verb, fields['offset']])).toEqual([
    ['boards', undefined],
    ['models', 1900],
  ]);
});

test('after a change what was here is shown until it is replaced', async () => {
  const server = served(MANY);
  const { view, tree } = await shown(server.ask);
  scroll(tree, 90);
  await vi.waitFor(() => expect(offsets(server)).toEqual([0, 100]));
  await settled();
  server.answers = {
    ...server.answers,
    models: FakeServer.pages(
      'models',
      MANY.map((_, place) => model(`n${place}`))
    ),
  };
  await view.refresh({ boards: ['k'], endpoints: false, verdicts: false });
  const both = ['m97', 'n97', 'm98', 'n98'].filter(name => tree.textContent?.includes(name)).length;

  expect(both).toBe(2);
  expect(tree.querySelectorAll('.mlops-item-absent').length).toBe(0);
  await vi.waitFor(() => expect(tree.textContent).not.toMatch(/m\d/));
});

test('a list that moved by one while only a part of it was fetched again shows no row twice', async () => {
  const server = served(MANY);
  const { view, tree } = await shown(server.ask);
  scroll(tree, 90);
  await vi.waitFor(() => expect(offsets(server)).toEqual([0, 100]));
  await settled();
  const later = FakeServer.pages('models', [model('new'), ...MANY]);
  server.answers = {
    ...server.answers,
    models: fields => (fields['offset'] === 0 ? new Promise(() => undefined) : later(fields)),
  };
  void view.refresh({ boards: ['k'], endpoints: false, verdicts: false });
  await settled();
  scroll(tree, 0);
  scroll(tree, 91);
  const names = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')].map(row => row.dataset['id']);

  expect(new Set(names).size).toBe(names.length);
});

test('a page that does not come is said, and not asked for again and again', async () => {
  const server = served(MANY);
  const { view, tree } = await shown(server.ask);
  server.answers = {
    ...server.answers,
    models: () => {
      throw new Error('the disk is gone');
    },
  };
  scroll(tree, 1500);
  await vi.waitFor(() => expect(view.node.querySelector('[role=alert]')?.textContent).toContain('the disk is gone'));
  const asked = server.asked.length;
  await new Promise(resolve => setTimeout(resolve, 200));

  expect(server.asked.length).toBe(asked);
});

test('a row that did not change is not drawn again: a press on it is not lost', async () => {
  const { view, tree } = await shown(served([model('a')]).ask);
  const before = tree.querySelector('.mlops-item-model');
  await view.refresh(EVERYTHING);

  expect(tree.querySelector('.mlops-item-model')).toBe(before);
});

test('arrow keys walk, open and close the tree as its pattern says', async () => {
  const { tree } = await shown(served([model('alpha'), model('beta')], VERSIONS).ask);
  press(tree, 'Home', 'ArrowDown', 'ArrowDown');
  const board = current(tree);
  press(tree, 'ArrowRight');
  const first = current(tree);
  press(tree, 'ArrowRight');
  await settled();
  press(tree, 'ArrowRight');
  const child = tree.querySelector('[aria-selected=true]')?.getAttribute('aria-level');
  press(tree, 'ArrowLeft');
  const parent = current(tree);
  press(tree, 'b');

  expect([board, first, child, parent, current(tree)].map(words => words?.slice(0, 7))).toEqual([
    'rides/m',
    'alphaac',
    '3',
    'alphaac',
    'betaacc',
  ]);
});

test('every row says its level, its place among its siblings, and what it is called', async () => {
  const { tree } = await shown(served([model('a'), model('b')]).ask);
  const rows = [...tree.querySelectorAll('.mlops-item-model')];

  expect(
    rows.map(row =>
      ['aria-level', 'aria-posinset', 'aria-setsize', 'aria-expanded'].map(name => row.getAttribute(name))
    )
  ).toEqual([
    ['2', '1', '2', 'false'],
    ['2', '2', '2', 'false'],
  ]);
  press(tree, 'ArrowDown');
  expect(
    tree.querySelector(`[id="${tree.getAttribute('aria-activedescendant')}"]`)?.getAttribute('aria-selected')
  ).toBe('true');
});

test('an abort ends listening', async () => {
  const { tree, end } = await shown(served([model('a')]).ask);
  const before = tree.getAttribute('aria-activedescendant');
  end.abort();
  press(tree, 'ArrowDown');

  expect(tree.getAttribute('aria-activedescendant')).toBe(before);
});

/** Show a model with two versions, and choose the newest one. */
async function chosenVersion(host = new FakeHost()): Promise<{ server: FakeServer; view: View; host: FakeHost }> {
  const server = served([model('m', { alias_map: { champion: 'a' } })], VERSIONS);
  const { view, tree } = await shown(server.ask, host);
  press(tree, 'End', 'ArrowRight');
  await settled();
  press(tree, 'ArrowRight');
  server.asked.length = 0;
  return { server, view, host };
}

test('promote moves the alias at once, says so, shows what became of it, and takes it back', async () => {
  const { server, view } = await chosenVersion();
  await act(view, 'Promote to champion');
  expect(server.asked[0]).toEqual(['promote', { board: 'k', name: 'm', version: 'b', alias: 'champion' }]);
  expect(server.asked.map(([verb]) => verb)).toContain('boards');
  expect(view.node.querySelector('[role=status].mlops-told')?.textContent).toContain('champion moved');
  named(view.node, 'Undo').click();
  await settled();

  expect(server.asked.filter(([verb]) => verb === 'rollback')).toEqual([
    ['rollback', { board: 'k', name: 'm', alias: 'champion' }],
  ]);
});

test('another alias is asked for; a version in the trash comes back', async () => {
  const { server, view } = await chosenVersion();
  server.answers = { ...server.answers, delete: () => ({ place: 'there', message: 'v2 of m is in the trash.' }) };
  await act(view, 'Promote to another alias…');
  const field = view.node.querySelector<HTMLInputElement>('.mlops-pop input');
  if (field) field.value = 'eu';
  named(view.node, 'Promote').click();
  await settled();
  await act(view, 'Move to trash');
  named(view.node, 'Undo').click();
  await settled();

  expect(server.asked.filter(([verb]) => ['promote', 'delete', 'restore'].includes(verb))).toEqual([
    ['promote', { board: 'k', name: 'm', version: 'b', alias: 'eu' }],
    ['delete', { board: 'k', name: 'm', version: 'b' }],
    ['restore', { board: 'k', place: 'there' }],
  ]);
});

test('roll back says from what to what, and asks for the alias where there are several', async () => {
  const champion = { alias: 'champion', now: '20260103-ccccc', before: '20260101-aaaaa', number: 3, before_number: 1 };
  const shadow = { alias: 'shadow', now: '20260102-bbbbb', before: null, number: 2, before_number: 0 };
  const naming = (...aliases: readonly { alias: string; now: string }[]): FakeServer =>
    served([model('m', { alias_map: Object.fromEntries(aliases.map(each => [each.alias, each.now])) })], {
      versions: () => ({ versions: [], total: 0, metrics: [], aliases }),
    });
  const one = naming(champion);
  const several = naming(champion, shadow);
  const [first, second] = [await shown(one.ask), await shown(several.ask)];
  for (const { tree } of [first, second]) press(tree, 'End');
  await act(first.view, 'Roll back…');
  expect(first.view.node.querySelector('[role=alertdialog]')?.textContent).toContain(
    'champion goes back from v3 ccccc to v1 aaaaa.'
  );
  await act(second.view, 'Roll back…');
  const options = [...second.view.node.querySelectorAll<HTMLOptionElement>('.mlops-pop option')];
  expect(options.map(each => each.textContent)).toEqual([
    'champion: v3 ccccc → v1 aaaaa',
    'shadow: v2 bbbbb → no version',
  ]);
  if (options[1]) options[1].selected = true;
  named(second.view.node, 'Roll back').click();
  await settled();

  expect(one.asked.map(([verb]) => verb)).not.toContain('rollback');
  expect(several.asked).toContainEqual(['rollback', { board: 'k', name: 'm', alias: 'shadow' }]);
});

test('Enter opens the version history, or the drift report where something drifted; code is quoted', async () => {
  const host = new FakeHost();
  const verdict = {
    name: 'm',
    version: 'v',
    created: '2026-01-01T00:00:00',
    verdict: 'x',
    drifted: ['x'],
    worst: [],
    rows: 1,
    features: 2,
    alerts: [],
    n_alerts: 0,
    by: null,
    performance: [],
  };
  const { view, tree } = await shown(
    served([model('m'), model('n', { verdict })], {}, { ...BOARD, url: '/a "b"\\c' }).ask,
    host
  );
  press(tree, 'End', 'Enter', 'ArrowUp', 'Enter');
  await act(view, 'Insert code: load');

  expect(host.opened.map(tab => tab.id)).toEqual(['drift/k/n', 'versions/k/m']);
  expect(host.inserted).toEqual(['import mlops_magics as mm\nmodel = mm.Session("/a \\"b\\"\\\\c").load("m")']);
});

test.each([
  ['/my models', "'/my models'"],
  ["/it's mine", '"/it\'s mine"'],
  ['s3://bucket/models', 's3://bucket/models'],
])('a board at %s is one word of the line that is inserted', async (url, word) => {
  const host = new FakeHost();
  const endpoints = (): object => ({ endpoints: [ENDPOINT] });
  const { view, tree } = await shown(served([], { endpoints }, { ...BOARD, url, trusted: false, models: 0 }).ask, host);
  press(tree, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
  await act(view, 'Insert the lines');
  press(tree, 'ArrowDown');
  await act(view, 'Insert the lines');

  expect(host.inserted).toEqual([
    `%load_ext mlops_magics\n%board ${word} --trust`,
    `%load_ext mlops_magics\n%board ${word}\n%pin_model my_model model`,
  ]);
});

test('a board whose label means another one too, or is none, is named by its place', async () => {
  const twice = [BOARD, { ...BOARD, key: 'other', url: '/elsewhere/models' }];
  const inserted: string[] = [];
  for (const boards of [[BOARD], twice, [{ ...BOARD, label: 'my models', url: '/my models' }]]) {
    const host = new FakeHost();
    const { view, tree } = await shown(served([model('m')], { boards: () => ({ boards }) }).ask, host);
    press(tree, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
    await act(view, 'Insert code: deploy');
    inserted.push(...host.inserted);
  }

  expect(inserted).toEqual(
    ['%deploy models:m', '%board /models\n%deploy m', "%board '/my models'\n%deploy m"].map(
      lines => `%load_ext mlops_magics\n${lines}`
    )
  );
});

/** Type into the search field and wait until it was asked. */
async function search(view: View, words: string): Promise<void> {
  const field = view.node.querySelector<HTMLInputElement>('[type=search]');
  if (!field) throw new Error('no search');
  field.value = words;
  field.dispatchEvent(new Event('input'));
  await new Promise(resolve => setTimeout(resolve, 260));
}

test('a search looks through collapsed boards and opens those with hits', async () => {
  const boards = [
    BOARD,
    { ...BOARD, key: 'other', place: 'old/models', url: '/old/models' },
    { ...BOARD, key: 'third', place: 'x/models' },
  ];
  const models = ({ board, query }: Fields): object => {
    const found = board === 'third' || !query ? [model(`all-${board}`)] : [model(`hit-${board}`)];
    return query && board === 'third' ? { models: [], total: 0 } : { models: found, total: 1 };
  };
  const { view, tree } = await shown(served([], { boards: () => ({ boards }), models }).ask);
  await search(view, 'hit');

  expect(tree.textContent).toContain('hit-k');
  expect(tree.textContent).toContain('hit-other');
  expect(view.node.querySelector('[role=status]')?.textContent).toBe('2 of 6,000 models');
  expect([...tree.querySelectorAll('.mlops-item-board')].map(each => each.getAttribute('aria-expanded'))).toEqual([
    'true',
    'true',
    'false',
  ]);
  await search(view, '');
  expect([...tree.querySelectorAll('.mlops-item-board')].map(each => each.getAttribute('aria-expanded'))).toEqual([
    'true',
    'false',
    'false',
  ]);
});

test('a query that cannot be read says what is wrong with it, and the tree stays', async () => {
  const models = ({ query }: Fields): object => {
    if (query === 'auc>') throw new Error("'auc>' has no number: auc>0.8.");
    return { models: [model('m')], total: 1 };
  };
  const { view, tree } = await shown(served([], { models }).ask);
  await search(view, 'auc>');

  expect(view.node.querySelector('.mlops-note')?.textContent).toBe("'auc>' has no number: auc>0.8.");
  expect(tree.textContent).toContain('accuracy 0.97');
});

test('what goes wrong is said above the tree, which stays', async () => {
  const server = served([model('m')]);
  const { view, tree } = await shown(server.ask);
  server.answers = {
    boards: () => {
      throw new Error('the disk is gone');
    },
  };
  await view.refresh(EVERYTHING);

  expect(view.node.querySelector('[role=alert]')?.textContent).toContain('the disk is gone');
  expect(tree.textContent).toContain('accuracy 0.97');
});

test('a running endpoint shows its state, its numbers and its canary; a dead one offers a restart', async () => {
  const server = served([model('m')], { endpoints: () => ({ endpoints: [ENDPOINT] }) });
  const { view, tree } = await shown(server.ask);
  press(tree, 'Home', 'ArrowDown');
  const living = [view.node.querySelector('.mlops-drawer .is-primary')?.textContent, ...offered(view)];
  const facts = view.node.querySelector('.mlops-drawer dl')?.textContent;
  server.answers = {
    ...server.answers,
    endpoints: () => ({ endpoints: [{ ...ENDPOINT, state: 'died', health: null, challengers: {} }] }),
  };
  await view.refresh(EVERYTHING);
  const dead = [view.node.querySelector('.mlops-drawer .is-primary')?.textContent, ...offered(view)];

  expect(living).toEqual([
    'Open endpoint',
    'Open endpoint',
    'Answer with another version…',
    'Promote the version that is tried out',
    'End the trial',
    'Restart',
    'Copy URL',
    'Insert code: predict',
    'Stop…',
  ]);
  expect(facts).toContain('slowest 5% 2.0 ms');
  expect(dead).toEqual(['Restart', 'Open endpoint', 'Restart', 'Copy URL', 'Remove from this list']);
  expect(tree.querySelector('.mlops-item-endpoint')?.textContent).toContain('Died');
});

test('the drawer of a version has its aliases and its metrics beside those of the champion', async () => {
  const [old, now] = [version('a', 1), version('b', 2)] as Record<string, unknown>[];
  const versions = [
    { ...now, metrics: { auc: 0.9, loss: 0.2 } },
    { ...old, metrics: { auc: 0.8, loss: 0.1 }, aliases: ['champion'] },
  ];
  const metrics = [
    { name: 'auc', better: 1 },
    { name: 'loss', better: -1 },
  ];
  const page = (): object => ({ versions, total: 2, metrics, aliases: [] });
  const { view, tree } = await shown(served([model('m', { alias_map: { champion: 'a' } })], { versions: page }).ask);
  press(tree, 'End', 'ArrowRight');
  await settled();
  press(tree, 'ArrowRight');
  const facts = [...view.node.querySelectorAll('.mlops-drawer dd')].map(each =>
    each.querySelector('[aria-label]')?.getAttribute('aria-label')
  );

  expect(view.node.querySelector('.mlops-drawer h3')?.textContent).toBe('m v2 b');
  expect(facts.slice(2)).toEqual(['+0.100, better', '+0.100, worse']);
});

test.each(HOSTILE)('what comes from a board is text and never markup: %#', async word => {
  const verdict = {
    name: word,
    version: word,
    created: word,
    verdict: word,
    drifted: [word],
    worst: [{ feature: word, statistic: word, score: 1, threshold: 1, drifted: true }],
    rows: 1,
    features: 1,
    alerts: [word],
    n_alerts: 1,
    by: word,
    performance: [],
  };
  const { view } = await shown(
    served(
      [
        model(word, {
          alias_map: { [word]: word },
          verdict,
          metric: { name: word, better: 0, value: 1, course: [1] },
          description: word,
        }),
      ],
      {},
      { ...BOARD, label: word, place: word, url: word, trusted: false }
    ).ask
  );

  expect(view.node.querySelector('img, script, iframe, a, style, link, form, object, embed')).toBeNull();
  expect(view.node.querySelector('.mlops-item-board')?.textContent).toContain(word);
});
