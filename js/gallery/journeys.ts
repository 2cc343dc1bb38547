/** A journey as an example: forty versions, two aliases, requests over eleven weeks. */

import type { Journey } from '../src/views/journey/record';
import type { HistoryEntry, VerdictRow } from '../src/wire';
import { before, dice, NOW } from './dice';

const rnd = dice(77);
const DAYS = 76;
const at = (day: number): string => before(DAYS - day);
const id = (day: number, end: string): string => `${at(day).slice(0, 19).replace(/[-:]/g, '')}Z-${end}`;
const NAMED = { '85aa1': 0.4, d4c07: 25, '40bf4': 57, '601d7': 73, '99d81': 75.98 } as const;
const of = (end: keyof typeof NAMED): string => id(NAMED[end], end);

const hex = (): string => Array.from({ length: 5 }, () => '0123456789abcdef'[Math.floor(rnd.next() * 16)]).join('');
const others = Array.from({ length: 35 }, (_, k) => 1.5 + (k * 73) / 34 + rnd.normal(0, 0.4)).map(
  day => [day, id(day, hex())] as const
);
const pins: readonly (readonly [number, string])[] = [
  ...others,
  ...Object.entries(NAMED).map(([end, day]) => [day, id(day, end)] as const),
].sort(([a], [b]) => a - b);

const entry = (day: number, event: string, more: Partial<HistoryEntry>): HistoryEntry => ({
  time: at(day),
  event,
  alias: null,
  version: null,
  previous: null,
  by: 'ana',
  note: null,
  ...more,
});

const history = [
  ...pins.map(([day, version]) =>
    entry(day, 'pin', {
      version,
      note: version.endsWith('99d81') ? 'Histogram boosting, 63 leaves, monotone in wind' : null,
    })
  ),
  entry(0.5, 'promote', { alias: 'champion', version: of('85aa1') }),
  entry(25.2, 'promote', { alias: 'challenger', version: of('d4c07') }),
  entry(32, 'promote', {
    alias: 'champion',
    version: of('d4c07'),
    previous: of('85aa1'),
    note: 'retraining 41aa1c90be02: log_loss is lower by 0.009',
  }),
  entry(57.2, 'promote', { alias: 'challenger', version: of('40bf4'), previous: of('d4c07') }),
  entry(59, 'promote', { alias: 'champion', version: of('40bf4'), previous: of('d4c07') }),
  entry(59.01, 'conflict', { alias: 'champion', version: of('d4c07'), previous: of('40bf4'), by: 'root' }),
  entry(60.6, 'rollback', {
    alias: 'champion',
    version: of('d4c07'),
    previous: of('40bf4'),
    by: 'root',
    note: 'refuses carrier ZX',
  }),
  entry(32, 'retrain_end', {
    version: of('d4c07'),
    note: 'log_loss is lower by 0.009, with 95% certainty by 0.004 to 0.014',
  }),
  entry(57.1, 'retrain_end', { version: of('40bf4'), note: 'log_loss is lower by 0.002, which may be chance' }),
  entry(67, 'retrain_end', { note: "The cell raised KeyError: 'gust_3h'" }),
  entry(74.2, 'retrain_end', { version: of('601d7'), note: 'log_loss is lower by 0.021' }),
  entry(74.2, 'promote', {
    alias: 'champion',
    version: of('601d7'),
    previous: of('d4c07'),
    note: 'retraining 9cdbefd7c70e: log_loss is lower by 0.021',
  }),
  entry(75.99, 'promote', { alias: 'challenger', version: of('99d81'), previous: of('40bf4') }),
].sort((a, b) => (a.time < b.time ? 1 : -1));

const DRIFTED = [0, 0, 0, 0, 0, 0, 1, 2, 3, 3];
const AUC = [0.848, 0.851, 0.85, 0.861, 0.858, 0.862, 0.855, 0.846, 0.829, 0.812];
const NAMES = ['wind_gust', 'precip', 'carrier'];
const verdicts = DRIFTED.map(
  (count, k): VerdictRow => ({
    name: 'late_flights',
    version: of('601d7'),
    created: at(7 * (k + 1) + 5.9),
    verdict: count > 0 ? `${count} of 8 features changed enough to matter.` : 'No feature changed enough to matter.',
    drifted: NAMES.slice(0, count),
    worst: [],
    rows: 12_000,
    features: 8,
    alerts: (AUC[k] ?? 1) < 0.83 ? ['auc is below 0.83'] : [],
    n_alerts: (AUC[k] ?? 1) < 0.83 ? 1 : 0,
    by: 'ana',
    performance: [{ metric: 'auc', kind: 'measured', score: AUC[k] ?? null, low: 0.83, high: null }],
  })
).reverse();

const BINS = 120;
const seconds = (DAYS * 86_400) / BINS;
const champions: readonly (readonly [keyof typeof NAMED, number, number])[] = [
  ['85aa1', 0, 32],
  ['d4c07', 32, 59],
  ['40bf4', 59, 60.6],
  ['d4c07', 60.6, 74.2],
  ['601d7', 74.2, 77],
];
const trials: readonly (readonly [keyof typeof NAMED, number, number])[] = [
  ['d4c07', 26, 32],
  ['40bf4', 57.3, 59],
];
const totals = Array.from({ length: BINS }, (_, k) =>
  Math.max(0, 9 + (5 * k) / BINS + 3.2 * Math.sin((2 * Math.PI * k) / 11) + rnd.normal(0, 0.8))
);
const share = (version: keyof typeof NAMED, day: number): number => {
  const now = champions.find(([, from, to]) => day >= from && day < to)?.[0];
  const trial = trials.find(([, from, to]) => day >= from && day < to)?.[0];
  if (trial) return version === trial ? 0.1 : version === now ? 0.9 : 0;
  return version === now ? 1 : 0;
};
const versions = Object.fromEntries(
  (['85aa1', 'd4c07', '40bf4', '601d7'] as const).map(end => [
    of(end),
    totals.map((total, k) => Math.round(total * seconds * share(end, ((k + 0.5) * DAYS) / BINS))),
  ])
);

export const JOURNEY: Journey = {
  name: 'late_flights',
  history: {
    history,
    numbers: Object.fromEntries(pins.map(([, version], place) => [version, place + 1])),
    total: history.length,
    offset: 0,
  },
  verdicts,
  traffic: { start: NOW / 1000 - DAYS * 86_400, seconds, versions },
};
