import { expect, test, vi } from 'vitest';
import widget from '../src/widgets/endpoint';
import type { FormColumn, Live, LoggedRequest } from '../src/wire';
import { endpoint as RECORD, live as RUNNING } from './examples';
import { choose, FakeModel, named, names, settled } from './fakeModel';

const HOSTILE = '<img src=x onerror=alert(1)>';
const [A, B] = ['20260101T000000Z-aaaaa', '20260102T000000Z-bbbbb'];
const LIVE: Live = {
  ...RUNNING,
  requests: 3,
  recent: [],
  answering: [
    {
      version: A,
      number: 1,
      created: null,
      aliases: [],
      mode: 'answers',
      share: 1,
      requests: 3,
      failed: 0,
      p50_ms: 2,
      p95_ms: 4,
    },
  ],
};
const CANARY: Live = {
  ...LIVE,
  answering: [
    ...LIVE.answering.map(each => ({ ...each, share: 0.9 })),
    {
      version: B,
      number: 2,
      created: null,
      aliases: ['challenger'],
      mode: 'canary',
      share: 0.1,
      requests: 1,
      failed: 1,
      p50_ms: 3,
      p95_ms: 5,
    },
  ],
};

function column(name: string, kind: string): FormColumn {
  return {
    name,
    kind,
    categories: kind === 'category' ? ['a', HOSTILE] : null,
    minimum: 0,
    maximum: 9,
    nullable: true,
    example: null,
    counts: [],
    known: [],
  };
}

function shown(
  name = 'iris',
  live: Live = LIVE,
  range: object = {}
): { model: FakeModel; el: HTMLElement; end: () => void } {
  const record = {
    ...RECORD,
    name,
    version: A,
    number: 1,
    prototype: {
      columns: [{ ...column('width', 'number'), ...range }, column('kind', 'category')],
      examples: [{ width: 1.5, kind: 'a' }],
    },
    snippets: { curl: `curl ${name}`, python: 'import urllib' },
    versions: [
      { version: B, number: 2, created: null },
      { version: A, number: 1, created: null },
    ],
  };
  const model = new FakeModel({ record, live });
  const el = document.createElement('div');
  return { model, el, end: widget.render({ model, el }) };
}

const answer = (prediction: unknown, more: object = {}): object => ({
  prediction,
  probabilities: null,
  version: A,
  latency_ms: 1,
  warnings: [],
  ...more,
});

test('errors are said to be refused or failed, and each version has what it failed at', () => {
  const { el } = shown('iris', { ...CANARY, errors: 3, refused: 2, failed: 1 });
  const figures = [...el.querySelectorAll('.mlops-stats > div')].map(each => each.textContent);

  expect(figures.find(words => words?.startsWith('Errors'))).toContain('3 1 failed, 2 refused');
  expect([...el.querySelectorAll('[data-label="failed"]')].map(each => each.textContent)).toEqual(['0', '1']);
});

test('hostile text of a board stays text', async () => {
  const { model, el } = shown(HOSTILE);
  named(el, 'Predict').click();
  model.answer({
    ok: true,
    result: answer(HOSTILE, { probabilities: { [HOSTILE]: 1 }, version: HOSTILE, warnings: [HOSTILE] }),
  });
  await settled();

  expect(el.querySelector('img')).toBeNull();
  expect(el.querySelector('.mlops-answer h4')?.textContent).toBe(HOSTILE);
});

test('one press is one question, and its answer has numbers and warnings', async () => {
  const { model, el } = shown();
  named(el, 'Predict').click();
  named(el, 'Predict').click();
  model.answer({
    ok: true,
    result: answer('setosa', { probabilities: { setosa: 0.75 }, latency_ms: 3, warnings: ['wide'] }),
  });
  await settled();

  expect(model.sent.map(({ verb, args }) => [verb, args])).toEqual([['predict', { row: { width: 1.5, kind: 'a' } }]]);
  const words = el.querySelector('.mlops-answer')?.textContent;
  for (const part of ['setosa', '75.0%', 'answered in 3.0 ms', 'wide']) expect(words).toContain(part);
});

test('an empty field is a missing value', () => {
  const { model, el } = shown();
  const input = el.querySelector<HTMLInputElement>('.mlops-form input');
  if (input) input.value = '';
  named(el, 'Predict').click();

  expect(model.sent[0]?.args).toEqual({ row: { width: null, kind: 'a' } });
});

test('a refusal is an alert, and what belongs to a field stands there', async () => {
  const { model, el } = shown();
  named(el, 'Predict').click();
  const problems = [
    { column: 'width', message: 'not a number' },
    { column: 'depth', message: 'not known' },
  ];
  model.answer({ ok: false, error: `no ${HOSTILE}`, problems });
  await settled();

  expect(el.querySelector('[role=alert]')?.textContent).toBe(
    'Nothing was predicted: width does not fit.depth: not known'
  );
  expect(el.querySelector('.mlops-form [aria-invalid=true]')?.closest('.mlops-knob')?.textContent).toContain(
    'not a number'
  );
});

test('a refusal that belongs to no field is said as it came', async () => {
  const { model, el } = shown();
  named(el, 'Predict').click();
  model.answer({ ok: false, error: `no ${HOSTILE}` });
  await settled();

  expect(el.querySelector('[role=alert]')?.textContent).toBe(`no ${HOSTILE}`);
});

test('a value outside the training range is said once, the other warnings stay', async () => {
  const { model, el } = shown('iris', LIVE, { minimum: 1, maximum: 2 });
  const input = el.querySelector<HTMLInputElement>('.mlops-form input');
  if (input) input.value = '9';
  named(el, 'Predict').click();
  const warnings = ['width: 1 value outside the training range [1, 2]', 'widths are rounded'];
  model.answer({ ok: true, result: answer('setosa', { warnings }) });
  await settled();

  expect([...el.querySelectorAll('.mlops-answer .mlops-note')].map(each => each.textContent)).toEqual([
    'widths are rounded',
    'width 9 is outside what it was trained on, 1 to 2. The answer is a guess there.',
  ]);
});

test('stop asks once more, and an endpoint that died says why and can be restarted', async () => {
  const { model, el } = shown();
  choose(el, 'Manage', 'Stop…');
  await settled();
  expect(model.sent).toEqual([]);
  named(el, 'Stop endpoint').click();
  await settled();
  model.push('live', { ...LIVE, state: 'died', answering: [], last_lines: ['MemoryError'] });
  expect(el.textContent).toContain('MemoryError');
  named(el, 'Restart').click();

  expect(model.sent.map(asked => asked.verb)).toEqual(['stop', 'restart']);
});

test('another version is swapped in, and that can be undone', async () => {
  const { model, el } = shown();
  choose(el, 'Manage', 'Answer with another version…');
  named(el, 'Swap').click();
  await settled();
  model.answer({ ok: true, result: {} });
  await settled();
  named(el, 'Undo').click();

  expect(model.sent.map(({ verb, args }) => [verb, args])).toEqual([
    ['swap', { version: B }],
    ['swap', { version: A }],
  ]);
});

test('a version that is tried out has its share, its numbers, and two ways on', () => {
  const { model, el } = shown('iris', CANARY);

  expect(el.querySelector('.mlops-share')?.getAttribute('aria-label')).toBe('v1 answers 90%, v2 answers 10%');
  expect(el.textContent).toContain('v2 is tried out on 10% of the requests');
  expect(names(el)).not.toContain('Try a version out');
  named(el, 'End the trial').click();
  named(el, 'Promote v2').click();
  expect(model.sent.map(({ verb }) => verb)).toEqual(['end_trial', 'adopt']);
});

test('a promotion of what was tried out can be undone, and another version can be tried out then', async () => {
  const { model, el } = shown('iris', CANARY);
  named(el, 'Promote v2').click();
  const message = 'iris v2 is champion now, v1 was before.';
  model.answer({ ok: true, result: { message, alias: 'champion', event: 'promote', version: B, previous: A } });
  await settled();
  model.push('live', LIVE);
  expect(names(el)).toContain('Try a version out');
  expect(el.textContent).toContain(message);
  named(el, 'Undo').click();

  expect(model.sent.map(({ verb, args }) => [verb, args]).slice(1)).toEqual([
    ['rollback', { alias: 'champion', force: false }],
  ]);
});

test('what is typed stays while numbers arrive', () => {
  const { model, el } = shown();
  const input = el.querySelector<HTMLInputElement>('.mlops-form input');
  if (input) input.value = '7';
  model.push('live', { ...LIVE, requests: 4 });

  expect(el.querySelector<HTMLInputElement>('.mlops-form input')?.value).toBe('7');
  expect(el.textContent).toContain('4 requests');
});

test('a swap keeps what was typed for the columns that stay', () => {
  const { model, el } = shown();
  const input = el.querySelector<HTMLInputElement>('.mlops-form input');
  if (input) input.value = '7';
  const record = model.get('record') as { prototype: { columns: object[] } };
  const columns = [...record.prototype.columns, column('height', 'number')];
  model.push('record', { ...record, version: B, prototype: { ...record.prototype, columns } });

  expect(
    [...el.querySelectorAll<HTMLInputElement>('.mlops-form .mlops-input:not(select)')].map(each => each.value)
  ).toEqual(['7', '']);
});

test('an endpoint that starts can neither be asked nor stopped, and says why', () => {
  const { model, el } = shown();
  model.push('live', { ...LIVE, state: 'starting' });

  expect(el.querySelector('.mlops-state')?.textContent).toBe('Starting');
  expect(el.textContent).toContain('The model is loaded and predicts its example rows.');
  expect(names(el)).not.toContain('Manage');
  model.push('live', LIVE);
  expect(named(el, 'Predict').disabled).toBe(false);
});

test('the last requests are listed, and stay the same elements while nothing is new', () => {
  const { model, el } = shown();
  const one: LoggedRequest = {
    time: '2026-01-01T10:11:12+00:00',
    version: A,
    prediction: HOSTILE,
    probability: null,
    latency_ms: 1.5,
    row: { width: 2, kind: HOSTILE },
  };
  model.push('live', { ...LIVE, recent: [one] });
  const row = el.querySelector('.mlops-requests tbody tr');
  model.push('live', { ...LIVE, requests: 3, recent: [{ ...one }] });

  const cells = [...(row?.children ?? [])].map(cell => cell.textContent);
  expect(cells.slice(1, 5)).toEqual([HOSTILE, `width 2kind ${HOSTILE}`, '1.5 ms', 'v1aaaaa']);
  expect(el.querySelector('.mlops-requests tbody tr')).toBe(row);
  named(el, 'Put into the form').click();
  expect(el.querySelector<HTMLInputElement>('.mlops-form input')?.value).toBe('2');
  model.push('live', { ...LIVE, recent: null });
  expect(el.textContent).toContain('Requests are not kept');
});

test('a busy kernel is said to be waited for, and again when that goes on', async () => {
  vi.useFakeTimers();
  const { model, el } = shown();
  const said = (): string => el.querySelector('.mlops-wait')?.textContent ?? '';
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
