// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';

import { EVERYTHING } from '../../src/panel/store';
import { named, settled } from '../fakeModel';
import { HOSTILE } from '../hostile';
import { BOARD, current, FakeHost, FakeServer, model, press, served, shown, version } from './fakeServer';

const VERSIONS = { versions: FakeServer.pages('versions', [version('b'), version('a')]) };

test('an empty board and no board at all show the three lines of the first pin, ready to be inserted', async () => {
  for (const [boards, place] of [
    [[{ ...BOARD, models: 0 }], '/models'],
    [[], 'models'],
  ] as const) {
    const host = new FakeHost();
    const { view, tree } = await shown(served([], { boards: () => ({ boards }) }).ask, host);
    press(tree, 'End');
    named(view.node, 'Insert These Lines').click();
    await settled();

    expect(view.node.textContent).toContain('%load_ext mlops_magics');
    expect(host.inserted).toEqual([`%load_ext mlops_magics\n%board ${place}\n%pin_model my_model model`]);
  }
});

test('a board that is not trusted or not reachable says so, with what to do', async () => {
  const strange = await shown(served([model('a')], {}, { ...BOARD, trusted: false }).ask);
  const gone = await shown(served([], {}, { ...BOARD, trouble: 'Not reachable: no such bucket' }).ask);

  expect(strange.tree.textContent).toContain('%board /models --trust');
  expect(gone.tree.textContent).toContain('Not reachable: no such bucket');
});

const MANY = Array.from({ length: 2000 }, (_, place) => model(`m${place}`));

/** The offsets of the pages that were asked for. */
const offsets = (server: FakeServer): unknown[] =>
  server.asked.filter(([verb]) => verb === 'models').map(([, fields]) => fields['offset']);

/** Scroll to a row; jsdom has no layout of its own. */
function scroll(tree: HTMLElement, row: number): void {
  tree.scrollTop = row * 26;
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
  const passing = tree.querySelectorAll('.mlops-panel-absent').length;
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

  expect(tree.querySelectorAll('.mlops-panel-absent').length).toBe(0);
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
  expect(tree.querySelectorAll('.mlops-panel-absent').length).toBe(0);
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
  await vi.waitFor(() => expect(view.node.querySelector('[role=alert]')?.textContent).toBe('the disk is gone'));
  const asked = server.asked.length;
  await new Promise(resolve => setTimeout(resolve, 200));

  expect(server.asked.length).toBe(asked);
});

test('a row that did not change is not drawn again: a press on it is not lost', async () => {
  const { view, tree } = await shown(served([model('a')]).ask);
  const before = tree.querySelector('.mlops-panel-model');
  await view.refresh(EVERYTHING);

  expect(tree.querySelector('.mlops-panel-model')).toBe(before);
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
    '▾models',
    '▸alphaa',
    '3',
    '▾alphaa',
    '▸betaac',
  ]);
});

test('every row says its level, its place among its siblings, and what it is called', async () => {
  const { tree } = await shown(served([model('a'), model('b')]).ask);
  const rows = [...tree.querySelectorAll('.mlops-panel-model')];

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

test('promote asks first, then moves the alias, then shows what became of it', async () => {
  const [server, host] = [served([model('m', { alias_map: { champion: 'a' } })], VERSIONS), new FakeHost()];
  const { view, tree } = await shown(server.ask, host);
  press(tree, 'End', 'ArrowRight');
  await settled();
  press(tree, 'ArrowRight');
  server.asked.length = 0;
  named(view.node, 'Promote to Champion').click();
  await settled();

  expect(host.questions).toEqual(['Promote m@b to champion?']);
  expect(server.asked[0]).toEqual(['promote', { board: 'k', name: 'm', version: 'b', alias: 'champion' }]);
  expect(server.asked.map(([verb]) => verb)).toContain('boards');
});

test('roll back asks for the alias where there are several', async () => {
  const [server, host] = [served([model('m', { alias_map: { champion: 'a', shadow: 'b' } })]), new FakeHost('shadow')];
  const { view, tree } = await shown(server.ask, host);
  press(tree, 'End');
  named(view.node, 'Roll Back…').click();
  await settled();

  expect(server.asked).toContainEqual(['rollback', { board: 'k', name: 'm', alias: 'shadow' }]);
});

test('Enter opens the version history, and code is quoted', async () => {
  const host = new FakeHost();
  const { view, tree } = await shown(served([model('m')], {}, { ...BOARD, url: '/a "b"\\c' }).ask, host);
  press(tree, 'End', 'Enter');
  named(view.node, 'Insert Code: Load').click();
  await settled();

  expect(host.opened.map(tab => tab.id)).toEqual(['versions/k/m']);
  expect(host.inserted).toEqual(['import mlops_magics as mm\nmodel = mm.Session("/a \\"b\\"\\\\c").load("m")']);
});

test.each([
  ['/my models', "'/my models'"],
  ["/it's mine", '"/it\'s mine"'],
  ['s3://bucket/models', 's3://bucket/models'],
])('a board at %s is one word of the line that is inserted', async (url, word) => {
  const host = new FakeHost();
  const { view, tree } = await shown(served([], {}, { ...BOARD, url, trusted: false, models: 0 }).ask, host);
  press(tree, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
  named(view.node, 'Insert These Lines').click();
  press(tree, 'ArrowDown');
  named(view.node, 'Insert These Lines').click();
  await settled();

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
    named(view.node, 'Insert Code: Deploy').click();
    await settled();
    inserted.push(...host.inserted);
  }

  expect(inserted).toEqual(
    ['%deploy models:m', '%board /models\n%deploy m', "%board '/my models'\n%deploy m"].map(
      lines => `%load_ext mlops_magics\n${lines}`
    )
  );
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

  expect(view.node.querySelector('[role=alert]')?.textContent).toBe('the disk is gone');
  expect(tree.textContent).toContain('accuracy 0.97');
});

test('a running endpoint shows its state and its rate; a dead one offers no swap', async () => {
  const health = { requests: 10, errors: 0, rows: 10, uptime: 1, version: 'v', latency_ms: { p50: 1, p95: 2 } };
  const endpoint = {
    name: 'm',
    version: 'v',
    alias: null,
    board_key: 'k',
    url: 'http://127.0.0.1:1',
    state: 'running',
    started: '',
    health,
    trouble: null,
  };
  const server = served([], { endpoints: () => ({ endpoints: [endpoint] }) });
  const { view, tree } = await shown(server.ask);
  press(tree, 'Home', 'ArrowDown');
  const living = [...view.node.querySelectorAll('[role=toolbar] button')].map(each => each.textContent);
  server.answers = {
    ...server.answers,
    endpoints: () => ({ endpoints: [{ ...endpoint, state: 'died', health: null }] }),
  };
  await view.refresh(EVERYTHING);
  const dead = [...view.node.querySelectorAll('[role=toolbar] button')].map(each => each.textContent);

  expect(living).toEqual(['Open Endpoint', 'Swap to Another Version…', 'Restart', 'Stop', 'Insert Code: Ask']);
  expect(dead).toEqual(['Restart', 'Stop']);
  expect(tree.querySelector('.mlops-panel-endpoint')?.textContent).toContain('✕ died');
});

test.each(HOSTILE)('what comes from a board is text and never markup: %#', async word => {
  const verdict = {
    name: word,
    version: word,
    created: word,
    verdict: word,
    drifted: [word],
    worst: [{ feature: word, statistic: word, score: 1, threshold: 1, drifted: true }],
  };
  const { view } = await shown(
    served(
      [model(word, { alias_map: { [word]: word }, verdict, metrics: { [word]: 1 } })],
      {},
      { ...BOARD, label: word, url: word, trusted: false }
    ).ask
  );

  expect(view.node.querySelector('img, script, iframe, svg, a, style, link, form, object, embed')).toBeNull();
  expect(view.node.querySelector('.mlops-panel-board')?.textContent).toContain(word);
});
