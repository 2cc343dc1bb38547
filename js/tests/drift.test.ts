import { expect, test } from 'vitest';

import { QUIET, REPORT } from '../gallery/reports';
import { INSERT } from '../src/components/insert';
import widget from '../src/widgets/drift';
import type { Report } from '../src/wire';
import { drift as WRITTEN } from './examples';
import { FakeModel, named } from './fakeModel';

function shown(record: Report = REPORT): { model: FakeModel; el: HTMLElement; end: () => void } {
  const model = new FakeModel({ record, selected: {} });
  const el = document.createElement('div');
  return { model, el, end: widget.render({ model, el }) };
}

const WEEKS = REPORT.periods.map(each => each.label);
const chosen = (model: FakeModel): unknown => model.get('selected');

/** Choose the first or the last period of those that are looked at. */
function look(el: HTMLElement, label: string, place: number): void {
  const select = el.querySelector<HTMLSelectElement>(`[aria-label="${label}"]`);
  if (!select) throw new Error(`no choice of the ${label}`);
  select.value = String(place);
  select.dispatchEvent(new Event('change'));
}

/** Press the cell of a feature in a period. */
function press(el: HTMLElement, row: number, place: number): void {
  const cell = [...el.querySelectorAll('.mlops-drift tbody tr[role=row]')][row]?.querySelectorAll('.mlops-map rect')[
    place
  ];
  cell?.dispatchEvent(new Event('click', { bubbles: true }));
}

test('the answer comes first: sentence, reasons to act, figures', () => {
  const { el } = shown();
  const order = ['.mlops-verdict', '.mlops-note', '.mlops-stats', '.mlops-brush', '.mlops-drift', '.mlops-detail'].map(
    each => el.querySelector(each)
  );

  expect(
    order.slice(1).map((each, place) => Boolean(each && (order[place]?.compareDocumentPosition(each) ?? 0) & 4))
  ).toEqual([true, true, true, true, true]);
  expect(el.querySelector('.mlops-verdict h2')?.textContent).toBe(REPORT.sentence);
  expect(el.querySelector('.mlops-note')?.textContent).toContain('auc (measured) in 16 Nov is 0.812, below 0.83');
  expect(el.querySelector('.mlops-stats')?.textContent).toContain('0.812');
});

test('a report of a version offers its retraining, as the next step where a limit is passed', async () => {
  const find = (el: HTMLElement): HTMLButtonElement | undefined =>
    [...el.querySelectorAll('button')].find(each => each.textContent === 'Retrain…');
  const { el, model } = shown();
  const codes: unknown[] = [];
  el.addEventListener(INSERT, event => {
    event.preventDefault();
    codes.push((event as CustomEvent).detail);
  });
  find(el)?.click();
  model.answer({ ok: true, result: 'other:late_flights' });
  await new Promise(resolve => setTimeout(resolve));

  expect(codes).toEqual(['%retrain other:late_flights --data NEW']);
  expect(el.textContent).toContain('The code is in the cell below.');
  expect(find(el)?.className).toContain('is-primary');
  expect(find(shown(QUIET).el)?.className).not.toContain('is-primary');
  expect(find(shown({ ...REPORT, number: 0 }).el)).toBe(undefined);
});

test('versions that began to answer in one period share a rule and its words', () => {
  const [first] = REPORT.versions;
  if (!first) throw new Error('the example has no version');
  const { el } = shown({ ...REPORT, versions: [first, { ...first, version: 'b', number: 98 }] });
  const words = [...el.querySelectorAll('text')].map(each => each.textContent).filter(each => each?.includes('v98'));

  expect(words.length).toBe(1);
  expect(words[0]).toContain(`v${first.number},v98`);
});

test('a report of one period has no course of segments', () => {
  const [only] = REPORT.periods;
  if (!only) throw new Error('the example has no period');
  const kept = REPORT.segments.filter(each => each.period === only.label);
  const { el } = shown({ ...REPORT, periods: [only], segments: kept, segmented_by: '' });

  expect(shown().el.textContent).toContain('auc by period');
  expect(el.textContent).not.toContain('by period');
  expect(el.textContent).toContain('auc, 95%');
});

test('drift is never colour alone: a word on the line, a triangle in the cell', () => {
  const { el } = shown();
  const [first] = el.querySelectorAll('.mlops-drift tbody tr[role=row]');

  expect(first?.querySelector('.mlops-state')?.textContent).toBe('Drifted');
  expect(first?.querySelectorAll('.mlops-map path').length).toBe(4);
  expect(first?.querySelector('.mlops-map svg')?.getAttribute('aria-label')).toContain(
    'wind_gust by period: drifted in 2 Nov'
  );
});

test('a feature is chosen by its name, in one detail, and Python knows', () => {
  const { model, el } = shown();
  const before = model.saved;
  named(el, 'carrier').click();

  expect(chosen(model)).toEqual({ feature: 'carrier', periods: WEEKS });
  expect(model.saved).toBe(before + 1);
  expect([...el.querySelectorAll('.mlops-detail h3')].map(each => each.textContent)).toEqual(['carrier']);
  expect(el.querySelector('.mlops-detail')?.textContent).toContain('Drifted since 9 Nov');
  named(el, 'Next feature').click();
  expect(chosen(model)).toMatchObject({ feature: 'hour' });
});

test('a cell chooses its feature and its period', () => {
  const { model, el } = shown();
  press(el, 1, 5);

  expect(chosen(model)).toEqual({ feature: 'precip', periods: ['2026-11-09'] });
  expect(el.querySelector('.mlops-detail')?.textContent).toContain('9 Nov, ');
});

test('a range of periods ranks anew, and is what Python sees', () => {
  const { model, el } = shown();
  look(el, 'Last period', 2);

  expect(chosen(model)).toMatchObject({ periods: WEEKS.slice(0, 3) });
  const names = [...el.querySelectorAll('.mlops-drift .mlops-name')].map(each => each.textContent);
  expect(names[0]).toBe('aircraft_age');
  look(el, 'First period', 4);
  expect(chosen(model)).toMatchObject({ periods: [WEEKS[4]] });
});

test('dragging over the periods cuts a range out', () => {
  const { model, el } = shown();
  const strip = el.querySelector<SVGElement>('.mlops-brush > svg');
  if (!strip) throw new Error('no strip');
  strip.getBoundingClientRect = () => ({ left: 0, width: 800 }) as DOMRect;
  const drag = (type: string, clientX: number): boolean => strip.dispatchEvent(new MouseEvent(type, { clientX }));
  drag('pointerdown', 450);
  drag('pointermove', 220);
  drag('pointerup', 220);
  drag('pointermove', 700);

  expect(chosen(model)).toMatchObject({ periods: WEEKS.slice(2, 5) });
  expect(el.querySelectorAll('.mlops-brush .is-inside').length).toBe(3);
  expect(el.querySelector<HTMLSelectElement>('[aria-label="First period"]')?.value).toBe('2');
});

test('numbers are bars with their means, categories dots with what is new', () => {
  const { el } = shown();
  expect(el.querySelector('.mlops-detail')?.textContent).toContain('2.4% outside the range of training');
  named(el, 'carrier').click();
  const words = el.querySelector('.mlops-lines')?.textContent;

  expect(words?.startsWith('ZX')).toBe(true);
  expect(words).toContain('new');
  expect(words).toMatch(/31\.0% → \d/);
});

test('the performance says which limit it passed, and where an estimate is not valid', () => {
  const { el } = shown();
  const titles = [...el.querySelectorAll('[aria-label=Performance] title')].map(each => each.textContent);

  expect(titles).toContain('16 Nov: measured 0.812, 12,490 rows, outside the limit');
  expect(titles.some(title => title?.endsWith('not valid'))).toBe(true);
  expect(el.querySelector('[aria-label=Performance]')?.textContent).toContain('limit 0.83');
});

test('a report of one period has no brush, no strips, and its score in words', () => {
  const { el } = shown(QUIET);

  expect(el.querySelector('.mlops-brush')).toBeNull();
  expect(el.querySelector('.mlops-map')).toBeNull();
  expect(el.querySelector('.mlops-scores')?.textContent).toContain('estimated0.9770.961 to 0.991; 340 rows');
});

test('segments, what is new, curves, notes and the method follow', () => {
  const { el } = shown();
  const parts = [...el.querySelectorAll('section.mlops-part h3')].map(each => each.textContent);

  expect(parts).toEqual(['Features', 'Performance', 'By origin', 'Missing and new', 'Curves', 'Notes']);
  expect(el.querySelector('[aria-label="By origin"] [data-s=alert]')?.textContent).toContain('0.771');
  expect(el.querySelector('details')?.textContent).toContain('Benjamini–Hochberg');
});

test('a feature without kept bars says so, and a report of version 0.1 is drawn', () => {
  const old = {
    ...REPORT,
    distributions: [],
    sentence: '',
    verdict: '3 of 8 features drifted',
    features: REPORT.features.map(each => ({ ...each, verdict: '' as const, kind: '', since: null })),
  };
  const { el } = shown(old);

  expect(el.textContent).toContain('No distribution was kept');
  expect(el.querySelector('.mlops-verdict h2')?.textContent).toBe('3 of 8 features drifted');
  expect(el.querySelector('.mlops-drift .mlops-state')?.textContent).toBe('Drifted');
});

test('two hundred features keep only those in sight in the document', () => {
  const features = Array.from({ length: 300 }, (_, place) => ({
    ...(REPORT.features[place % 8] as (typeof REPORT.features)[number]),
    feature: `f${place}`,
  }));
  const { el } = shown({ ...REPORT, features });

  expect(el.querySelectorAll('.mlops-drift tbody tr').length).toBeLessThan(60);
});

test('what Python wrote is drawn, and no listener is left after the end', () => {
  const { model, el, end } = shown(WRITTEN);
  expect(el.querySelectorAll('.mlops-drift tbody tr[role=row]').length).toBe(WRITTEN.features.length);
  end();
  const before = model.saved;
  el.querySelector<HTMLButtonElement>('.mlops-name')?.click();

  expect([model.listeners, model.saved]).toEqual([0, before]);
});
