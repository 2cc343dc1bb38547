/** Values that a row may hold, and what Python says of what it did. */

export type Value = string | number | boolean | null;

/** The lowest and the highest acceptable value of a metric; null where there is none. */
export type Limits = readonly [number | null, number | null];
