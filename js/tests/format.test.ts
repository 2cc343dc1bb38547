/** Numbers, counts, moments: the views and the saved pages write them in the same way. */

import { expect, test } from 'vitest';
import cases from '../../tests/wire/formats.json';
import * as formats from '../src/format';

const writers = formats as unknown as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;

test.each(Object.entries(cases))('%s writes what Python writes', (name, listed) => {
  const written = listed.map(([given]) => writers[name]?.(...(given as unknown[])));
  expect(written).toEqual(listed.map(([, expected]) => expected));
});

test('a period has its year among periods of more than one year, months have theirs anyway', () => {
  const weeks = (first: string, last: string) => [{ label: first }, { label: last }];
  expect(formats.among('2025-11-25', weeks('2024-11-25', '2026-11-16'))).toBe('25 Nov 2025');
  expect(formats.among('2025-11-25T13:00', weeks('2024-11-25', '2026-11-16'))).toBe('25 Nov 13:00 2025');
  expect(formats.among('2026-01-05', weeks('2025-12-29', '2026-11-16'))).toBe('5 Jan');
  expect(formats.among('2026-01', weeks('2024-01', '2026-11'))).toBe('Jan 2026');
  expect(formats.among('all', [{ label: 'all' }])).toBe('all');
  expect(formats.dated('since 2025-11-25', weeks('2024-11-25', '2025-11-25'))).toBe('since 25 Nov');
});
