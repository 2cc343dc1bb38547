/** What the server extension sends, field for field. */

export interface Board {
  readonly key: string;
  readonly label: string;
  readonly url: string;
  readonly trusted: boolean;
  readonly writable: boolean;
  readonly models: number;
  readonly trouble: string | null;
}

export interface WorstFeature {
  readonly feature: string;
  readonly statistic: string;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly drifted: boolean;
}

export interface Verdict {
  readonly name: string;
  readonly version: string;
  readonly created: string;
  readonly verdict: string;
  readonly drifted: readonly string[];
  readonly worst: readonly WorstFeature[];
}

export type Metrics = Readonly<Record<string, number | null>>;

export interface Model {
  readonly name: string;
  readonly version: string;
  readonly created: string;
  readonly metrics: Metrics;
  readonly versions: number;
  readonly alias_map: Readonly<Record<string, string>>;
  readonly verdict: Verdict | null;
}

export interface Version {
  readonly version: string;
  readonly created: string;
  readonly aliases: readonly string[];
  readonly metrics: Metrics;
  readonly format: string;
  readonly trusted: boolean;
}

export interface HistoryEntry {
  readonly time: string;
  readonly event: string;
  readonly alias: string | null;
  readonly version: string | null;
  readonly by: string | null;
  readonly note: string | null;
}

export interface Endpoint {
  readonly name: string;
  readonly version: string;
  readonly board_key: string;
  readonly url: string;
  readonly state: string;
  readonly started: string;
  readonly health: { readonly requests: number; readonly errors: number; readonly uptime: number } | null;
  readonly trouble: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}
