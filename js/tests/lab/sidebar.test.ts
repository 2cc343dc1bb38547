// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { Api, ServerTrouble } from '../../src/lab/sidebar/api';
import { champions } from '../../src/lab/sidebar/journey';
import { Store, EVERYTHING } from '../../src/lab/sidebar/store';
import { View } from '../../src/lab/sidebar/view';

const HOSTILE = '<img src=x onerror="window.__pwned=1">';
const BOARD = { key: 'k', label: 'models', url: '/models', trusted: true, writable: true, models: 2000, trouble: null };
const nothing = (): void => undefined;
const ACTIONS = { journey: nothing, promote: nothing, insert: nothing, stop: nothing, restart: nothing };

function model(name: string): object {
  return { name, version: 'v', created: '2026-01-01T00:00:00', metrics: { accuracy: 0.97 }, versions: 1, alias_map: {}, verdict: null };
}

/** A server at the process boundary: answers by the path's last word. */
function server(answers: Record<string, object>, version = '1', status = 200): Api {
  const send = async (path: string): Promise<Response> => {
    const word = path.split('?')[0]?.split('/').pop() ?? '';
    return new Response(JSON.stringify({ server_version: version, ...answers[word] }), { status });
  };
  return new Api(send, '1');
}

async function shown(api: Api): Promise<{ view: View; end: AbortController }> {
  const end = new AbortController();
  const view = new View(new Store(api), ACTIONS, end.signal);
  await view.refresh(EVERYTHING);
  return { view, end };
}

test('a missing server part is said with the line that fixes it', async () => {
  const api = new Api(async () => new Response('<html>404</html>', { status: 404 }), '1');
  const { view } = await shown(api);

  expect(view.node.querySelector('[role=alert]')?.textContent).toContain('pip install mlops-magics');
});

test('another version of the server part is said with both versions', async () => {
  const asked = server({ boards: { boards: [] } }, '2').boards();

  await expect(asked).rejects.toThrow(ServerTrouble);
  await expect(asked).rejects.toThrow('This panel is mlops-magics 1, its server part is 2.');
});

test('an empty board shows the three lines of the first pin', async () => {
  const { view } = await shown(server({ boards: { boards: [{ ...BOARD, models: 0 }] }, endpoints: { endpoints: [] } }));

  expect(view.node.textContent).toContain('%load_ext mlops_magics');
  expect(view.node.textContent).toContain('%pin_model');
});

test('of two thousand models only those in sight are drawn', async () => {
  const models = Array.from({ length: 500 }, (_, place) => model(`m${place}`));
  const { view } = await shown(server({ boards: { boards: [BOARD] }, endpoints: { endpoints: [] }, models: { models, total: 2000 } }));

  expect(view.node.querySelectorAll('[role=treeitem]').length).toBeLessThan(60);
});

test('what comes from a board is text and never markup', async () => {
  const board = { ...BOARD, label: HOSTILE };
  const { view } = await shown(server({ boards: { boards: [board] }, endpoints: { endpoints: [] }, models: { models: [model(HOSTILE)], total: 1 } }));

  expect(view.node.querySelector('img')).toBeNull();
  expect(view.node.textContent).toContain(HOSTILE);
});

test('arrow keys walk the tree and an abort ends listening', async () => {
  const { view, end } = await shown(server({ boards: { boards: [BOARD] }, endpoints: { endpoints: [] }, models: { models: [model('a')], total: 1 } }));
  const tree = view.node.querySelector<HTMLElement>('[role=tree]');
  tree?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
  const walked = tree?.getAttribute('aria-activedescendant');
  end.abort();
  tree?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }));

  expect(walked).toBe('mlops-sidebar-row-1');
  expect(tree?.getAttribute('aria-activedescendant')).toBe(walked);
});

test('the journey knows which version was champion when', () => {
  const move = (time: string, version: string): object => ({ time, event: 'promote', alias: 'champion', version, by: null, note: null });
  const history = [move('2026-01-03T00:00:00Z', 'b'), move('2026-01-01T00:00:00Z', 'a')] as never;

  expect(champions(history, Date.parse('2026-01-04T00:00:00Z')).map(each => [each.version, (each.to - each.from) / 86_400_000])).toEqual([
    ['a', 2],
    ['b', 1]
  ]);
});
