/** Records with names of eighty letters, names from right to left, wide tables and long numbers: nothing leaves its place. */

import type { Journey } from '../src/views/journey/record';
import type { Card, EndpointRecord, Report, RetrainingRecord } from '../src/wire';
import { card as CARD } from '../tests/examples';
import { ENDPOINT } from './endpoints';
import { JOURNEY } from './journeys';
import { LONG } from './models';
import { REPORT } from './reports';
import { KEPT } from './retrainings';

const NAMES = [LONG, 'סוג_המטוס_שהגיע_היום'];
const called = (at: number, usual: string): string => NAMES[at] ?? usual;

export const STRANGE_CARD: Card = {
  ...CARD,
  name: LONG,
  scores: CARD.scores.map((each, at) => ({
    ...each,
    metric: called(at, each.metric),
    score: at === 2 ? 1e-300 : 1.5e12,
  })),
  segments: CARD.segments.map((each, at) => ({ ...each, segment: `place = ${called(at, each.segment)}` })),
  columns: CARD.columns.map((each, at) => ({ ...each, name: called(at, each.name), values: at ? LONG : each.values })),
  facts: { ...CARD.facts, parameters: `columntransformer__onehotencoder__handle_unknown=${LONG}` },
};

export const STRANGE_RETRAINING: RetrainingRecord = {
  ...KEPT,
  name: LONG,
  reason: `${NAMES.join(' and ')} drifted`,
  training_rows: 12,
  held_out_rows: 3,
  result: KEPT.result && {
    ...KEPT.result,
    gains: KEPT.result.gains.map((each, at) => ({ ...each, metric: called(at, each.metric) })),
    segments: KEPT.result.segments.map((each, at) => ({ ...each, segment: `place = ${called(at, each.segment)}` })),
  },
};

export const STRANGE_ENDPOINT: EndpointRecord = {
  ...ENDPOINT,
  name: LONG,
  prototype: {
    columns: Array.from({ length: 200 }, (_, at) => {
      const [, usual] = ENDPOINT.prototype.columns;
      return {
        ...usual,
        name: called(at, `feature_${at}`),
        example: 46.123456789012,
      } as (typeof ENDPOINT.prototype.columns)[number];
    }),
    examples: [Object.fromEntries(NAMES.map(name => [name, 46.123456789012]))],
  },
};

export const STRANGE_REPORT: Report = {
  ...REPORT,
  name: LONG,
  features: REPORT.features.map((each, at) => ({ ...each, feature: called(at, each.feature) })),
  found: REPORT.found.map((each, at) => ({ ...each, feature: called(at, each.feature) })),
  notes: Array.from(
    { length: 70 },
    (_, at) => `The estimate for period ${at} is not valid: ${LONG} left the range of the reference.`
  ),
};

export const STRANGE_JOURNEY: Journey = {
  ...JOURNEY,
  name: LONG,
  history: {
    ...JOURNEY.history,
    history: JOURNEY.history.history.map(each => ({
      ...each,
      alias: each.alias === 'challenger' ? LONG : each.alias,
      note: each.note && LONG,
    })),
  },
  verdicts: JOURNEY.verdicts.map(each => ({ ...each, drifted: each.drifted.length > 0 ? NAMES : [] })),
};
