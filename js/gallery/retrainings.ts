/** Retrainings as examples: one that was promoted, one that was not, one that runs, one that failed. */

import type { GainRow, RetrainingRecord, RunStep } from '../src/wire';
import { before } from './dice';

const gain = (
  metric: string,
  better: 1 | -1,
  champion: number,
  challenger: number,
  interval: readonly [number, number],
  decides = false
): GainRow => ({
  metric,
  better,
  champion,
  challenger,
  gain: better * (challenger - champion),
  lower: interval[0],
  upper: interval[1],
  decides,
  verdict: interval[0] > 0 ? 'better' : interval[1] < 0 ? 'worse' : 'within chance',
  method: 'paired bootstrap by row',
});

const step = (words: string, state: RunStep['state'], seconds: number | null, text = ''): RunStep => ({
  words,
  state,
  text,
  started: state === 'running' ? before(3 / 1440) : null,
  seconds,
});

const STEPS = [
  step('Read the new rows and hold some out', 'done', 4.1, 'the last 18,400 rows by time'),
  step('Run the recipe', 'done', 346),
  step('Pin the new version', 'done', 1.2, 'v4'),
  step('Compare on the held-out rows', 'done', 11.4, '18,400 rows'),
  step('Decide', 'done', 0.4),
];

export const PROMOTED: RetrainingRecord = {
  name: 'late_flights',
  label: 'models',
  run: '20261127-1',
  status: 'promoted',
  meaning: 'good',
  sentence: 'The challenger is better: v4 is champion now',
  paragraph:
    'On the same 18,400 held-out rows the challenger is better: log_loss 0.372 against 0.393, a gain of +0.021 (+0.014 to +0.028). v4 is champion now.',
  started: before(2),
  seconds: 372,
  usual_seconds: null,
  champion: {
    version: '20261009T091200Z-d4c07',
    number: 3,
    created: before(50),
    aliases: [],
    description: 'Histogram boosting, weather of the last 3 h',
    role: 'champion until now',
  },
  challenger: {
    version: '20261127T140355Z-601d7',
    number: 4,
    created: before(2),
    aliases: ['champion'],
    description: 'Histogram boosting, weather of the last 3 h',
    role: 'challenger',
  },
  steps: STEPS,
  result: {
    metric: 'log_loss',
    rows: 18_400,
    level: 0.95,
    asked: 0.005,
    margin: 0.02,
    gains: [
      gain('log_loss', -1, 0.393, 0.372, [0.014, 0.028], true),
      gain('roc_auc', 1, 0.853, 0.862, [0.004, 0.014]),
      gain('f1', 1, 0.731, 0.737, [-0.003, 0.015]),
      gain('brier', -1, 0.161, 0.152, [0.006, 0.012]),
    ],
    segments: [
      { segment: 'origin = EWR', rows: 5120, gain: 0.019, lower: 0.01, upper: 0.028, held: true },
      { segment: 'origin = JFK', rows: 5980, gain: 0.01, lower: 0.003, upper: 0.017, held: true },
      { segment: 'origin = LGA', rows: 4310, gain: 0.006, lower: -0.003, upper: 0.015, held: true },
      { segment: 'origin = PHL', rows: 2990, gain: -0.003, lower: -0.016, upper: 0.01, held: true },
    ],
    checks: [
      { name: 'Better on log_loss by more than 0.005', held: true, text: 'the gain is +0.021 (+0.014 to +0.028)' },
      { name: 'Enough rows', held: true, text: '18,400 held-out rows, at least 30' },
      { name: 'No segment worse by more than 0.02', held: true, text: '4 segments compared' },
      { name: 'Reads the same features', held: true, text: '8 of 8' },
      { name: 'Answers as fast', held: true, text: '5.1 ms against 4.9 ms' },
    ],
  },
  training_rows: 280_420,
  champion_rows: 184_000,
  held_out_rows: 18_400,
  held_out: 'the last 18,400 rows by time',
  reason: 'wind_gust drifted in the week of 16 Nov',
  notes: [],
  error: null,
  output: '',
  facts: {
    policy: 'default',
    'held out': 'the last 18,400 rows by time',
    run: '20261127-1',
    by: 'ana',
    host: 'node-3',
  },
  can_undo: true,
  can_promote: false,
  can_cancel: false,
  can_run_again: false,
};

export const KEPT: RetrainingRecord = {
  ...PROMOTED,
  status: 'kept',
  meaning: 'info',
  sentence: 'Not better by enough: v3 stays champion',
  paragraph:
    'On the same 18,400 held-out rows the challenger is not surely better: log_loss 0.379 against 0.381, a gain of +0.002 (−0.004 to +0.008). With these rows a gain of 0.005 would be seen 62 times in 100.',
  champion: { ...PROMOTED.champion, aliases: ['champion'] },
  challenger: { ...PROMOTED.champion, version: '20261109T070000Z-40bf4', number: 4, aliases: ['challenger'] },
  result: {
    metric: 'log_loss',
    rows: 18_400,
    level: 0.95,
    asked: 0.005,
    margin: 0.02,
    gains: [
      gain('log_loss', -1, 0.381, 0.379, [-0.004, 0.008], true),
      gain('roc_auc', 1, 0.858, 0.857, [-0.006, 0.004]),
      gain('f1', 1, 0.735, 0.728, [-0.013, -0.001]),
      gain('brier', -1, 0.155, 0.154, [-0.002, 0.004]),
    ],
    segments: [],
    checks: [
      { name: 'Better on log_loss by more than 0.005', held: false, text: 'the gain is +0.002 (−0.004 to +0.008)' },
      { name: 'Enough rows', held: true, text: '18,400 held-out rows, at least 30' },
    ],
  },
  reason: 'by hand',
  notes: ['About 7% of the held-out rows were among the champion’s training rows, which flatters the champion.'],
  can_undo: false,
  can_promote: true,
};

export const RUNNING: RetrainingRecord = {
  ...PROMOTED,
  status: 'running',
  meaning: 'info',
  sentence: 'A new version is made from v3',
  started: before(4 / 1440),
  seconds: null,
  usual_seconds: 372,
  challenger: null,
  steps: [
    step('Read the new rows and hold some out', 'done', 4.1, 'the last 18,400 rows by time'),
    step('Run the recipe', 'running', null),
    step('Pin the new version', 'open', null),
    step('Compare on the held-out rows', 'open', null),
    step('Decide', 'open', null),
  ],
  result: null,
  output: 'fold 1 of 5: log_loss 0.381\nfold 2 of 5: log_loss 0.377',
  can_undo: false,
  can_cancel: true,
};

export const FAILED: RetrainingRecord = {
  ...RUNNING,
  status: 'failed',
  meaning: 'bad',
  sentence: 'The retraining failed: v3 stays',
  paragraph:
    "The recipe of late_flights raised KeyError: 'gust_3h' (line 4: X = rows[['gust_3h', 'precip']]). v3 stays, and nothing was pinned.",
  started: before(160 / 1440),
  seconds: 12,
  steps: [step('Read the new rows and hold some out', 'done', 4.1), step('Run the recipe', 'failed', null)],
  can_cancel: false,
  can_run_again: true,
  output: '<cell> line 4\n    X = rows[["gust_3h", "precip"]]\nKeyError: \'gust_3h\'',
};
