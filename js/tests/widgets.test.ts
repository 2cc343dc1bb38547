/** Every widget with the records that Python wrote: what it shows, what it asks, and that it leaves nothing behind. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import compare from '../src/widgets/compare';
import drift from '../src/widgets/drift';
import endpoint from '../src/widgets/endpoint';
import models from '../src/widgets/models';
import versions from '../src/widgets/versions';
import { FakeModel, settled } from './fakeModel';
import { HOSTILE } from './hostile';

const WIDGETS = { compare, drift, endpoint, models, versions };
const LIVE = {
  state: 'running',
  requests: 3,
  rows: 3,
  rate: 1,
  p50_ms: 2,
  p95_ms: 4,
  errors: 0,
  version: 'v',
  uptime_seconds: 5,
  recent: [],
};

function wire(name: string): Record<string, unknown> {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'tests', 'wire', `${name}.json`), 'utf8')
  ) as Record<string, unknown>;
}

function rendered(
  name: keyof typeof WIDGETS,
  record: unknown = wire(name)
): { model: FakeModel; el: HTMLElement; end: () => void } {
  const model = new FakeModel({ record, live: LIVE });
  const el = document.createElement('div');
  return { model, el, end: WIDGETS[name].render({ model, el }) };
}

function press(el: HTMLElement, label: string): void {
  const found = [...el.querySelectorAll('button')].find(each => each.textContent === label);
  if (!found) throw new Error(`no button ${label} in ${el.textContent}`);
  found.click();
}

/** Fields whose words are ours, never a board's. */
const OURS = ['view', 'kind', 'scale', 'state', 'segment', 'period', 'label'];

/** Put a string behind every text of a record that a board may hold, and behind a copy of every name in it. */
function spoiled(value: unknown, harm: string, field = ''): unknown {
  if (typeof value === 'string') return OURS.includes(field) ? value : value + harm;
  if (Array.isArray(value)) return value.map(item => spoiled(item, harm));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    return Object.fromEntries([
      ...entries.map(([key, item]) => [key + harm, item]),
      ...entries.map(([key, item]) => [key, spoiled(item, harm, key)]),
    ]);
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
    expect(
      [...el.querySelectorAll('*')]
        .flatMap(each => each.getAttributeNames())
        .filter(attribute => attribute.startsWith('on'))
    ).toEqual([]);
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

  test('a question that waits for its answer outlives scrolling, and rows follow the scroll', () => {
    const record = wire('versions') as { versions: object[] };
    const many = Array.from({ length: 10_000 }, (_, place) => ({ ...record.versions[0], version: `v${place}.` }));
    const { el } = rendered('versions', { ...record, versions: many });
    const place = el.querySelector<HTMLElement>('.mlops-scroll');
    if (!place) throw new Error('no table');
    press(el, 'Promote');
    place.scrollTop = 3 * 32;
    place.dispatchEvent(new Event('scroll'));
    const asked = el.textContent;
    const body = (): string => el.querySelector('tbody')?.textContent ?? '';
    place.scrollTop = 5_000 * 32;
    place.dispatchEvent(new Event('scroll'));

    expect(asked).toContain('Yes, promote');
    expect(body()).not.toContain('v0.');
    expect([...el.querySelectorAll('tbody tr td:nth-child(2)')].map(cell => cell.textContent)).toEqual(
      Array.from({ length: 30 }, (_, row) => `v${4990 + row}.`)
    );
  });

  test('a promotion names its alias, says what it did, and can be undone', async () => {
    const { model, el } = rendered('versions');
    press(el, 'Promote');
    const alias = el.querySelector<HTMLSelectElement>('[aria-label^="Alias for"]');
    if (alias) alias.value = 'challenger';
    press(el, 'Yes, promote');
    expect(model.sent[0]).toMatchObject({ verb: 'promote', args: { alias: 'challenger' } });
    model.answer({ ok: true, result: { message: 'challenger is now v1.', alias: 'challenger' } });
    await settled();
    expect(el.querySelector('[role=status]')?.textContent).toBe('challenger is now v1.');
    press(el, 'Undo');

    expect(model.sent[1]).toMatchObject({ verb: 'rollback', args: { alias: 'challenger' } });
  });

  test('a rollback and a deployment ask once more; what was deployed can be stopped', async () => {
    const { model, el } = rendered('versions');
    press(el, 'Roll back');
    press(el, 'Cancel');
    press(el, 'Deploy');
    expect(model.sent).toEqual([]);
    press(el, 'Yes, deploy');
    model.answer({ ok: true, result: { message: 'v answers at http://127.0.0.1:1' } });
    await settled();
    press(el, 'Stop it');

    expect(model.sent.map(asked => asked.verb)).toEqual(['deploy', 'stop']);
  });

  test('what was filtered, ticked and focused stays when the board changes', () => {
    const { model, el } = rendered('versions');
    document.body.append(el);
    const record = wire('versions') as { versions: { version: string }[] };
    const filter = el.querySelector<HTMLInputElement>('[aria-label="Filter versions"]');
    const wanted = record.versions[1]?.version ?? '';
    if (!filter) throw new Error('no filter');
    filter.value = wanted;
    filter.dispatchEvent(new Event('input'));
    const tick = el.querySelector<HTMLInputElement>('tbody input');
    tick?.click();
    [...el.querySelectorAll('button')].find(each => each.textContent === 'Promote')?.focus();
    model.push('record', { ...record, versions: [...record.versions] });

    expect(el.querySelectorAll('tbody tr').length).toBe(1);
    expect(el.querySelector<HTMLInputElement>('tbody input')?.checked).toBe(true);
    expect(document.activeElement?.textContent).toBe('Promote');
    el.remove();
  });

  test('two versions are compared in place, the older one first', () => {
    const { model, el } = rendered('versions');
    document.body.append(el);
    for (const tick of el.querySelectorAll<HTMLInputElement>('tbody input')) tick.click();
    press(el, 'Compare');
    el.remove();

    const [newer, older] = (wire('versions') as { versions: { version: string }[] }).versions;
    expect(model.sent[0]).toMatchObject({ verb: 'compare', args: { a: older?.version, b: newer?.version } });
  });

  test('the timeline has a dot for each version and the names of aliases; of thousands only what can be seen', () => {
    const record = wire('versions') as { versions: { created: string; aliases: string[] }[] };
    const few = rendered('versions', {
      ...record,
      versions: record.versions.map((row, place) => ({ ...row, aliases: place ? ['champion'] : [] })),
    }).el;
    const many = Array.from({ length: 10_000 }, (_, place) => ({
      ...record.versions[0],
      aliases: [],
      created: new Date(1.7e12 - place * 1e6).toISOString(),
      metrics: { accuracy: (place * 37) % 101 },
    }));
    const crowded = rendered('versions', { ...record, versions: many }).el;

    expect(few.querySelectorAll('.mlops-timeline circle').length).toBe(2);
    expect([...few.querySelectorAll('.mlops-timeline text')].map(each => each.textContent)).toContain('champion');
    expect(crowded.querySelectorAll('.mlops-timeline circle').length).toBe(1);
    expect(crowded.querySelector('.mlops-timeline polyline')?.getAttribute('points')?.split(' ').length).toBeLessThan(
      1500
    );
  });
});
