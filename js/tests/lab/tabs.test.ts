// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { frame } from '../../src/components/frame';
import { Api } from '../../src/panel/api';
import type { Tab } from '../../src/panel/host';
import { endpointTab, versionsTab } from '../../src/panel/tabs';
import { named, settled } from '../fakeModel';
import { BOARD, FakeHost, FakeServer, version } from './fakeServer';

const PLACE = { board: 'k', name: 'm' };
const HEALTH = { requests: 10, errors: 0, rows: 10, uptime: 1, version: 'v', latency_ms: { p50: 1, p95: 2 } };
const ENDPOINT = {
  name: 'm',
  version: 'v',
  alias: null,
  board: '/models',
  board_key: 'k',
  url: 'http://127.0.0.1:1',
  port: 1,
  pid: 1,
  state: 'running',
  started: 'then',
  health: HEALTH,
  trouble: null,
  prototype: {
    columns: [{ name: 'x', kind: 'number', categories: null, minimum: 0, maximum: 1, nullable: false, example: 0.5 }],
    examples: [],
  },
  snippets: {},
  versions: ['v', 'u'],
  recent: [],
};

async function built(tab: Tab): Promise<{ root: HTMLElement; again: () => Promise<void> }> {
  const view = frame(tab.title);
  const show = tab.build(view, new AbortController().signal) as (found: unknown) => void;
  const again = async (): Promise<void> => show(await tab.fetch());
  await again();
  return { root: view.root, again };
}

test('every version is fetched, page by page, and a deployment becomes code in the notebook, without a question', async () => {
  const [host, versions] = [new FakeHost(), Array.from({ length: 1200 }, (_, place) => version(`v${place}`))];
  const server = new FakeServer({
    boards: () => ({ boards: [BOARD] }),
    versions: FakeServer.pages('versions', versions),
  });
  const { root } = await built(versionsTab(new Api(server.ask), PLACE, host));
  named(root, 'Insert code: deploy').click();
  await settled();

  expect(server.asked.filter(([verb]) => verb === 'versions').map(([, fields]) => fields['offset'])).toEqual([
    0, 500, 1000,
  ]);
  expect(root.textContent).toContain('1200 versions on models');
  expect(host.inserted).toEqual(['%load_ext mlops_magics\n%deploy models:m@v0']);
  expect(root.querySelector('[role=status]')?.textContent).toBe('1 inserted');
  expect([...root.querySelectorAll('button')].map(each => each.textContent)).not.toContain('Stop it');
});

test('the form of an endpoint stays while its numbers move, and asks through the server', async () => {
  let health = HEALTH;
  const server = new FakeServer({
    endpoint: () => ({ endpoint: { ...ENDPOINT, health } }),
    predict: () => ({ answer: { prediction: 7, probabilities: null, version: 'v', latency_ms: 1, warnings: [] } }),
  });
  const { root, again } = await built(endpointTab(new Api(server.ask), PLACE));
  const field = root.querySelector<HTMLInputElement>('input') as HTMLInputElement;
  field.value = '0.25';
  health = { ...HEALTH, requests: 30 };
  await again();
  named(root, 'Predict').click();
  await settled();

  expect(root.querySelector('input')).toBe(field);
  expect(root.textContent).toContain('30 requests');
  expect(server.asked.at(-1)).toEqual(['predict', { board: 'k', name: 'm', row: { x: 0.25 } }]);
  expect(root.textContent).toContain('Prediction: 7');
});

test('an endpoint that was stopped is shown so, with what starts it, and nothing that would fail', async () => {
  const server = new FakeServer({ endpoint: () => ({ endpoint: ENDPOINT }) });
  const { root } = await built(endpointTab(new Api(server.ask), PLACE));
  named(root, 'Stop').click();
  named(root, 'Yes, stop').click();
  await settled();

  expect(server.asked.at(-1)).toEqual(['stop', { board: 'k', name: 'm' }]);
  expect(root.querySelector('strong')?.textContent).toBe('○ stopped');
  expect(root.textContent).toContain('%deploy m');
  expect(
    [...root.querySelectorAll('button')]
      .map(each => each.textContent)
      .filter(label => label === 'Restart' || label === 'Undo')
  ).toEqual([]);
});
