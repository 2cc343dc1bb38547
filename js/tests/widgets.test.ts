/// <reference types="vite/client" />
/** Every widget with the records that Python wrote: what it shows, what it asks, and that it leaves nothing behind. */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { live } from './examples';
import { choose, FakeModel, named, settled } from './fakeModel';
import { HOSTILE } from './hostile';

type Widget = { render(given: { model: FakeModel; el: HTMLElement; host?: object }): () => void };
/** The widgets of records by name; that of the panel has tests of its own. */
const WIDGETS = new Map(
  Object.entries(import.meta.glob<Widget>('../src/widgets/*.ts', { eager: true, import: 'default' }))
    .map(([path, widget]) => [basename(path, '.ts'), widget] as const)
    .filter(([name]) => !['components', 'panel'].includes(name))
);

function wire(name: string): Record<string, unknown> {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'tests', 'wire', `${name}.json`), 'utf8')
  ) as Record<string, unknown>;
}

function rendered(name: string, record: unknown = wire(name)): { model: FakeModel; el: HTMLElement; end: () => void } {
  const model = new FakeModel({ record, live });
  const el = document.createElement('div');
  const widget = WIDGETS.get(name);
  if (!widget) throw new Error(`There is no widget ${name}.`);
  return { model, el, end: widget.render({ model, el }) };
}

/** Fields whose words are ours, never a board's. */
const OURS = [
  'view',
  'kind',
  'scale',
  'state',
  'segment',
  'period',
  'label',
  'verdict',
  'meaning',
  'mode',
  'subject',
  'subject',
  'event',
  'created',
  'time',
  'started',
  'since',
];

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

describe.each([...WIDGETS.keys()])('%s', name => {
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

    expect(kinds(el).filter(kind => !kinds(plain).includes(kind))).toEqual([]);
    expect(
      [...el.querySelectorAll('*')]
        .flatMap(each => each.getAttributeNames())
        .filter(attribute => attribute.startsWith('on'))
    ).toEqual([]);
    expect(el.textContent).toContain(harm);
    expect(Reflect.get(window, '__pwned')).toBeUndefined();
  });
});

/**
 * Return which kinds of elements a view is made of: text can add to their number, never to their kinds. A `wbr` is
 * where a long name may break.
 */
function kinds(el: HTMLElement): string[] {
  return [...new Set([...el.querySelectorAll(':not(wbr)')].map(each => each.tagName.toLowerCase()))].sort();
}

test.each([
  ['a letter in a menu', '[role=menuitem]', {}, true],
  ['a letter in a field', 'input[type=search]', {}, true],
  ['a letter on a button', '.mlops-name', {}, false],
  ['a command of the host in a menu', '[role=menuitem]', { ctrlKey: true }, false],
])('the shortcuts of a notebook give way to %s or not', (_, control, keys, gives) => {
  const { el, end } = rendered('models');
  document.body.append(el);
  named(el, 'More for toy').click();
  el.querySelector(control)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'd', bubbles: true, ...keys }));
  const suppressed = el.querySelector(control)?.hasAttribute('data-lm-suppress-shortcuts');
  end();
  el.remove();

  expect(suppressed).toBe(gives);
});

describe('models', () => {
  test('a row opens the versions below the list, its menu what the model has, each in place of the one before', async () => {
    const model = new FakeModel({ record: wire('models') });
    const el = document.createElement('div');
    const shown: string[] = [];
    const host = {
      getWidget: (reference: string) =>
        Promise.resolve({
          render: ({ el: place, signal }: { el: HTMLElement; signal: AbortSignal }) => {
            place.append(reference);
            signal.addEventListener('abort', () => shown.push(`${reference} ended`));
            return Promise.resolve();
          },
        }),
    };
    const end = WIDGETS.get('models')?.render({ model, el, host });
    named(el, 'toy').click();
    model.answer({ ok: true, result: 'anywidget:one' });
    await settled();
    expect(el.lastElementChild?.textContent).toBe('anywidget:one');
    choose(el, 'More for toy', 'Drift report');
    model.answer({ ok: true, result: 'anywidget:two' });
    await settled();

    expect(el.lastElementChild?.textContent).toBe('anywidget:two');
    expect(shown).toEqual(['anywidget:one ended']);
    expect(model.sent.map(({ verb, args }) => [verb, args])).toEqual([
      ['open', { what: 'versions', name: 'toy' }],
      ['open', { what: 'drift', name: 'toy' }],
    ]);
    end?.();
    expect(shown).toEqual(['anywidget:one ended', 'anywidget:two ended']);
  });

  test('a change of the board leaves what was searched, and the keyboard in the field', () => {
    const record = wire('models');
    const { model, el } = rendered('models');
    document.body.append(el);
    const field = (): HTMLInputElement => el.querySelector('input[type=search]') as HTMLInputElement;
    field().value = 'Nothing like it';
    field().dispatchEvent(new Event('input'));
    field().focus();
    model.push('record', { ...record, label: 'elsewhere' });
    const focused = document.activeElement === field();
    el.remove();

    expect(el.textContent).toContain('on elsewhere');
    expect(field().value).toBe('Nothing like it');
    expect(el.querySelectorAll('tbody .mlops-name')).toHaveLength(0);
    expect(focused).toBe(true);
  });

  test.each([
    ['an endpoint and a verdict', {}, ['Versions', 'Drift report', 'Open endpoint']],
    ['neither', { endpoint: null, verdict: null }, ['Versions']],
  ])('a menu offers only what there is: %s', (_, facts, opened) => {
    const record = wire('models') as { models: object[] };
    const { el } = rendered('models', { ...record, models: [{ ...record.models[0], ...facts }] });
    named(el, 'More for toy').click();
    const lines = [...el.querySelectorAll('[role=menuitem]')].map(each => each.textContent);

    expect(lines).toEqual([...opened, 'Copy reference', 'Insert code: deploy', 'Insert code: monitor']);
  });

  test('a line is inserted with the reference that Python gives; an old front end is told what to update', async () => {
    const { model, el } = rendered('models');
    const inserted: unknown[] = [];
    el.addEventListener('mlops-insert', event => {
      inserted.push((event as CustomEvent).detail);
      event.preventDefault();
    });
    choose(el, 'More for toy', 'Insert code: deploy');
    model.answer({ ok: true, result: 'other:toy' });
    await settled();
    named(el, 'toy').click();
    await settled();

    expect(model.sent.map(({ verb, args }) => [verb, args])).toEqual([['reference', { name: 'toy' }]]);
    expect(inserted).toEqual(['%deploy other:toy']);
    expect(el.querySelector('.mlops-trouble')?.textContent).toContain('pip install -U anywidget');
  });
});

describe('versions', () => {
  const record = wire('versions') as { versions: { version: string; number: number; aliases: string[] }[] };
  const many = Array.from({ length: 10_000 }, (_, place) => ({
    ...record.versions[0],
    version: `v${place}.`,
    number: 10_000 - place,
    aliases: [],
    created: new Date(1.7e12 - place * 1e6).toISOString(),
    metrics: { accuracy: (place * 37) % 101 },
  }));

  test('promotes at once, names the alias, says what it did, and takes it back', async () => {
    const { model, el } = rendered('versions');
    named(el, 'Promote v1 to champion').click();
    expect(model.sent[0]).toMatchObject({ verb: 'promote', args: { alias: 'champion' } });
    const result = {
      message: 'toy v1 is champion now.',
      alias: 'champion',
      version: 'a',
      previous: 'b',
      event: 'promote',
    };
    model.answer({ ok: true, result });
    await settled();
    expect(el.querySelector('.mlops-told')?.textContent).toContain('toy v1 is champion now.');
    named(el, 'Undo').click();

    expect(model.sent[1]).toMatchObject({ verb: 'rollback', args: { alias: 'champion' } });
  });

  test('another alias is asked for, a known one or another word', async () => {
    const { model, el } = rendered('versions');
    choose(el, 'More for v1', 'Promote to another alias…');
    const field = el.querySelector<HTMLInputElement>('.mlops-pop input');
    if (field) field.value = 'eu-north';
    named(el, 'Promote').click();
    await settled();

    expect(model.sent[0]).toMatchObject({ verb: 'promote', args: { alias: 'eu-north' } });
  });

  test('what needs --force in Python is asked about here, and done or left as it is', async () => {
    const refused = "toy has no alias 'chamion' yet. If you mean 'champion': `%promote toy@VERSION champion`. ";
    const { model, el } = rendered('versions');
    document.body.append(el);
    named(el, 'Promote v1 to champion').click();
    model.answer({ ok: false, error: `${refused}To make a new one, add \`--force\`.` });
    await settled();
    const asked = el.querySelector('[role=alertdialog]')?.textContent;
    named(el, 'Cancel').click();
    await settled();
    const sentBefore = model.sent.length;
    named(el, 'Promote v1 to champion').click();
    model.answer({
      ok: false,
      error: "The alias 'champion' of toy is protected. To move it nevertheless, add `--force`.",
    });
    await settled();
    named(el, 'Promote anyway').click();
    await settled();
    el.remove();

    expect(asked).toContain("toy has no alias 'chamion' yet. Did you mean 'champion'?");
    expect(asked).not.toContain('--force');
    expect(el.querySelector('.mlops-trouble')?.textContent).toBe('');
    expect(sentBefore).toBe(1);
    expect(model.sent.map(({ args }) => args['force'])).toEqual([false, false, true]);
  });

  test('a rollback says from where to where before it does, and cancelling does nothing', async () => {
    const { model, el } = rendered('versions', {
      ...record,
      aliases: [
        {
          alias: 'champion',
          now: record.versions[0]?.version,
          before: record.versions[1]?.version,
          number: 2,
          before_number: 1,
        },
      ],
    });
    named(el, 'Roll back…').click();
    expect(el.querySelector('[role=alertdialog]')?.textContent).toMatch(/champion goes back from v2 \w+ to v1 \w+\./);
    named(el, 'Cancel').click();
    await settled();
    expect(model.sent).toEqual([]);
    named(el, 'Roll back…').click();
    named(el, 'Roll back').click();
    await settled();

    expect(model.sent[0]).toMatchObject({ verb: 'rollback', args: { alias: 'champion' } });
  });

  test('a deployment asks once more; a deletion does not, and can be taken back', async () => {
    const { model, el } = rendered('versions');
    named(el, 'Deploy v1').click();
    expect(model.sent).toEqual([]);
    named(el, 'Deploy').click();
    await settled();
    choose(el, 'More for v1', 'Move to trash');
    model.answer({ ok: true, result: { message: 'v1 is in the trash.', place: 'there' } });
    await settled();
    named(el, 'Undo').click();

    expect(model.sent.map(({ verb, args }) => [verb, args['place']])).toEqual([
      ['deploy', undefined],
      ['delete', undefined],
      ['restore', 'there'],
    ]);
  });

  test('keeps only the rows in sight of ten thousand, and they follow the scroll', () => {
    const { el } = rendered('versions', { ...record, versions: many });
    const place = el.querySelector<HTMLElement>('.mlops-scroll');
    if (!place) throw new Error('no table');
    const rows = (): string[] => [...el.querySelectorAll('tbody tr .mlops-ver b')].map(each => each.textContent ?? '');
    expect(rows()[0]).toBe('v10000');
    expect(rows().length).toBeLessThan(60);
    expect(el.textContent).toContain('10,000 versions');
    place.scrollTop = 5_000 * 37;
    place.dispatchEvent(new Event('scroll'));

    expect(rows()).toContain('v5000');
    expect(rows()).not.toContain('v10000');
  });

  test('no name of a version lies on the curve, however many lines the names need', () => {
    const aliases = [[], ['eu-north'], ['champion']];
    const versions = many
      .slice(0, 8)
      .map((row, at) => ({ ...row, aliases: aliases[at] ?? [], metrics: { accuracy: 0.9 - at / 100 } }));
    const { el } = rendered('versions', { ...record, metrics: [{ name: 'accuracy', better: 1 }], versions });
    const picture = el.querySelector('.mlops-trend .mlops-plot');
    const names = [...(picture?.querySelectorAll('text.is-ink') ?? [])].map(each => Number(each.getAttribute('y')));
    const curve = Math.min(
      ...[...(picture?.querySelectorAll('circle') ?? [])].map(each => Number(each.getAttribute('cy')))
    );

    expect(names.length).toBeGreaterThan(2);
    expect(Math.max(...names)).toBeLessThan(curve);
  });

  test('sorts by any metric, the better end first', () => {
    const { el } = rendered('versions', { ...record, metrics: [{ name: 'accuracy', better: 1 }], versions: many });
    const first = (): string | null | undefined => el.querySelector('tbody .mlops-num')?.textContent;
    named(el, 'Sort by accuracy').click();
    expect(first()).toMatch(/^100/);
    named(el, 'Sort by accuracy').click();

    expect(first()).toMatch(/^0/);
  });

  test('what was searched, ticked and focused stays when the board changes', () => {
    const versions = many.slice(0, 9);
    const { model, el } = rendered('versions', { ...record, versions });
    document.body.append(el);
    const search = el.querySelector<HTMLInputElement>('[aria-label="Search versions"]');
    if (!search) throw new Error('no search');
    search.value = 'v9998';
    search.dispatchEvent(new Event('input'));
    el.querySelector<HTMLInputElement>('tbody input')?.click();
    named(el, 'Promote v9998 to champion').focus();
    model.push('record', { ...record, versions: [...versions] });

    expect(el.querySelectorAll('tbody tr [type=checkbox]').length).toBe(1);
    expect(el.querySelector<HTMLInputElement>('tbody input')?.checked).toBe(true);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Promote v9998 to champion');
    el.remove();
  });

  test('two ticked versions are compared in place, the older one first', () => {
    const { model, el } = rendered('versions');
    document.body.append(el);
    for (const place of [0, 1]) [...el.querySelectorAll<HTMLInputElement>('tbody input')][place]?.click();
    named(el, 'Compare').click();
    el.remove();

    const [newer, older] = record.versions;
    expect(model.sent[0]).toMatchObject({ verb: 'compare', args: { a: older?.version, b: newer?.version } });
  });

  test('few versions have a picture for each metric; of thousands only what can be seen is drawn', () => {
    const few = rendered('versions').el;
    const crowded = rendered('versions', { ...record, metrics: [{ name: 'accuracy', better: 1 }], versions: many }).el;

    expect(few.querySelectorAll('.mlops-multiples figure').length).toBe(4);
    expect(few.querySelector('.mlops-multiples')?.textContent).toContain('v2 ★');
    expect(crowded.querySelector('.mlops-trend')?.textContent).toContain('best');
    expect(crowded.querySelectorAll('.mlops-trend circle').length).toBe(1);
    expect(crowded.querySelector('.mlops-trend')?.innerHTML.length).toBeLessThan(40_000);
  });
});
