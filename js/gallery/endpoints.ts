/** An endpoint as an example: a canary, a minute of figures, six requests. */

import type { EndpointRecord, Live, LoggedRequest } from '../src/wire';
import { before, dice } from './dice';

const A = '20261128T164207Z-85f63';
const B = '20261129T091812Z-a4772';
const rnd = dice(31);

const bell = (parts: readonly (readonly [number, number, number])[], n = 22): number[] =>
  Array.from({ length: n }, (_, k) =>
    Math.round(
      80 *
        parts.reduce(
          (sum, [centre, width, weight]) => sum + weight * Math.exp(-(((k / (n - 1) - centre) / width) ** 2)),
          0
        )
    )
  );
const measure = (
  name: string,
  minimum: number,
  maximum: number,
  example: number,
  counts: readonly number[]
): EndpointRecord['prototype']['columns'][number] => ({
  name,
  kind: 'number',
  categories: null,
  minimum,
  maximum,
  nullable: false,
  example,
  counts,
  known: [],
});

export const ENDPOINT: EndpointRecord = {
  name: 'penguins',
  version: A,
  number: 2,
  alias: 'champion',
  board: '/rides/models',
  label: 'rides/models',
  url: 'http://127.0.0.1:8123',
  started: before(0.093),
  prototype: {
    columns: [
      {
        name: 'island',
        kind: 'category',
        categories: ['Biscoe', 'Dream', 'Torgersen', 'Anvers'],
        minimum: null,
        maximum: null,
        nullable: false,
        example: 'Biscoe',
        counts: [168, 124, 52, 0],
        known: [],
      },
      measure(
        'bill_length_mm',
        32.1,
        59.6,
        46.1,
        bell([
          [0.25, 0.1, 1],
          [0.55, 0.12, 0.9],
        ])
      ),
      measure(
        'bill_depth_mm',
        13.1,
        21.5,
        15.2,
        bell([
          [0.25, 0.13, 0.9],
          [0.63, 0.14, 1],
        ])
      ),
      measure(
        'flipper_length_mm',
        172,
        231,
        217,
        bell([
          [0.3, 0.12, 1],
          [0.73, 0.12, 0.8],
        ])
      ),
      measure(
        'body_mass_g',
        2700,
        6300,
        5400,
        bell([
          [0.28, 0.13, 1],
          [0.64, 0.15, 0.7],
        ])
      ),
      {
        name: 'sex',
        kind: 'category',
        categories: ['female', 'male'],
        minimum: null,
        maximum: null,
        nullable: true,
        example: 'male',
        counts: [165, 168],
        known: [],
      },
    ],
    examples: [
      {
        island: 'Biscoe',
        bill_length_mm: 72,
        bill_depth_mm: 15.2,
        flipper_length_mm: 217,
        body_mass_g: 5400,
        sex: 'male',
      },
      {
        island: 'Dream',
        bill_length_mm: 49.3,
        bill_depth_mm: 19.9,
        flipper_length_mm: 203,
        body_mass_g: 4050,
        sex: 'female',
      },
    ],
  },
  snippets: {
    python:
      'import os, subprocess, sys\n\nimport requests\n\ntoken = os.environ.get("MLOPS_MAGICS_TOKEN") or subprocess.check_output([sys.executable, "-m", "mlops_magics", "token", "penguins"], text=True).strip()\nrows = [{"island": "Biscoe", "bill_length_mm": 46.1}]\nheaders = {"Authorization": f"Bearer {token}"}\nreply = requests.post("http://127.0.0.1:8123/predict", json=rows, headers=headers, timeout=60)\nprint(reply.json()["predict"])\n',
    r: 'library(httr2)\n',
    curl: 'curl --fail-with-body http://127.0.0.1:8123/predict\n',
    javascript: 'const reply = await fetch("http://127.0.0.1:8123/predict");\n',
  },
  versions: [
    { version: B, number: 3, created: before(0.008) },
    { version: A, number: 2, created: before(1.2) },
    { version: '20261126T101004Z-4a17a', number: 1, created: before(3.1) },
  ],
};

const BIRDS = {
  Gentoo: ['Biscoe', 46.1, 15.2, 217, 5400, 'male'],
  Adelie: ['Torgersen', 38.9, 17.8, 181, 3625, 'female'],
  Chinstrap: ['Dream', 49.3, 19.9, 203, 4050, 'male'],
} as const;

function request(
  seconds: number,
  bird: keyof typeof BIRDS,
  probability: number,
  ms: number,
  version = A
): LoggedRequest {
  const [island, length, depth, flipper, mass, sex] = BIRDS[bird];
  return {
    time: before(seconds / 86_400),
    version,
    prediction: bird,
    probability,
    latency_ms: ms,
    row: { island, bill_length_mm: length, bill_depth_mm: depth, flipper_length_mm: flipper, body_mass_g: mass, sex },
  };
}

/** Return how it was at each of the last looks. */
export function minute(): Live[] {
  let level = 14;
  return Array.from({ length: 60 }, (_, k) => {
    level = Math.max(0, level + 0.25 * (14 - level) + rnd.normal(0, 1.6));
    return {
      state: 'running',
      requests: 12_418 - 14 * (59 - k),
      rows: 18_230,
      rate: level,
      p50_ms: 5.1 + rnd.normal(0, 0.2),
      p95_ms: 18 + rnd.normal(0, 1.4),
      errors: k < 38 ? 2 : 3,
      refused: 2,
      failed: k < 38 ? 0 : 1,
      uptime_seconds: 8040,
      answering: [
        {
          version: A,
          number: 2,
          created: before(1.2),
          aliases: ['champion'],
          mode: 'answers',
          share: 0.9,
          requests: 11_182,
          failed: 1,
          p50_ms: 5.1,
          p95_ms: 18,
        },
        {
          version: B,
          number: 3,
          created: before(0.008),
          aliases: ['challenger'],
          mode: 'canary',
          share: 0.1,
          requests: 1236,
          failed: 0,
          p50_ms: 7.4,
          p95_ms: 22,
        },
      ],
      recent: [
        request(12, 'Gentoo', 0.961, 6.2),
        request(13, 'Adelie', 0.994, 4.9),
        request(13, 'Chinstrap', 0.712, 5.1, B),
        request(15, 'Adelie', 0.988, 4.7),
        request(16, 'Gentoo', 0.999, 5),
      ],
      last_lines: [],
      trouble: null,
    };
  });
}

export const DIED: Live = {
  state: 'died',
  requests: null,
  rows: null,
  rate: null,
  p50_ms: null,
  p95_ms: null,
  errors: null,
  refused: null,
  failed: null,
  uptime_seconds: null,
  answering: [],
  recent: [],
  last_lines: ['worker 1 was killed by signal 9', 'worker 1 is replaced, third time in 60 s'],
  trouble: null,
};
