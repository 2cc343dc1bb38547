import { expect, test } from 'vitest';

import widget from '../src/widgets/drift';
import { FakeModel, named } from './fakeModel';

const HOSTILE = '<img src=x onerror=alert(1)>';

function feature(name: string, drifted: boolean): Record<string, unknown> {
  const scores = drifted ? [0.1, 0.5] : [0.01, null];
  return { feature: name, statistic: 'psi', score: scores[1], threshold: 0.2, p_value: null, severity: 1, drifted, scores, drifted_in: [false, drifted] };
}

function shown(name = 'width'): { model: FakeModel; el: HTMLElement; end: () => void } {
  const record = {
    name,
    version: 'v1',
    verdict: `1 of 2 features drifted: ${name}`,
    rows: 20,
    periods: [{ label: 'May', n: 10 }, { label: 'June', n: 10 }],
    features: [feature(name, true), feature('height', false)],
    performance: [{ period: 'May', metric: name, score: 0.9, n: 10, kind: 'measured' }],
    distributions: [{ feature: name, bars: [name, 'b'], reference: [5, 5], current: [[2, 8], [0, 10]] }],
    notes: [name],
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
