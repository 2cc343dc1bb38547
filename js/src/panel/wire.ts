/** What the panel's verbs answer, field for field. */

import type { EndpointRecord, Live, VersionRow } from '../wire';

export interface Board {
  readonly key: string;
  readonly label: string;
  readonly url: string;
  readonly trusted: boolean;
  readonly writable: boolean;
  readonly exists: boolean;
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

export interface Model {
  readonly name: string;
  readonly version: string;
  readonly created: string;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly versions: number;
  readonly alias_map: Readonly<Record<string, string>>;
  readonly verdict: Verdict | null;
}

export interface HistoryEntry {
  readonly time: string;
  readonly event: string;
  readonly alias: string | null;
  readonly version: string | null;
  readonly previous: string | null;
  readonly by: string | null;
  readonly note: string | null;
}

/** Requests in bins of `seconds` from `start` (seconds since 1970), for each version that answered. */
export interface Traffic {
  readonly start: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, readonly number[]>>;
}

export interface Health {
  readonly requests: number;
  readonly errors: number;
  readonly rows: number;
  readonly uptime: number;
  readonly version: string;
  readonly latency_ms: { readonly p50: number | null; readonly p95: number | null };
}

export interface Endpoint {
  readonly name: string;
  readonly version: string;
  readonly alias: string | null;
  readonly board_key: string;
  readonly url: string;
  readonly state: string;
  readonly started: string;
  readonly health: Health | null;
  readonly trouble: string | null;
}

/** What a view of one endpoint needs beyond the list's entry. */
export type WholeEndpoint = Endpoint & EndpointRecord & Pick<Live, 'recent'>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What the watcher tells: keys of boards, and whether endpoints or verdicts changed. */
export interface Change {
  readonly boards: readonly string[];
  readonly endpoints: boolean;
  readonly verdicts: boolean;
}

export interface News {
  readonly kind: string;
  readonly board: string;
  readonly name: string;
  readonly level: 'info' | 'warning';
  readonly text: string;
}

export type Version = VersionRow;
