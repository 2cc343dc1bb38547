import { expect, test, vi } from 'vitest';

import widget from '../src/widgets/endpoint';
import { FakeModel, named, settled } from './fakeModel';

const HOSTILE = '<img src=x onerror=alert(1)>';
const LIVE = {
  state: 'running',
  requests: 3,
  rows: 3,
  rate: 1,
  p50_ms: 2,
  p95_ms: 4,
  errors: 0,
  version: 'v1',
  uptime_seconds: 9,
  recent: [],
};

function column(name: string, kind: string): Record<string, unknown> {
  return {
    name,
    kind,
    categories: kind === 'category' ? ['a', HOSTILE] : null,
    minimum: 0,
    maximum: 9,
    nullable: true,
    example: null,
  };
}

function shown(name = 'iris'): { model: FakeModel; el: HTMLElement; end: () => void } {
  const record = {
    name,
    version: 'v1',
    alias: null,
    board: 'b',
    url: `http://127.0.0.1:1/${name}`,
    port: 1,
    pid: 2,
    started: '2026-01-01T00:00:00',
    prototype: {
      columns: [column('width', 'number'), column('kind', 'category')],
      examples: [{ width: 1.5, kind: 'a' }],
    },
    snippets: { curl: `curl ${name}`, python: 'import urllib' },
    versions: ['v1', 'v2'],
  };
  const model = new FakeModel({ record, live: LIVE });
  const el = document.createElement('div');
  return { model, el, end: widget.render({ model, el }) };
}

test('hostile text of a board stays text', async () => {
  const { model, el } = shown(HOSTILE);
  named(el, 'Predict').click();
  model.answer({
    ok: true,
    result: {
      prediction: HOSTILE,
      probabilities: { [HOSTILE]: 1 },
      version: HOSTILE,
      latency_ms: 1,
      warnings: [HOSTILE],
    },
  });
  await settled();

  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain(`Prediction: ${HOSTILE}`);
});

test('an example is asked and its prediction shown with numbers', async () => {
  const { model, el } = shown();
  named(el, 'Predict').click();
  model.answer({
    ok: true,
    result: { prediction: 'setosa', probabilities: { setosa: 0.75 }, version: 'v1', latency_ms: 3, warnings: ['wide'] },
  });
  await settled();

  expect(model.sent[0]).toMatchObject({ verb: 'predict', args: { row: { width: 1.5, kind: 'a' } } });
  const status = [...el.querySelectorAll('[role=status]')].map(node => node.textContent).join();
  for (const words of ['Prediction: setosa', '75.0 %', 'wide']) expect(status).toContain(words);
});

test('an empty field is a missing value', () => {
  const { model, el } = shown();
  const input = el.querySelector('input');
  if (input) input.value = '';
  named(el, 'Predict').click();

  expect(model.sent[0]?.args).toEqual({ row: { width: null, kind: 'a' } });
});

test("the server's refusal is an alert", async () => {
  const { model, el } = shown();
  named(el, 'Predict').click();
  model.answer({ ok: false, error: `width: ${HOSTILE}` });
  await settled();

  expect(el.querySelector('[role=alert]')?.textContent).toBe(`width: ${HOSTILE}`);
});

test('stop asks once more, and a died endpoint can be restarted', () => {
  const { model, el } = shown();
  named(el, 'Stop').click();
  expect(model.sent).toEqual([]);
  named(el, 'Yes, stop').click();
  model.push('live', { ...LIVE, state: 'died' });
  named(el, 'Restart').click();

  expect(model.sent.map(asked => asked.verb)).toEqual(['stop', 'restart']);
});

test('another version is swapped in', () => {
  const { model, el } = shown();
  named(el, 'Swap').click();

  expect(model.sent[0]).toMatchObject({ verb: 'swap', args: { version: 'v2' } });
});

test('what is typed stays while numbers arrive', () => {
  const { model, el } = shown();
  const input = el.querySelector('input');
  if (input) input.value = '7';
  model.push('live', { ...LIVE, requests: 4 });

  expect(el.querySelector('input')?.value).toBe('7');
  expect(el.textContent).toContain('4 requests');
});

test('a swap keeps what was typed for the columns that stay, and says what answers now', async () => {
  const { model, el } = shown();
  const input = el.querySelector('input');
  if (input) input.value = '7';
  const record = model.get('record') as { prototype: { columns: object[] } };
  model.push('record', {
    ...record,
    version: 'v2',
    prototype: { ...record.prototype, columns: [...record.prototype.columns, column('height', 'number')] },
  });

  expect([...el.querySelectorAll('input')].map(each => each.value)).toEqual(['7', '']);
  expect(el.querySelector('h3')?.textContent).toBe('iris@v2');
});

test('a swap can be undone', async () => {
  const { model, el } = shown();
  named(el, 'Swap').click();
  model.answer({ ok: true, result: {} });
  await settled();
  named(el, 'Undo').click();

  expect(model.sent.at(-1)).toMatchObject({ verb: 'swap', args: { version: 'v1' } });
});

test('an endpoint that starts can neither be asked nor stopped, and says why', () => {
  const { model, el } = shown();
  model.push('live', { ...LIVE, state: 'starting' });

  expect(named(el, 'Predict').disabled).toBe(true);
  expect(el.textContent).toContain('◐ starting');
  expect([...el.querySelectorAll('button')].map(each => each.textContent)).not.toContain('Stop');
  model.push('live', LIVE);
  expect(named(el, 'Predict').disabled).toBe(false);
});

test('the last requests are listed, and stay the same elements while nothing is new', () => {
  const { model, el } = shown();
  const recent = [
    {
      time: '2026-01-01T10:11:12+00:00',
      version: 'v1',
      prediction: HOSTILE,
      latency_ms: 1.5,
      row: { width: 2, kind: HOSTILE },
    },
  ];
  model.push('live', { ...LIVE, recent });
  const row = el.querySelector('tbody tr');
  model.push('live', { ...LIVE, requests: 9, recent: [...recent] });

  expect([...(row?.children ?? [])].map(cell => cell.textContent)).toEqual([
    '10:11:12',
    HOSTILE,
    `width 2, kind ${HOSTILE}`,
    '1.5 ms',
    'v1',
  ]);
  expect(el.querySelector('tbody tr')).toBe(row);
  model.push('live', { ...LIVE, recent: null });
  expect(el.textContent).toContain('no prediction log is kept');
});

test('a busy kernel is said to be waited for, and again when that goes on', async () => {
  vi.useFakeTimers();
  const { model, el } = shown();
  const said = (): string => [...el.querySelectorAll('.mlops-said')].map(node => node.textContent).join();
  named(el, 'Predict').click();
  vi.advanceTimersByTime(1_100);
  expect(said()).toBe('Waiting for the kernel …');
  vi.advanceTimersByTime(15_000);
  expect(said()).toContain('Still waiting');
  vi.useRealTimers();
  model.answer({ ok: false, error: 'no' });
  await settled();

  expect(said()).toBe('');
});

test('no listener is left after the end', () => {
  const { model, el, end } = shown();
  end();
  named(el, 'Predict').click();

  expect([model.listeners, model.sent.length]).toEqual([0, 0]);
});
