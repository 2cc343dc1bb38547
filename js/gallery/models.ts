/** Models and versions as examples. */

import type { Comparison, ModelRow, Models, VersionRow, Versions } from '../src/wire';
import { before, dice } from './dice';

const KINDS = [
  'Logistic regression, 8 features',
  'Logistic regression, carrier and origin one-hot',
  'Random forest, 200 trees',
  'Random forest, 500 trees, depth 12',
  'Gradient boosting, 300 rounds',
  'Gradient boosting, 600 rounds, early stopping',
  'Histogram boosting, 31 leaves',
  'Histogram boosting, weather of the last 3 h',
  'Histogram boosting, 63 leaves, monotone in wind',
];

function row(version: string, number: number, days: number, more: Partial<VersionRow>): VersionRow {
  return {
    version,
    number,
    created: before(days),
    aliases: [],
    metrics: {},
    format: 'skops',
    size: 388_000,
    author: 'ana',
    description: null,
    tags: [],
    parent: null,
    trusted: true,
    ...more,
  };
}

export const FEW: Versions = {
  name: 'penguins',
  board: '/rides/models',
  label: 'rides/models',
  metrics: [
    { name: 'accuracy', better: 1 },
    { name: 'f1_macro', better: 1 },
    { name: 'log_loss', better: -1 },
  ],
  versions: [
    row('20261129T091812Z-a4772', 3, 0.008, {
      aliases: ['challenger'],
      description: 'Gradient boosting, 200 rounds, 6 features',
      metrics: { accuracy: 0.983, f1_macro: 0.981, log_loss: 0.071 },
    }),
    row('20261128T164207Z-85f63', 2, 1.2, {
      aliases: ['champion'],
      description: 'Random forest, 100 trees, 6 features',
      metrics: { accuracy: 0.977, f1_macro: 0.974, log_loss: 0.066 },
    }),
    row('20261126T101004Z-4a17a', 1, 3.1, {
      author: 'root',
      description: 'Logistic regression behind a standard scaler, 4 features',
      metrics: { accuracy: 0.942, f1_macro: 0.936, log_loss: 0.158 },
    }),
  ],
  aliases: [
    { alias: 'champion', now: '20261128T164207Z-85f63', before: '20261126T101004Z-4a17a', number: 2, before_number: 1 },
    { alias: 'challenger', now: '20261129T091812Z-a4772', before: null, number: 3, before_number: 0 },
  ],
};

export function many(count: number): Versions {
  const { next, normal } = dice(11);
  const hex = (): string => Array.from({ length: 5 }, () => '0123456789abcdef'[Math.floor(next() * 16)]).join('');
  const versions = Array.from({ length: count }, (_, k): VersionRow => {
    const t = (count - 1 - k) / (count - 1);
    const skill = 0.79 + 0.075 * (1 - Math.exp(-3 * t)) + normal(0, 0.006) - (k === 17 ? 0.03 : 0);
    const aliases = k === 0 ? ['challenger'] : k === 3 ? ['champion'] : k === 12 ? ['eu-north'] : [];
    const days = k === 0 ? 0.008 : k === 1 ? 0.18 : (76 * k) / (count - 1);
    return row(`20261129T0918${String(59 - (k % 60)).padStart(2, '0')}Z-${hex()}`, count - k, days, {
      aliases,
      author: k % 7 === 2 ? 'root' : 'ana',
      description: KINDS[Math.max(0, Math.min(8, Math.floor(7 * t + next() * 3.2 - 0.6)))] ?? '',
      metrics: {
        auc: skill,
        log_loss: 0.62 - 0.28 * skill + normal(0, 0.004),
        f1: skill - 0.13 + normal(0, 0.008),
        brier: 0.3 - 0.17 * skill + normal(0, 0.002),
      },
    });
  });
  const named = (alias: string): string => versions.find(each => each.aliases.includes(alias))?.version ?? '';
  return {
    ...FEW,
    name: 'late_flights',
    metrics: [
      { name: 'auc', better: 1 },
      { name: 'log_loss', better: -1 },
      { name: 'f1', better: 1 },
      { name: 'brier', better: -1 },
    ],
    versions,
    aliases: [
      {
        alias: 'champion',
        now: named('champion'),
        before: versions[8]?.version ?? null,
        number: versions.find(each => each.version === named('champion'))?.number ?? 0,
        before_number: versions[8]?.number ?? 0,
      },
    ],
  };
}

function model(name: string, more: Partial<ModelRow>): ModelRow {
  return {
    name,
    version: '20261129T091812Z-a4772',
    number: 3,
    created: before(0.008),
    description: null,
    metrics: {},
    versions: 3,
    alias_map: {},
    champion: null,
    metric: null,
    endpoint: null,
    verdict: null,
    ...more,
  };
}

const rnd = dice(23);
const course = (from: number, to: number, n = 12): number[] =>
  Array.from({ length: n }, (_, k) => from + ((to - from) * k) / (n - 1) + rnd.normal(0, Math.abs(to - from) / 7));
const endpoint = (state: string): ModelRow['endpoint'] => ({ state, version: 'v', url: 'http://127.0.0.1:8123' });

function verdict(name: string, drifted: readonly string[], features: number, days: number): ModelRow['verdict'] {
  return {
    name,
    version: 'v',
    created: before(days),
    verdict: `${drifted.length} of ${features} features drifted`,
    drifted,
    worst: [],
    rows: 4000,
    features,
    alerts: [],
    n_alerts: 0,
    by: 'ana',
    performance: [],
  };
}

export const MODELS: Models = {
  board: 's3://team-models',
  label: 's3://team-models',
  trusted: true,
  query: '',
  models: [
    model('late_flights', {
      description: 'Will this flight arrive more than 15 minutes late?',
      champion: { version: '20261127T140355Z-601d7', number: 37, created: before(2) },
      metric: { name: 'auc', better: 1, value: 0.862, course: course(0.79, 0.862) },
      endpoint: endpoint('running'),
      verdict: verdict('late_flights', ['wind_gust', 'precip', 'carrier'], 8, 0.08),
      versions: 40,
    }),
    model('penguins', {
      description: 'Species from the measures of bill, flipper and weight',
      champion: { version: '20261128T164207Z-85f63', number: 2, created: before(1.2) },
      metric: { name: 'accuracy', better: 1, value: 0.977, course: [0.942, 0.977, 0.983] },
      endpoint: endpoint('running'),
      verdict: verdict('penguins', [], 6, 0.05),
    }),
    model('churn', {
      description: 'Who cancels within 90 days; scored every Monday',
      created: before(5),
      champion: { version: '20261102T071500Z-b19e0', number: 12, created: before(27) },
      metric: { name: 'log_loss', better: -1, value: 0.271, course: course(0.34, 0.271, 9) },
      verdict: verdict('churn', ['region'], 21, 3),
      versions: 17,
    }),
    model('diabetes', {
      description: 'Progression of the disease one year after the baseline',
      created: before(3),
      metric: { name: 'rmse', better: -1, value: 56.46, course: [62.02, 59.1, 56.46] },
    }),
    model('bike_demand', {
      description: 'Rides per station and hour of the coming day',
      created: before(9),
      champion: { version: '20261120T220010Z-0f3c8', number: 20, created: before(9) },
      metric: { name: 'mae', better: -1, value: 7.31, course: course(9.8, 7.31, 14) },
      endpoint: endpoint('died'),
      verdict: verdict('bike_demand', [], 14, 0.25),
      versions: 22,
    }),
    model('credit_limit', {
      description: 'Suggested limit for a new account, with its interval',
      created: before(53),
      champion: { version: '20261007T090312Z-77d4a', number: 6, created: before(53) },
      metric: { name: 'pinball', better: -1, value: 0.118, course: course(0.15, 0.118, 6) },
      endpoint: endpoint('stopped'),
      versions: 6,
    }),
  ],
};

const bell = (centre: number, width: number, n = 14): number[] =>
  Array.from({ length: n }, (_, k) => Math.round(400 * Math.exp(-(((k / (n - 1) - centre) / width) ** 2))));

export const COMPARED: Comparison = {
  a: {
    name: 'churn',
    version: '20261102T071500Z-b19e0',
    number: 12,
    created: before(27),
    author: 'ana',
    description: 'Gradient boosting, 300 rounds, 21 features',
    aliases: ['champion'],
  },
  b: {
    name: 'churn',
    version: '20261129T091812Z-c7e21',
    number: 17,
    created: before(0.008),
    author: 'ana',
    description: 'Histogram boosting, up to 600 rounds, 22 features',
    aliases: ['challenger'],
  },
  sentence: 'v17 is better on three of four metrics.',
  paragraph:
    'log_loss falls from 0.2711 to 0.2592, average_precision rises from 0.6208 to 0.6455 and auc rises from 0.8914 to 0.9021. It answers 112 of 2,140 rows differently. It reads 1 feature more. HistGradientBoostingClassifier replaces GradientBoostingClassifier.',
  meaning: 'good',
  metrics: [
    { name: 'log_loss', better: -1, a: 0.2711, b: 0.2592, verdict: 'better' },
    { name: 'auc', better: 1, a: 0.8914, b: 0.9021, verdict: 'better' },
    { name: 'average_precision', better: 1, a: 0.6208, b: 0.6455, verdict: 'better' },
    { name: 'recall_at_5_percent', better: 1, a: 0.412, b: 0.404, verdict: 'worse' },
    { name: 'base_rate', better: 0, a: 0.113, b: 0.113, verdict: 'same' },
  ],
  answers: {
    rows: 2140,
    differing: 112,
    largest: 0.41,
    examples: [
      {
        row: 1187,
        a: 0.12,
        b: 0.53,
        features: { tenure: 2, plan: 'monthly', tickets: 5, tenure_band: '0–3', region: 'north-west' },
      },
      {
        row: 402,
        a: 0.61,
        b: 0.27,
        features: { tenure: 41, plan: 'yearly', tickets: 6, tenure_band: '36+', region: 'south' },
      },
    ],
  },
  parameters: {
    differ: [
      { name: 'model', a: 'GradientBoostingClassifier', b: 'HistGradientBoostingClassifier', note: '', step: '' },
      { name: 'n_estimators', a: 300, b: null, note: 'gone', step: '' },
      { name: 'max_iter', a: null, b: 600, note: 'added', step: '' },
      { name: 'learning_rate', a: 0.1, b: 0.06, note: '−40%', step: '' },
      { name: 'early_stopping', a: null, b: true, note: 'added', step: '' },
      { name: 'scaler', a: null, b: 'RobustScaler()', note: 'added', step: '' },
      { name: 'scaler__unit_variance', a: null, b: false, note: 'added', step: 'scaler' },
      { name: 'scaler__with_centering', a: null, b: true, note: 'added', step: 'scaler' },
    ],
    same: Array.from({ length: 16 }, (_, k) => ({ name: `parameter_${k}`, value: k })),
  },
  features: [
    {
      feature: 'tenure_band',
      kind: 'category',
      what: 'Added',
      detail: '5 categories',
      reference: [],
      current: [310, 240, 180, 120, 60],
    },
    {
      feature: 'tickets_90d',
      kind: 'number',
      what: 'Range wider',
      detail: '0 to 31, was 0 to 18',
      reference: bell(0.3, 0.2),
      current: bell(0.42, 0.26),
    },
    {
      feature: 'monthly_fee',
      kind: 'number',
      what: 'Shifted',
      detail: '4.9 to 99, as before',
      reference: bell(0.4, 0.2),
      current: bell(0.55, 0.2),
    },
    {
      feature: 'region',
      kind: 'category',
      what: 'New category',
      detail: 'north-west new',
      reference: [400, 300, 200, 100, 0],
      current: [360, 280, 190, 90, 80],
    },
  ],
  same_features: ['tenure', 'plan', 'tickets', 'age', 'payment'],
  code: [
    {
      a: 'from sklearn.ensemble import GradientBoostingClassifier',
      b: 'from sklearn.ensemble import HistGradientBoostingClassifier',
      number_a: 1,
      number_b: 1,
      skipped: 0,
    },
    { a: '', b: '', number_a: 2, number_b: 2, skipped: 0 },
    { a: null, b: "X['tenure_band'] = pd.cut(X.tenure, BANDS)", number_a: null, number_b: 3, skipped: 0 },
    {
      a: 'X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)',
      b: 'X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)',
      number_a: 3,
      number_b: 4,
      skipped: 0,
    },
    {
      a: 'model = GradientBoostingClassifier(n_estimators=300)',
      b: 'model = HistGradientBoostingClassifier(max_iter=600, early_stopping=True)',
      number_a: 4,
      number_b: 5,
      skipped: 0,
    },
    { a: 'model.fit(X_train, y_train)', b: 'model.fit(X_train, y_train)', number_a: 5, number_b: 6, skipped: 0 },
    { a: null, b: null, number_a: null, number_b: null, skipped: 14 },
  ],
  packages: {
    differ: [
      { name: 'scikit-learn', a: '1.7.2', b: '1.8.0', note: 'minor', step: '' },
      { name: 'numpy', a: '2.3.4', b: '2.3.5', note: 'patch', step: '' },
    ],
    same: Array.from({ length: 39 }, (_, k) => ({ name: `package-${k}`, value: '1.0' })),
  },
  facts: {
    differ: [
      { name: 'size', a: 212_000, b: 388_000, note: '+83%', step: '' },
      { name: 'training seconds', a: 4.1, b: 9.7, note: '+137%', step: '' },
      { name: 'git commit', a: '41c02fe', b: '9ab7710', note: '', step: '' },
    ],
    same: [],
  },
  hashes: { differ: [{ name: 'hash', a: 'sha256:2f1c9a0b', b: 'sha256:77d0e4aa', note: '', step: '' }], same: [] },
  notes: [],
};

export const LONG = 'prévision_de_la_demande_par_magasin_et_par_jour_avec_météo_jours_fériés_et_promotions';

/** Names of 80 letters, forty metrics, none, negative, tiny and huge ones. */
export const STRANGE: Versions = {
  name: LONG,
  board: `/srv/${LONG}/models`,
  label: `${LONG}/models`,
  metrics: Array.from({ length: 40 }, (_, at) => ({
    name: at === 0 ? LONG : `metric_${at}`,
    better: ([-1, 0, 1] as const)[at % 3] ?? 0,
  })),
  aliases: [],
  versions: [3, 2, 1].map(number =>
    row(`2026112${number}T091812Z-a477${number}`, number, 4 - number, {
      aliases: number === 2 ? ['champion', 'eu-north', `the-one-that-${LONG.slice(0, 20)}`] : [],
      description: number === 3 ? `${LONG} `.repeat(3) : null,
      author: number === 1 ? null : 'a.person.with.a.long.login.name',
      metrics: Object.fromEntries(
        Array.from({ length: 40 }, (_, at) => [
          at === 0 ? LONG : `metric_${at}`,
          number === 1 && at % 4 === 0 ? null : (at % 2 ? -1 : 1) * number * 10 ** ((at % 14) - 7),
        ])
      ),
    })
  ),
};

/** Models with the same names. */
export const STRANGE_MODELS: Models = {
  ...MODELS,
  label: `${LONG}/models`,
  models: MODELS.models.map((each, at) => ({
    ...each,
    name: at % 2 ? `${LONG}_${at}` : '模型-ש-مرحبا',
    metric: each.metric && { ...each.metric, name: LONG, value: -(each.metric.value ?? 1) * 10 ** (at * 3) },
  })),
};

const RIGHT_TO_LEFT = 'نموذج_التنبؤ_بالطلب_اليومي_على_المتاجر_مع_الطقس_والعطلات_والعروض_الترويجية_الجديدة';

/** The same names from right to left, with the smallest and the largest metrics. */
export const STRANGE_FEW: Versions = {
  ...FEW,
  name: RIGHT_TO_LEFT,
  versions: FEW.versions.map((each, at) => ({
    ...each,
    aliases: at === 0 ? ['מודל_חיזוי', LONG] : each.aliases,
    description: RIGHT_TO_LEFT.replaceAll('_', ' '),
    metrics: Object.fromEntries(
      FEW.metrics.map(({ name }, which) => [
        name,
        [1e-300 * (at + 1), -3.2e15 / (at + 1), at === 1 ? null : 0.5][which] ?? 0,
      ])
    ),
  })),
};

/** Two versions that differ in all of these. */
export const STRANGE_COMPARED: Comparison = {
  ...COMPARED,
  a: { ...COMPARED.a, name: RIGHT_TO_LEFT, description: RIGHT_TO_LEFT.replaceAll('_', ' ') },
  b: { ...COMPARED.b, name: RIGHT_TO_LEFT, description: LONG, aliases: ['challenger', LONG] },
  metrics: COMPARED.metrics.map((each, at) => ({
    ...each,
    name: at % 2 ? LONG : RIGHT_TO_LEFT,
    a: at === 0 ? 1e-300 : -1.5e15,
    b: at === 0 ? 2e-300 : 3e15,
  })),
  parameters: {
    ...COMPARED.parameters,
    differ: [{ name: LONG, a: RIGHT_TO_LEFT, b: 'x'.repeat(200), note: '', step: '' }],
  },
  features: COMPARED.features.map((each, at) => ({ ...each, feature: at % 2 ? LONG : RIGHT_TO_LEFT })),
};
