/** The records as Python writes them, field for field. */

export type Value = string | number | boolean | null;

export interface VersionRow {
  readonly version: string;
  readonly created: string;
  readonly aliases: readonly string[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly format: string;
  readonly size: number;
  readonly author: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly parent: string | null;
  readonly trusted: boolean;
}

export interface Versions {
  readonly name: string;
  readonly board: string;
  readonly versions: readonly VersionRow[];
}

/** What Python did. */
export interface Told {
  readonly message: string;
}

/** An alias that moved: asking to roll that alias back undoes it. */
export interface Moved extends Told {
  readonly alias: string;
}

export interface ModelRow {
  readonly name: string;
  readonly version: string;
  readonly created: string;
  readonly aliases: readonly string[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly versions: number;
  readonly description: string | null;
}

export interface Models {
  readonly board: string;
  readonly models: readonly ModelRow[];
}

export interface Change {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
  readonly change: string | null;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly sections: readonly { readonly title: string; readonly rows: readonly Change[] }[];
  readonly code: readonly string[] | null;
}

export interface Column {
  readonly name: string;
  readonly kind: string;
  readonly categories: readonly Value[] | null;
  readonly minimum: Value;
  readonly maximum: Value;
  readonly nullable: boolean;
  readonly example: Value;
}

export interface EndpointRecord {
  readonly name: string;
  readonly version: string;
  readonly alias: string | null;
  readonly board: string;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly started: string;
  readonly prototype: { readonly columns: readonly Column[]; readonly examples: readonly Readonly<Record<string, Value>>[] };
  readonly snippets: Readonly<Record<string, string>>;
  readonly versions: readonly string[];
}

export interface Live {
  readonly state: string;
  readonly requests: number | null;
  readonly rows: number | null;
  readonly rate: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly errors: number | null;
  readonly version: string;
  readonly uptime_seconds: number | null;
  /** The last rows of the prediction log, newest first; null where none is kept. */
  readonly recent: readonly Request[] | null;
}

export interface Request {
  readonly time: string;
  readonly version: string;
  readonly prediction: unknown;
  readonly latency_ms: number | null;
  readonly row: Readonly<Record<string, Value>>;
}

export interface Answer {
  readonly prediction: unknown;
  readonly probabilities: Readonly<Record<string, number>> | null;
  readonly version: string | null;
  readonly latency_ms: number;
  readonly warnings: readonly string[];
}

export interface DriftFeature {
  readonly feature: string;
  readonly statistic: string;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly p_value: number | null;
  readonly severity: number;
  readonly drifted: boolean;
  readonly scores: readonly (number | null)[];
  readonly drifted_in: readonly boolean[];
}

export interface Distribution {
  readonly feature: string;
  readonly bars: readonly string[];
  readonly reference: readonly number[];
  readonly current: readonly (readonly number[])[];
  /** Missing values: in the reference, then in each period. */
  readonly missing?: readonly number[];
  /** Bars that the reference never saw. */
  readonly new?: readonly string[];
  readonly scale?: string;
}

export interface Measured {
  readonly period: string;
  readonly metric: string;
  readonly score: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly n: number;
  readonly kind: string;
}

export interface SegmentMeasured extends Measured {
  readonly segment: string;
}

/** The worst of a feature in each segment. */
export interface SegmentFeature {
  readonly feature: string;
  readonly statistic: string;
  readonly threshold: number | null;
  readonly severity: number;
  readonly drifted: boolean;
  readonly scores: readonly (number | null)[];
  readonly drifted_in: readonly boolean[];
}

export interface Curve {
  readonly view: string;
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly n: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export interface Report {
  readonly name: string;
  readonly version: string | null;
  readonly verdict: string;
  readonly rows: number;
  readonly periods: readonly { readonly label: string; readonly n: number; readonly estimate_valid?: boolean }[];
  readonly features: readonly DriftFeature[];
  readonly performance: readonly Measured[];
  readonly distributions: readonly Distribution[];
  readonly notes: readonly string[];
  readonly limits?: Readonly<Record<string, Limits>>;
  /** The first metric of each segment. */
  readonly segments?: readonly SegmentMeasured[];
  readonly segment_drift?: { readonly segments: readonly string[]; readonly features: readonly SegmentFeature[] };
  readonly curves?: readonly Curve[];
  /** Where another version began to answer. */
  readonly versions?: readonly { readonly period: string; readonly version: string; readonly since: string }[];
}

/** The lowest and the highest acceptable value of a metric; null where there is none. */
export type Limits = readonly [number | null, number | null];
