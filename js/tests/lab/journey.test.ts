// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { axis } from '../../src/panel/axis';
import { drawJourney, type Journey, stretches } from '../../src/panel/journey';
import type { HistoryEntry } from '../../src/wire';
import { HOSTILE } from '../hostile';

const DAY = 86_400_000;
const NOW = Date.parse('2026-01-04T00:00:00Z');
const START = Date.parse('2025-12-31T00:00:00Z');

function entry(day: number, event: string, version: string | null, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    time: `2026-01-0${day}T00:00:00Z`,
    event,
    alias: event === 'pin' ? null : 'champion',
    version,
    previous: null,
    by: null,
    note: null,
    ...more,
  };
}

const WHOLE: Journey = {
  name: 'm',
  history: {
    items: [
      entry(3, 'conflict', 'c', { previous: 'b' }),
      entry(3, 'promote', 'b', { previous: 'a' }),
      entry(2, 'pin', 'b'),
      entry(1, 'pin', 'a'),
    ],
    total: 4,
  },
  verdicts: [
    {
      name: 'm',
      version: 'b',
      created: '2026-01-03T12:00:00Z',
      verdict: 'x drifted',
      drifted: ['x'],
      rows: 10,
      alerts: [],
      n_alerts: 0,
      by: null,
      worst: [{ feature: 'x', statistic: 'ks', score: 0.4, threshold: 0.1, drifted: true }],
    },
  ],
  traffic: { start: Date.parse('2026-01-02T00:00:00Z') / 1000, seconds: 3600, versions: { a: [2, 0], b: [1, 3] } },
};

test('the journey knows which version an alias named when', () => {
  const history = [entry(3, 'promote', 'b', { previous: 'a' }), entry(1, 'promote', 'a')];

  expect(stretches(history, 'champion', START, NOW).map(each => [each.version, (each.to - each.from) / DAY])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('what was champion before the events that are known is told by the first of them', () => {
  expect(
    stretches([entry(2, 'promote', 'b', { previous: 'a' })], 'champion', START, NOW).map(each => each.version)
  ).toEqual(['a', 'b']);
});

test('a conflict moves nothing and is marked; a roll back to nothing ends the stretch', () => {
  const history = [
    entry(3, 'rollback', null, { previous: 'a' }),
    entry(2, 'conflict', 'b', { previous: 'a' }),
    entry(1, 'promote', 'a'),
  ];

  expect(stretches(history, 'champion', START, NOW).map(each => [each.version, (each.to - each.from) / DAY])).toEqual([
    ['a', 2],
  ]);
  expect(drawJourney(WHOLE, NOW, 960).querySelector('.mlops-journey-conflict title')?.textContent).toBe(
    'somebody wanted c: b was faster'
  );
});

test('versions, alias, requests and drift share one axis, and the table says the same', () => {
  const drawn = drawJourney(WHOLE, NOW, 960);
  const lanes = [...drawn.querySelectorAll('g > text:first-child')].map(each => each.textContent);
  const counts = [...drawn.querySelectorAll('g:nth-of-type(3) rect title')].map(each => each.textContent);

  expect(lanes).toEqual(['versions', 'champion', 'requests', 'drift']);
  expect(counts).toEqual(['2 requests answered by a', '1 requests answered by b', '3 requests answered by b']);
  expect(drawn.querySelector('.mlops-journey-drift title')?.textContent).toBe('x drifted Worst: x, ks 0.4, limit 0.1');
  expect(drawn.querySelector('table')?.textContent).toContain('a answered 2 since');
});

test('a model of this minute and one of a thousand days have readable axes', () => {
  for (const span of [0, 1000, DAY, 1000 * DAY]) {
    const { ticks, x } = axis(NOW - span, NOW, 0, 900);

    expect(ticks.length).toBeLessThan(9);
    expect(ticks.every(tick => tick.x >= 0 && tick.x <= 900)).toBe(true);
    expect(x(NOW - span)).toBe(0);
  }
});

test.each(HOSTILE)('hostile words stay words: %#', word => {
  const history = { items: [entry(1, 'promote', word, { by: word, note: word, alias: word })], total: 1 };
  const drawn = drawJourney(
    { ...WHOLE, name: word, history, traffic: { ...WHOLE.traffic, versions: Object.fromEntries([[word, [1]]]) } },
    NOW,
    960
  );

  expect(drawn.querySelector('img, script, iframe, a, style, link, form, object, embed')).toBeNull();
  expect(drawn.querySelector('h3')?.textContent).toContain(word);
});

test.each([
  [200, 280, 1],
  [700, 700, 5],
  [0, 960, 7],
])('with room for %d pixels it is drawn %d wide, with ticks that leave room for their words', (room, width, most) => {
  const drawn = drawJourney(WHOLE, NOW, room);

  expect(drawn.querySelector('svg')?.getAttribute('viewBox')?.split(' ')[2]).toBe(String(width));
  expect(drawn.querySelectorAll('.mlops-journey-tick').length).toBeLessThanOrEqual(most);
});
