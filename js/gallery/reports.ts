/** A drift report as an example: eight weeks, eight features, truth that comes late. */

import type { DriftFeature, Histogram, PerformanceRow, Report, ReportCurve, ReportPeriod } from '../src/wire';
import { before } from './dice';

const WEEKS = [
  '2026-10-05',
  '2026-10-12',
  '2026-10-19',
  '2026-10-26',
  '2026-11-02',
  '2026-11-09',
  '2026-11-16',
  '2026-11-23',
];
const ROWS = [12_180, 12_410, 12_050, 12_330, 12_270, 12_560, 12_490, 10_130];
const KNOWN = [1, 1, 1, 1, 0.98, 0.86, 0.41, 0];
const FLOOR = 0.1;

type Hump = readonly [centre: number, width: number, weight: number];
const humps = (parts: readonly Hump[], n = 20): number[] =>
  Array.from({ length: n }, (_, k) =>
    Math.round(
      1000 *
        parts.reduce(
          (sum, [centre, width, weight]) => sum + weight * Math.exp(-(((k / (n - 1) - centre) / width) ** 2)),
          0
        )
    )
  );

interface Example {
  readonly name: string;
  readonly kind: string;
  readonly verdict: DriftFeature['verdict'];
  readonly q: number;
  readonly scores: readonly number[];
  readonly reference: readonly number[];
  readonly now: readonly number[];
  readonly bars?: readonly string[];
  readonly fresh?: readonly string[];
  readonly sentence?: string;
  readonly mean?: readonly [number, number];
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'wind_gust',
    kind: 'numeric',
    verdict: 'drifted',
    q: 1e-40,
    scores: [0.04, 0.05, 0.06, 0.09, 0.18, 0.26, 0.31, 0.29],
    reference: humps([[0.22, 0.14, 1]]),
    now: humps([
      [0.33, 0.16, 0.9],
      [0.6, 0.22, 0.22],
    ]),
    sentence: 'The mean rose from 18.2 to 27.9. 2.4% of the rows are outside the range of training.',
    mean: [18.2, 27.9],
  },
  {
    name: 'precip',
    kind: 'numeric',
    verdict: 'drifted',
    q: 1e-22,
    scores: [0.03, 0.04, 0.05, 0.07, 0.12, 0.19, 0.22, 0.2],
    reference: humps([[0, 0.12, 1]]),
    now: humps([
      [0, 0.14, 0.72],
      [0.3, 0.26, 0.22],
    ]),
    sentence: 'The mean rose from 3.1 to 7.4.',
    mean: [3.1, 7.4],
  },
  {
    name: 'carrier',
    kind: 'categorical',
    verdict: 'drifted',
    q: 1e-12,
    scores: [0.03, 0.03, 0.04, 0.03, 0.05, 0.11, 0.13, 0.14],
    reference: [3100, 2400, 1700, 1200, 900, 700, 0],
    now: [2800, 2110, 1680, 1090, 880, 820, 620],
    bars: ['UA', 'AA', 'B6', 'DL', 'EV', 'MQ', 'ZX'],
    fresh: ['ZX'],
    sentence: 'ZX did not occur at training, and now in 6.2% of the rows.',
  },
  {
    name: 'hour',
    kind: 'numeric',
    verdict: 'small',
    q: 0.004,
    scores: [0.04, 0.05, 0.05, 0.06, 0.06, 0.07, 0.08, 0.08],
    reference: humps([
      [0.25, 0.14, 1],
      [0.68, 0.18, 0.9],
    ]),
    now: humps([
      [0.27, 0.14, 0.9],
      [0.7, 0.18, 1],
    ]),
    mean: [13.6, 14.1],
  },
  {
    name: 'distance',
    kind: 'numeric',
    verdict: 'small',
    q: 0.02,
    scores: [0.03, 0.05, 0.03, 0.04, 0.05, 0.06, 0.05, 0.06],
    reference: humps([
      [0.2, 0.15, 1],
      [0.6, 0.1, 0.4],
    ]),
    now: humps([
      [0.21, 0.15, 1],
      [0.62, 0.1, 0.44],
    ]),
    mean: [1040, 1069],
  },
  {
    name: 'origin',
    kind: 'categorical',
    verdict: 'stable',
    q: 0.31,
    scores: [0.02, 0.03, 0.02, 0.04, 0.03, 0.05, 0.04, 0.03],
    reference: [3600, 3100, 2200, 1100],
    now: [3500, 3200, 2200, 1100],
    bars: ['JFK', 'EWR', 'LGA', 'PHL'],
  },
  {
    name: 'aircraft_age',
    kind: 'numeric',
    verdict: 'unsure',
    q: 0.09,
    scores: [0.03, 0.02, 0.11, 0.04, 0.03, 0.03, 0.04, 0.03],
    reference: humps([[0.4, 0.25, 1]]),
    now: humps([[0.41, 0.25, 1]]),
    mean: [11.2, 11.4],
  },
  {
    name: 'dep_delay_prev',
    kind: 'numeric',
    verdict: 'stable',
    q: 0.62,
    scores: [0.02, 0.03, 0.02, 0.02, 0.03, 0.02, 0.03, 0.02],
    reference: humps([
      [0.1, 0.1, 1],
      [0.3, 0.2, 0.2],
    ]),
    now: humps([
      [0.1, 0.1, 1],
      [0.31, 0.2, 0.22],
    ]),
    mean: [6.4, 6.6],
  },
];

function feature(each: Example): DriftFeature {
  const worst = Math.max(...each.scores);
  const drifted = each.verdict === 'drifted';
  const first = each.scores.findIndex(score => score > FLOOR);
  return {
    feature: each.name,
    statistic: each.kind === 'numeric' ? 'ks' : 'tvd',
    score: worst,
    threshold: FLOOR,
    p_value: each.q / 4,
    severity: worst / FLOOR,
    drifted,
    n_reference: 184_000,
    n_current: 96_420,
    scores: each.scores,
    drifted_in: each.scores.map(score => drifted && score > FLOOR),
    kind: each.kind,
    verdict: each.verdict,
    q_value: each.q,
    since: drifted ? (WEEKS[first] ?? null) : null,
    sentence: each.sentence ?? '',
  };
}

function histogram(each: Example): Histogram {
  const share = (k: number): number => (k + 4) / 11;
  const edges = each.bars ? [] : each.reference.slice(1).map((_, k) => 3 * (k + 1));
  const [low, high] = each.mean ?? [0, 0];
  const facts = (mean: number, more: number) => ({
    n: 184_000,
    mean,
    std: mean / 2,
    smallest: 0,
    largest: 63 + more,
    outside: more ? 0.024 : 0,
  });
  return {
    feature: each.name,
    kind: each.kind,
    bars:
      each.bars ??
      each.reference.map((_, k) =>
        k === 0 ? '≤ 3' : k === each.reference.length - 1 ? `> ${3 * k}` : `${3 * k} to ${3 * k + 3}`
      ),
    reference: each.reference,
    current: WEEKS.map((_, week) =>
      each.now.map((count, bar) =>
        Math.round(((count * share(week) + (each.reference[bar] ?? 0) * (1 - share(week))) / 8) * 5)
      )
    ),
    missing: [380, ...WEEKS.map(() => 25)],
    new: each.fresh ?? [],
    scale: 'linear',
    edges,
    facts: each.mean ? [facts(low, 0), facts(high, each.name === 'wind_gust' ? 15 : 0)] : [],
  };
}

const MEASURED = [0.861, 0.858, 0.862, 0.855, 0.846, 0.829, 0.812];
const ESTIMATED = [0.859, 0.86, 0.86, 0.856, 0.843, 0.832, 0.82, 0.816];
const rows = (metric: string, kind: string, scores: readonly number[], band: number, shift = 0): PerformanceRow[] =>
  scores.map((score, k) => ({
    period: WEEKS[k] ?? '',
    metric,
    score: Number((score + shift).toFixed(3)),
    lower: Number((score + shift - band).toFixed(3)),
    upper: Number((score + shift + band).toFixed(3)),
    n: ROWS[k] ?? 0,
    kind,
    segment: null,
  }));

const SEGMENTS: Readonly<Record<string, readonly number[]>> = {
  EWR: [0.852, 0.85, 0.848, 0.84, 0.82, 0.795, 0.771],
  JFK: [0.864, 0.861, 0.866, 0.86, 0.852, 0.84, 0.828],
  LGA: [0.866, 0.862, 0.868, 0.861, 0.855, 0.845, 0.831],
  PHL: [0.861, 0.87, 0.858, 0.866, 0.859, 0.852, 0.849],
};

const along = (make: (x: number) => number, n = 20): Pick<ReportCurve, 'x' | 'y' | 'n' | 'lower' | 'upper'> => {
  const x = Array.from({ length: n + 1 }, (_, k) => k / n);
  return { x, y: x.map(make), n: x.map(() => 3_600), lower: [], upper: [] };
};

const PERIODS: readonly ReportPeriod[] = WEEKS.map((label, k) => ({
  label,
  n: ROWS[k] ?? 0,
  labelled: Math.round((ROWS[k] ?? 0) * (KNOWN[k] ?? 0)),
  start: `${label}T00:00:00`,
  end: null,
  partial: k === 7,
  estimate_valid: k < 7,
}));

export const REPORT: Report = {
  name: 'late_flights',
  version: '20261127T140355Z-601d7',
  number: 39,
  aliases: ['champion'],
  created: before(0.08),
  verdict: '',
  meaning: 'alert',
  sentence: 'Three of eight features changed enough to matter, and the model got worse.',
  paragraph:
    'Since 2 Nov wind_gust and precip are higher than at training, and since 9 Nov carrier has the new value ZX. auc fell from 0.861 to 0.812, below the limit of 0.83.',
  drifted: ['wind_gust', 'precip', 'carrier'],
  rows: ROWS.reduce((a, b) => a + b, 0),
  periods: PERIODS,
  features: EXAMPLES.map(feature),
  roles: [],
  performance: [
    ...rows('auc', 'measured', MEASURED, 0.009),
    ...rows('auc', 'estimated', ESTIMATED, 0.012),
    ...rows('f1', 'measured', MEASURED, 0.011, -0.12),
    ...rows('f1', 'estimated', ESTIMATED, 0.014, -0.12),
  ],
  metrics: [
    { name: 'auc', better: 1 },
    { name: 'f1', better: 1 },
  ],
  distributions: EXAMPLES.map(histogram),
  notes: ['The estimate for 23 Nov is not valid: carrier left the range of the reference.'],
  segments: Object.entries(SEGMENTS).flatMap(([segment, scores]) =>
    rows('auc', 'measured', scores, 0.014).map(row => ({ ...row, segment }))
  ),
  segmented_by: 'origin',
  segment_drift: {
    segments: Object.keys(SEGMENTS),
    features: [
      {
        feature: 'wind_gust',
        statistic: 'ks',
        threshold: FLOOR,
        severity: 3,
        drifted: true,
        scores: [0.3, 0.2, 0.2, 0.05],
        drifted_in: [true, true, true, false],
      },
      {
        feature: 'precip',
        statistic: 'ks',
        threshold: FLOOR,
        severity: 2,
        drifted: true,
        scores: [0.2, 0.15, 0.06, 0.05],
        drifted_in: [true, true, false, false],
      },
      {
        feature: 'carrier',
        statistic: 'tvd',
        threshold: FLOOR,
        severity: 1.4,
        drifted: true,
        scores: [0.14, 0.05, 0.06, 0.05],
        drifted_in: [true, false, false, false],
      },
    ],
  },
  curves: [
    { view: 'roc', label: '', ...along(x => x ** 0.24) },
    { view: 'pr', label: '', ...along(x => 0.96 - 0.22 * x - 0.5 * x ** 6) },
    { view: 'calibration', label: '', ...along(x => x * (0.72 + 0.24 * x), 10) },
  ],
  changes: [],
  alerts: [
    {
      subject: 'performance',
      name: 'auc',
      period: '2026-11-16',
      score: 0.812,
      limit: 0.83,
      message: 'auc (measured) in 2026-11-16 is 0.812, below 0.83',
      segment: '',
      before: null,
    },
    {
      subject: 'performance',
      name: 'auc',
      period: '2026-11-16',
      score: 0.771,
      limit: 0.8,
      message: 'auc (measured) in 2026-11-16 (EWR) is 0.771, below 0.8',
      segment: 'EWR',
      before: null,
    },
  ],
  n_alerts: 2,
  limits: { auc: [0.83, null], 'auc|EWR': [0.8, null] },
  versions: [
    { period: '2026-10-19', version: '20261009T081500Z-d4c07', number: 13, since: '2026-10-21T09:00:00+00:00' },
    { period: '2026-11-23', version: '20261127T140355Z-601d7', number: 39, since: '2026-11-27T14:10:00+00:00' },
  ],
  found: [
    { kind: 'new', feature: 'carrier', words: 'ZX, 6.2% of the rows', matters: true },
    { kind: 'missing', feature: 'aircraft_age', words: 'is missing in 3.1% of the rows, was 0.4%', matters: false },
    { kind: 'gone', feature: 'origin', words: 'ISP, 0.3% at training, no longer occurs', matters: false },
  ],
  task: 'classification of on time, late (positive: late)',
  method: [
    'A feature has drifted when both hold: the change is improbable without a cause (Benjamini–Hochberg over all tests of this report, q < 0.05), and it is large enough to matter (its effect reaches the floor of 0.1). A small change passes only the first; too few rows are a large effect that may be chance.',
    'ks: Kolmogorov–Smirnov D; exact p up to 10,000 rows.',
    'Bands of the performance are 95% confidence intervals.',
  ],
};

/** The same of one period without truth: nothing drifted. */
export const QUIET: Report = {
  ...REPORT,
  name: 'penguins',
  version: '20261128T164207Z-85f63',
  number: 2,
  meaning: 'good',
  sentence: 'No feature changed enough to matter, and accuracy is 0.977.',
  paragraph: '',
  rows: 340,
  periods: [{ label: 'all', n: 340, labelled: 0, start: null, end: null, partial: false, estimate_valid: true }],
  drifted: [],
  features: REPORT.features
    .slice(5)
    .map(each => ({ ...each, verdict: 'stable', scores: [each.score], drifted_in: [false] })),
  performance: [
    {
      period: 'all',
      metric: 'accuracy',
      score: 0.977,
      lower: 0.961,
      upper: 0.991,
      n: 340,
      kind: 'estimated',
      segment: null,
    },
  ],
  distributions: REPORT.distributions
    .slice(5)
    .map(each => ({ ...each, current: [each.reference.map(count => Math.round(count / 10))], missing: [0, 0] })),
  segments: [],
  segment_drift: { segments: [], features: [] },
  curves: [],
  alerts: [],
  n_alerts: 0,
  limits: {},
  versions: [],
  found: [],
  notes: ['No truth is known yet; --truth NAME gives it.'],
};
