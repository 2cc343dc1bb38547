import { expect, test } from 'vitest';

import widget from '../src/widgets/drift';
import { FakeModel, named } from './fakeModel';

const HOSTILE = '<img src=x onerror=alert(1)>';

function feature(name: string, drifted: boolean): Record<string, unknown> {
  const scores = drifted ? [0.1, 0.5] : [0.01, null];
  return {
    feature: name,
    statistic: 'psi',
    score: scores[1],
    threshold: 0.2,
    p_value: null,
    severity: 1,
    drifted,
    scores,
    drifted_in: [false, drifted],
  };
}

function shown(name = 'width'): { model: FakeModel; el: HTMLElement; end: () => void } {
  const record = {
    name,
    version: 'v1',
    verdict: `1 of 2 features drifted: ${name}`,
    rows: 20,
    periods: [
      { label: 'May', n: 10 },
      { label: 'June', n: 10 },
    ],
    features: [feature(name, true), feature('height', false)],
    performance: [
      { period: 'May', metric: name, score: 0.9, lower: 0.8, upper: 0.95, n: 10, kind: 'measured' },
      { period: 'June', metric: name, score: 0.5, lower: null, upper: null, n: 10, kind: 'measured' },
    ],
    distributions: [
      {
        feature: name,
        bars: [name, 'b'],
        reference: [5, 0],
        current: [
          [2, 6],
          [0, 10],
        ],
        missing: [0, 2, 0],
        new: ['b'],
        scale: 'linear',
      },
    ],
    notes: [name],
    limits: { [name]: [0.7, null] },
    segments: [
      { segment: name, period: 'June', metric: 'accuracy', score: 0.4, lower: 0.3, upper: 0.5, n: 4, kind: 'measured' },
    ],
    segment_drift: {
      segments: [name, 'south'],
      features: [{ ...feature(name, true), scores: [0.5, 0.01], drifted_in: [true, false] }],
    },
    curves: [
      { view: 'roc', label: name, x: [0, 0.2, 1], y: [0, 0.8, 1], n: [20], lower: [], upper: [] },
      { view: 'residuals', label: '', x: [1, 2], y: [0.1, -0.1], n: [10, 10], lower: [-1, -1], upper: [1, 1] },
    ],
    versions: [{ period: 'June', version: `v2 ${name}`, since: '2024-06-03T10:00:00+00:00' }],
  };
  const model = new FakeModel({ record, selected: {} });
  const el = document.createElement('div');
  return { model, el, end: widget.render({ model, el }) };
}

test('hostile text of a report stays text', () => {
  const { el } = shown(HOSTILE);

  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain(HOSTILE);
});

test('the verdict is a status and drift is never colour alone', () => {
  const { el } = shown();

  expect(el.querySelector('[role=status]')?.textContent).toBe('1 of 2 features drifted: width');
  expect(named(el, '▲ 0.5').getAttribute('aria-label')).toBe('width in June: 0.5, drifted');
});

test('what is chosen goes back to Python', () => {
  const { model, el } = shown();
  const before = model.saved;
  named(el, '▲ 0.5').click();

  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['June'] });
  expect(model.saved).toBe(before + 1);
  expect(el.textContent).toContain('width, June');
});

test('a range of periods ranks anew, and is what Python sees', () => {
  const { model, el } = shown();
  const last = el.querySelector<HTMLSelectElement>('[aria-label="Last period"]');
  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['May', 'June'] });
  if (!last) throw new Error('no choice of the last period');
  last.value = '0';
  last.dispatchEvent(new Event('change'));

  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['May'] });
  expect([...(el.querySelector('thead')?.querySelectorAll('th') ?? [])].map(head => head.textContent)).toEqual([
    'feature',
    'statistic',
    'score',
    'limit',
    'verdict',
    'May',
  ]);
  expect([...el.querySelectorAll('tbody th[scope=row] button')].map(each => each.textContent)).toEqual([
    'width',
    'height',
  ]);
});

test('a first period behind the last one moves the last', () => {
  const { model, el } = shown();
  const [first, last] = [...el.querySelectorAll('select')];
  if (!first || !last) throw new Error('no choices');
  last.value = '0';
  last.dispatchEvent(new Event('change'));
  first.value = '1';
  first.dispatchEvent(new Event('change'));

  expect(last.value).toBe('1');
  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['June'] });
});

test('dragging over the periods cuts a range out', () => {
  const { model, el } = shown();
  const [may, june] = [...el.querySelectorAll('.mlops-touch')];
  june?.dispatchEvent(new Event('pointerdown'));
  window.dispatchEvent(new Event('pointerup'));
  may?.dispatchEvent(new Event('pointerenter'));
  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['June'] });
  june?.dispatchEvent(new Event('pointerdown'));
  may?.dispatchEvent(new Event('pointerenter'));

  expect(model.get('selected')).toEqual({ feature: 'width', periods: ['May', 'June'] });
  expect(el.querySelector<HTMLSelectElement>('[aria-label="First period"]')?.value).toBe('0');
  expect(el.querySelectorAll('.mlops-inside').length).toBe(2);
});

test('performance is that of the chosen periods', () => {
  const { el } = shown();
  const told = (): string | null | undefined =>
    [...el.querySelectorAll('table')].find(table => table.caption?.textContent === 'Performance over time')
      ?.textContent;
  named(el, '▲ 0.5').click();

  expect(told()).toContain('0.5 in June (n 10)');
  named(el, '0.1').click();
  expect(told()).toContain('0.9 in May (0.8 to 0.95, n 10)');
});

test('performance has its band where one is known', () => {
  const { el } = shown();

  expect(el.querySelector('.mlops-band')?.getAttribute('points')?.split(' ')).toHaveLength(2);
});

test('a feature without kept bars says so', () => {
  const { el } = shown();
  named(el, 'height').click();

  expect(el.textContent).toContain('No distribution was kept');
});

test('no listener is left after the end', () => {
  const { model, el, end } = shown();
  end();
  const before = model.saved;
  named(el, 'height').click();

  expect([model.listeners, model.saved]).toEqual([0, before]);
});

test('the limit of a metric is drawn and said, with a sign where it is not kept', () => {
  const { el } = shown();

  expect(el.querySelectorAll('line.mlops-limit')).toHaveLength(1);
  expect(el.textContent).toContain('0.5 in June (n 10); ▲ should be at least 0.7');
});

test('segments have their drift and their performance, in the periods that are looked at', () => {
  const { el } = shown();
  const captions = (): (string | null)[] => [...el.querySelectorAll('caption')].map(caption => caption.textContent);
  expect(captions()).toContain('accuracy by segment');
  expect(el.textContent).toContain('▲ 0.5');
  const last = el.querySelector<HTMLSelectElement>('[aria-label="Last period"]');
  if (!last) throw new Error('no choice of the last period');
  last.value = '0';
  last.dispatchEvent(new Event('change'));

  expect(captions()).not.toContain('accuracy by segment');
  expect(captions().some(caption => caption?.startsWith('Drift within segments'))).toBe(true);
});

test('curves are drawn with words for those who do not see them', () => {
  const { el } = shown();
  const labels = [...el.querySelectorAll('svg')].map(each => each.getAttribute('aria-label'));

  expect(labels).toContain('ROC');
  expect(labels).toContain('Residuals by tenth of the rows');
  expect(el.querySelector('.mlops-curves')?.textContent).toContain('true positive rate, over false positive rate');
});

test('a new category is hatched and said, and so is a new version', () => {
  const { el } = shown();

  expect(el.querySelectorAll('.mlops-hatched')).toHaveLength(1);
  expect(el.querySelector('figcaption')?.textContent).toContain('hatched: new (b); last: missing');
  expect(el.textContent).toContain('v2 width answers since 2024-06-03 10:00 (in June).');
});
