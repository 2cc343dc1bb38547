// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { form } from '../src/views/endpoint-form';
import type { FormColumn } from '../src/wire';

function moment(example: string): FormColumn {
  return {
    name: 't',
    kind: 'datetime',
    categories: null,
    minimum: example,
    maximum: example,
    nullable: false,
    example,
    counts: [],
    known: [],
  };
}

const built = (example: string) => form([moment(example)], new AbortController().signal, () => undefined);

test.each([
  ['2026-11-24T10:30:00', '2026-11-24T10:30:00', '2026-11-24T10:30'],
  ['2026-11-24T10:30:05.250', '2026-11-24T10:30:05.250', '2026-11-24T10:30:05.25'],
  ['2026-11-24T10:30:05.123456+02:00', '2026-11-24T10:30:05.123+02:00', '2026-11-24T10:30:05.123'],
  ['2026-11-24T10:30:00Z', '2026-11-24T10:30:00Z', '2026-11-24T10:30'],
])('a moment %s is picked, and sent with the zone of its column', (example, sent, wall) => {
  const made = built(example);
  const input = made.node.querySelector('input');
  made.fill({ t: example });

  expect(input?.type).toBe('datetime-local');
  expect(new Date(`${input?.value}`).getTime()).toBe(new Date(wall).getTime());
  expect(new Date(String(made.row().t)).getTime()).toBe(new Date(sent).getTime());
});

test('what was picked by hand gets the zone too, and an empty picker is a missing value', () => {
  const made = built('2026-11-24T10:30:00+02:00');
  const input = made.node.querySelector('input');
  expect(made.row().t).toBeNull();
  if (input) input.value = '2027-01-02T03:04';

  expect(made.row().t).toBe('2027-01-02T03:04+02:00');
});

test('moments of another form keep a field of text', () => {
  const made = built('24 November 2026');
  made.fill({ t: '25 November 2026' });

  expect(made.node.querySelector('input')?.type).toBe('text');
  expect(made.row().t).toBe('25 November 2026');
});

test('a text that training never had is named at its field, and known ones are not', () => {
  const sky = {
    ...moment('clear'),
    kind: 'string',
    name: 'sky',
    minimum: null,
    maximum: null,
    known: ['clear', 'rain'],
  };
  const made = form([sky], new AbortController().signal, () => undefined);
  const input = made.node.querySelector('input');
  for (const [typed, words] of [
    ['rain', ''],
    ['hail', 'not in the training data'],
    ['', ''],
  ]) {
    if (input) input.value = String(typed);
    input?.dispatchEvent(new Event('input'));

    expect(made.node.querySelector('small')?.textContent).toBe(words);
    expect(made.outside().map(({ value }) => value)).toEqual(words ? [typed] : []);
  }
});

const measure = (name: string): FormColumn => ({
  ...moment(''),
  name,
  kind: 'number',
  minimum: 0,
  maximum: 100,
  example: 1,
});

test('a long number is shown in short and sent whole, until it is typed anew', () => {
  const made = form([measure('a')], new AbortController().signal, () => undefined);
  const input = made.node.querySelector<HTMLInputElement>('.mlops-input');
  made.fill({ a: 17.764673536518 });
  expect([input?.value, input?.title, made.row().a]).toEqual(['17.7647', '17.764673536518', 17.764673536518]);

  for (const typed of ['17.7647', '18']) {
    if (input) input.value = typed;
    input?.dispatchEvent(new Event('input'));
    expect(made.row().a).toBe(Number(typed));
  }
  made.fill({ a: 1234567.25 });
  expect(input?.value).toBe('1234567.25');
});

test('the fields of a wide table are folded from the twenty-fifth on, and open where one of them does not fit', () => {
  const columns = Array.from({ length: 200 }, (_, place) => measure(`f${place}`));
  const made = form(columns, new AbortController().signal, () => undefined);
  const rest = made.node.querySelector('details');
  expect([rest?.open, rest?.querySelector('summary')?.textContent]).toEqual([false, '176 more columns']);
  expect(made.node.querySelectorAll('.mlops-knob').length).toBe(200);

  expect(made.show([{ column: 'f3', message: 'missing' }])).toEqual([]);
  expect(rest?.open).toBe(false);
  made.show([{ column: 'f150', message: 'missing' }]);
  expect(rest?.open).toBe(true);
});
