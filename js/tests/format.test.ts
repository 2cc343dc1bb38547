/** Numbers, counts, moments: the views and the saved pages write them in the same way. */

import { expect, test } from 'vitest';
import cases from '../../tests/wire/formats.json';
import * as formats from '../src/format';

const writers = formats as unknown as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;

test.each(Object.entries(cases))('%s writes what Python writes', (name, listed) => {
  const written = listed.map(([given]) => writers[name]?.(...(given as unknown[])));
  expect(written).toEqual(listed.map(([, expected]) => expected));
});
