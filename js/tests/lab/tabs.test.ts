// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { view } from '../../src/components/view';
import { Api } from '../../src/panel/api';
import type { Tab } from '../../src/panel/host';
import { endpointTab, modelsTab, versionsTab } from '../../src/panel/tabs';
import * as views from '../../src/panel/views';
import { panelEndpoint } from '../examples';
import { choose, named, names, settled } from '../fakeModel';
import { BOARD, FakeHost, FakeServer, model, version } from './fakeServer';

const PLACE = { board: 'k', name: 'm' };
const ENDPOINT = {
  ...panelEndpoint.endpoint,
  name: 'm',
  record: {
    ...panelEndpoint.endpoint.record,
    name: 'm',
    prototype: {
      columns: [
        {
          name: 'x',
          kind: 'number',
          categories: null,
          minimum: 0,
          maximum: 1,
          nullable: false,
          example: 0.5,
          counts: [],
        },
      ],
      examples: [],
    },
  },
};

async function built(tab: Tab): Promise<{ root: HTMLElement; again: () => Promise<void> }> {
  const shown = view(tab.title, new AbortController().signal);
  const show = tab.build(shown, views) as (found: unknown) => void;
  const again = async (): Promise<void> => show(await tab.fetch());
  await again();
  return { root: shown.root, again };
}

test('every version is fetched, page by page, and a deployment becomes code in the notebook, without a question', async () => {
  const [host, versions] = [
    new FakeHost(),
    Array.from({ length: 1200 }, (_, place) => version(`v${place}`, 1200 - place)),
  ];
  const server = new FakeServer({
    boards: () => ({ boards: [BOARD] }),
    versions: FakeServer.pages('versions', versions),
  });
  const { root } = await built(versionsTab(new Api(server.ask), PLACE, host));
  named(root, 'Insert code that deploys v1200').click();
  await settled();

  expect(server.asked.filter(([verb]) => verb === 'versions').map(([, fields]) => fields['offset'])).toEqual([
    0, 500, 1000,
  ]);
  expect(root.textContent).toContain('1,200 versions on rides/models');
  expect(host.inserted).toEqual(['%load_ext mlops_magics\n%deploy models:m@v0']);
  expect(root.querySelector('.mlops-told')?.textContent).toBe('1 inserted');
});

test('the models of a board open the versions of one, and its menu opens or inserts the rest', async () => {
  const host = new FakeHost();
  const server = new FakeServer({
    boards: () => ({ boards: [BOARD] }),
    models: FakeServer.pages('models', [model('a'), model('b')]),
  });
  const { root } = await built(modelsTab(new Api(server.ask), BOARD, host));
  named(root, 'b').click();
  choose(root, 'More for b', 'Journey');
  choose(root, 'More for a', 'Insert code: monitor');
  await settled();

  expect(root.textContent).toContain('2 models on rides/models');
  expect(host.opened.map(tab => tab.id)).toEqual(['versions/k/b', 'journey/k/b']);
  expect(host.inserted).toEqual(['%load_ext mlops_magics\n%monitor models:a']);
});

test('the form of an endpoint stays while its numbers move, and asks through the server', async () => {
  let requests = 10;
  const server = new FakeServer({
    endpoint: () => ({ endpoint: { ...ENDPOINT, live: { ...ENDPOINT.live, state: 'running', requests } } }),
    predict: () => ({ answer: { prediction: 7, probabilities: null, version: 'v', latency_ms: 1, warnings: [] } }),
  });
  const { root, again } = await built(endpointTab(new Api(server.ask), PLACE));
  const field = root.querySelector<HTMLInputElement>('.mlops-form input') as HTMLInputElement;
  field.value = '0.25';
  requests = 30;
  await again();
  named(root, 'Predict').click();
  await settled();

  expect(root.querySelector('.mlops-form input')).toBe(field);
  expect(root.textContent).toContain('30 requests');
  expect(server.asked.at(-1)).toEqual(['predict', { board: 'k', name: 'm', row: { x: 0.25 } }]);
  expect(root.querySelector('.mlops-answer h4')?.textContent).toBe('7');
});

test('an endpoint that was stopped is shown so, with what starts it, and nothing that would fail', async () => {
  const server = new FakeServer({
    endpoint: () => ({ endpoint: { ...ENDPOINT, live: { ...ENDPOINT.live, state: 'running' } } }),
  });
  const { root } = await built(endpointTab(new Api(server.ask), PLACE));
  choose(root, 'Manage', 'Stop…');
  named(root, 'Stop endpoint').click();
  await settled();

  expect(server.asked.at(-1)).toEqual(['stop', { board: 'k', name: 'm' }]);
  expect(root.querySelector('.mlops-head .mlops-state')?.textContent).toBe('Stopped');
  expect(root.textContent).toContain('%deploy m');
  expect(names(root).filter(label => ['Restart', 'Start', 'Undo'].includes(label))).toEqual([]);
});
