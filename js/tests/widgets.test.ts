/** Every widget with the records that Python wrote: what it shows, what it asks, and that it leaves nothing behind. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import compare from '../src/widgets/compare';
import drift from '../src/widgets/drift';
import endpoint from '../src/widgets/endpoint';
import models from '../src/widgets/models';
import versions from '../src/widgets/versions';
import { FakeModel } from './fakeModel';
import { HOSTILE } from './hostile';

const WIDGETS = { compare, drift, endpoint, models, versions };
const LIVE = { state: 'running', requests: 3, rows: 3, rate: 1, p50_ms: 2, p95_ms: 4, errors: 0, version: 'v', uptime_seconds: 5 };

function wire(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'tests', 'wire', `${name}.json`), 'utf8')) as Record<string, unknown>;
}

function rendered(name: keyof typeof WIDGETS, record: unknown = wire(name)): { model: FakeModel; el: HTMLElement; end: () => void } {
  const model = new FakeModel({ record, live: LIVE });
  const el = document.createElement('div');
  return { model, el, end: WIDGETS[name].render({ model, el }) };
}

function press(el: HTMLElement, label: string): void {
  const found = [...el.querySelectorAll('button')].find(each => each.textContent === label);
  if (!found) throw new Error(`no button ${label} in ${el.textContent}`);
  found.click();
}

/** Put a string behind every text of a record, and behind a copy of every name in it. */
function spoiled(value: unknown, harm: string): unknown {
  if (typeof value === 'string') return value + harm;
  if (Array.isArray(value)) return value.map(item => spoiled(item, harm));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    return Object.fromEntries([...entries.map(([key, item]) => [key + harm, item]), ...entries.map(([key, item]) => [key, spoiled(item, harm)])]);
  }
  return value;
}

describe.each(Object.keys(WIDGETS) as (keyof typeof WIDGETS)[])('%s', name => {
  test('shows what Python wrote, under an accessible name', () => {
    const { el } = rendered(name);

    expect(el.querySelector('section')?.getAttribute('aria-label')).toBeTruthy();
    expect(el.textContent?.length).toBeGreaterThan(20);
  });

  test('leaves no listener behind', () => {
    const { model, end } = rendered(name);
    expect(model.listeners).toBeGreaterThan(0);

    end();

    expect(model.listeners).toBe(0);
  });

  test.each(HOSTILE)('shows hostile text as text: %s', harm => {
    const plain = rendered(name).el;
    const { el } = rendered(name, spoiled(wire(name), harm));

    expect(kinds(el)).toEqual(kinds(plain));
    expect([...el.querySelectorAll('*')].flatMap(each => each.getAttributeNames()).filter(attribute => attribute.startsWith('on'))).toEqual([]);
    expect(el.textContent).toContain(harm);
    expect(Reflect.get(window, '__pwned')).toBeUndefined();
  });
});

/** Return which kinds of elements a view is made of: text can add to their number, never to their kinds. */
function kinds(el: HTMLElement): string[] {
  return [...new Set([...el.querySelectorAll('*')].map(each => each.tagName.toLowerCase()))].sort();
}

describe('versions', () => {
  test('promotes after a confirmation', () => {
    const { model, el } = rendered('versions');

    press(el, 'Promote');
    press(el, 'Yes, promote');

    expect(model.sent[0]).toMatchObject({ verb: 'promote', args: { alias: 'champion' } });
  });

  test('keeps only the rows in sight of ten thousand', () => {
    const record = wire('versions') as { versions: object[] };
    const many = Array.from({ length: 10_000 }, (_, place) => ({ ...record.versions[0], version: `v${place}` }));

    const { el } = rendered('versions', { ...record, versions: many });

    expect(el.querySelectorAll('tbody tr').length).toBeLessThan(60);
    expect(el.textContent).toContain('10000 of 10000');
  });
});
