import { expect, test } from 'vitest';

import { view } from '../../src/components/view';
import { rest } from '../../src/lab/sidebar/rest';
import { SetupError } from '../../src/panel/api';
import { ADDRESSES } from '../../src/wire';

/** A server at the process boundary. */
function answering(body: string, status = 200): { sent: [string, RequestInit][]; ask: ReturnType<typeof rest> } {
  const sent: [string, RequestInit][] = [];
  return { sent, ask: rest(async (path, init) => (sent.push([path, init]), new Response(body, { status })), '1') };
}

test('a missing server part is said with the line that fixes it', async () => {
  const asked = answering('<html>404</html>', 404).ask('boards', {});

  await expect(asked).rejects.toThrow(SetupError);
  await expect(asked).rejects.toHaveProperty('fix', expect.stringContaining('pip install mlops-magics'));
});

test('another version of the server part is said with both versions and the line that fixes it', async () => {
  const asked = answering('{"server_version": "2", "boards": []}').ask('boards', {});

  await expect(asked).rejects.toThrow('This panel is mlops-magics 1, its server part is 2.');
  await expect(asked).rejects.toHaveProperty('fix', expect.stringContaining('pip install mlops-magics==1'));
});

test('a refusal is said in its own words', async () => {
  await expect(
    answering('{"server_version": "1", "message": "Somebody else was faster."}', 409).ask('boards', {})
  ).rejects.toThrow('Somebody else was faster.');
});

test('what there is not yet is a note, and a refusal is trouble', async () => {
  const shown = view('Retraining', new AbortController().signal);
  const reply = (kind: string): string => JSON.stringify({ server_version: '1', message: 'No retraining yet.', kind });
  const fails = (kind: string, status: number): Promise<void> =>
    answering(reply(kind), status)
      .ask('retraining', { board: 'k', name: 'm' })
      .then(
        () => expect.unreachable(),
        error => shown.complain(error, () => undefined)
      );

  await fails('NotFound', 404);
  expect(shown.root.querySelector('.mlops-note')?.getAttribute('data-s')).toBe('info');
  expect(shown.root.querySelector('button, [role=alert]')).toBeNull();
  await fails('Conflict', 409);
  expect(shown.root.querySelector('[role=alert]')?.getAttribute('data-s')).toBe('bad');
  expect(shown.root.querySelector('button')?.textContent).toBe('Try again');
});

test('fields fill the address, quoted; the others travel in the query or the body', async () => {
  const { sent, ask } = answering('{"server_version": "1"}');
  await ask('versions', { board: 'k', name: 'a/../b', offset: 500 });
  await ask('promote', { board: 'k', name: 'm', alias: 'champion', version: 'v' });

  expect(sent).toEqual([
    ['boards/k/models/a%2F..%2Fb/versions?offset=500', { method: 'GET' }],
    ['boards/k/models/m/aliases/champion/promote', { method: 'POST', body: '{"version":"v"}' }],
  ]);
});

test('no address leaves a field unfilled', () => {
  for (const [, address] of Object.values(ADDRESSES))
    expect(address).toMatch(/^(?:\/(?:[a-z_]+|\{(?:board|name|alias|version|policy|part)\}))+$/);
});
