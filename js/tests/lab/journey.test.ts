// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';

import { JOURNEY } from '../../gallery/journeys';
import { view } from '../../src/components/view';
import { axis } from '../../src/views/journey/axis';
import { journey } from '../../src/views/journey/journey';
import { type Journey, stretches } from '../../src/views/journey/record';
import type { HistoryEntry } from '../../src/wire';
import { HOSTILE } from '../hostile';

vi.useFakeTimers({ toFake: ['Date'] });

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
    history: [
      entry(3, 'conflict', 'c', { previous: 'b' }),
      entry(3, 'promote', 'b', { previous: 'a', by: 'ana' }),
      entry(2, 'pin', 'b'),
      entry(1, 'pin', 'a'),
    ],
    numbers: { a: 1, b: 2 },
    total: 9,
    offset: 0,
  },
  verdicts: [
    {
      name: 'm',
      version: 'b',
      created: '2026-01-03T12:00:00Z',
      verdict: 'x drifted',
      drifted: ['x'],
      rows: 10,
      features: 4,
      alerts: [],
      n_alerts: 0,
      by: null,
      worst: [],
      performance: [{ metric: 'auc', kind: 'measured', score: 0.7, low: 0.8, high: null }],
    },
  ],
  traffic: {
    start: Date.parse('2026-01-02T00:00:00Z') / 1000,
    seconds: 3600,
    versions: { a: [7200, 0], b: [3600, 3600] },
  },
};

function drawn(record: Journey, now = NOW): HTMLElement {
  vi.setSystemTime(now);
  const shown = view('Journey', new AbortController().signal);
  journey(shown)(record);
  return shown.root;
}

test('the journey knows which version an alias named when', () => {
  const history = [entry(3, 'promote', 'b', { previous: 'a' }), entry(1, 'promote', 'a')];

  expect(stretches(history, 'champion', START, NOW).map(each => [each.version, (each.to - each.from) / DAY])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('what was champion before the events that are known is in the first of them', () => {
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
  expect([...drawn(WHOLE).querySelectorAll('title')].map(each => each.textContent)).toContain(
    'someone wanted c in the same moment'
  );
});

test('versions, alias, requests, drift and performance share one axis, and the list says the same', () => {
  const root = drawn(WHOLE);
  const lanes = [...root.querySelectorAll('.mlops-lane > :first-child')].map(each => each.textContent);
  const words = root.querySelector('.mlops-events')?.textContent;

  expect(lanes).toEqual(['Versions2', 'Championv2', 'Requestsper second', 'Driftfeatures', 'aucat each check', '']);
  expect(words).toContain('ana promoted v2 to champion before: v1');
  expect(words).toContain('1 of 4 features drifted: x 10 rows; auc 0.7, limit 0.8');
  expect(words).toContain('someone wanted c as champion in the same moment another move was faster: v2');
  expect(root.textContent).toContain('the newest 5 of 10');
});

test('the arrow keys read what was at a moment, aloud', () => {
  const root = drawn(WHOLE);
  const lanes = root.querySelector('.mlops-lanes');
  for (const key of ['Home', 'ArrowRight', 'End']) lanes?.dispatchEvent(new KeyboardEvent('keydown', { key }));

  expect(root.querySelector('.mlops-heard')?.textContent).toMatch(
    /champion v2, requests 0 per second, drift 1 of 4 features, auc 0\.700/
  );
});

test('of many events only the newest are drawn until more are asked for', () => {
  const root = drawn(JOURNEY, Date.parse('2026-11-29T09:30:00Z'));
  const events = (): number => root.querySelectorAll('.mlops-events ol > li').length;
  expect(events()).toBe(30);
  [...root.querySelectorAll('button')].find(each => each.textContent?.startsWith('Show '))?.click();

  expect(events()).toBe(JOURNEY.history.total + JOURNEY.verdicts.length);
});

test('a retraining has a lane: its version was promoted, is a challenger, or there is none', () => {
  const note = 'retraining 9cdbefd7c70e: better';
  const history = [
    entry(3, 'retrain_end', null, { alias: null, note: 'KeyError' }),
    entry(2, 'retrain_end', 'b', { alias: null }),
    entry(1, 'promote', 'a', { note }),
    entry(1, 'retrain_end', 'a', { alias: null, note: 'better' }),
  ];
  const root = drawn({ ...WHOLE, history: { ...WHOLE.history, history } });
  const lane = [...root.querySelectorAll('.mlops-lane')].find(each => each.textContent?.startsWith('Retraining3 runs'));

  expect(lane?.querySelector('svg')?.getAttribute('aria-label')).toBe(
    'Retrainings, newest first: no version; v2, not promoted; v1, promoted'
  );
  expect([...(lane?.querySelectorAll('title') ?? [])].map(each => each.textContent)).toEqual([
    'Retraining made no version: KeyError',
    'Retraining made v2, not promoted',
    'Retraining made v1, promoted: better',
  ]);
});

test('a model of this minute and one of a thousand days have readable axes', () => {
  for (const span of [0, 1000, DAY, 1000 * DAY]) {
    const { ticks, x } = axis(NOW - span, NOW);

    expect(ticks.length).toBeLessThan(10);
    expect(ticks.every(tick => tick.x >= 0 && tick.x <= 100)).toBe(true);
    expect(x(NOW - span)).toBe(0);
  }
});

test('a promotion by a retraining does not repeat what the retraining says', () => {
  const note = 'retraining 9cdbefd7c70e: On the same 280 held-out rows the challenger is better.';
  const history = { history: [entry(1, 'promote', 'a', { note })], numbers: {}, total: 1, offset: 0 };
  const words = drawn({ ...WHOLE, history }).querySelector('.mlops-events')?.textContent;

  expect(words).toContain('by its retraining');
  expect(words).not.toContain('280');
});

test.each(HOSTILE)('hostile words stay words: %#', word => {
  const history = {
    history: [entry(1, 'promote', word, { by: word, note: word, alias: word })],
    numbers: {},
    total: 1,
    offset: 0,
  };
  const versions = Object.fromEntries([[word, [1]]]);
  const root = drawn({ ...WHOLE, name: word, history, traffic: { ...WHOLE.traffic, versions } });

  expect(root.querySelector('img, script, iframe, a, style, link, form, object, embed')).toBeNull();
  expect(root.querySelector('h2')?.textContent).toContain(word);
});
