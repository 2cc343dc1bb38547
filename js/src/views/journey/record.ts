/** What a journey is made of: versions that were named, and what each alias named when. */

import { shortName } from '../../format';
import type { HistoryEntry, HistoryPage, Traffic, VerdictRow } from '../../wire';

/** What the view shows of a model. */
export interface Journey {
  readonly name: string;
  readonly history: HistoryPage;
  readonly verdicts: readonly VerdictRow[];
  readonly traffic: Traffic;
}

/** A version that was named or that answered: it has a hue in every lane. */
export interface Named {
  readonly version: string;
  readonly words: string;
  readonly hue: number;
}

export interface Stretch {
  readonly version: string;
  readonly from: number;
  readonly to: number;
}

export const MOVES: readonly string[] = ['promote', 'rollback'];
export const MOST_ALIASES = 4; // that have a lane
export const RETRAINED = /^retraining [0-9a-f]{12}: /; // the note of a promotion by a retraining

/** Return a version in few letters: its number, or the end of its id. */
export function callVersion(version: string | null, numbers: Readonly<Record<string, number>>): string {
  return version === null ? 'no version' : shortName(version, numbers[version]);
}

/** Return a text with the names of versions in place of their whole ids. */
export function withNames(text: string, numbers: Readonly<Record<string, number>>): string {
  return text.replace(/(?:[\w.-]+@)?(\d{8}T\d{6}Z-[0-9a-f]{5})/g, (_, version: string) =>
    callVersion(version, numbers)
  );
}

/** Return the aliases that were moved, the champion first. */
export function movedAliases(items: readonly HistoryEntry[]): string[] {
  const found = items.flatMap(each => (each.alias !== null && MOVES.includes(each.event) ? [each.alias] : []));
  return [...new Set(found)].sort((a, b) => Number(b === 'champion') - Number(a === 'champion') || a.localeCompare(b));
}

/** Return which version an alias named from when to when; the last stretch lasts until `now`, the first begins before all that is known. */
export function stretches(history: readonly HistoryEntry[], alias: string, start: number, now: number): Stretch[] {
  const moves = history
    .filter(entry => entry.alias === alias && MOVES.includes(entry.event))
    .map(entry => ({ ...entry, at: Date.parse(entry.time) }))
    .reverse();
  const before = moves[0]?.previous;
  const known = moves.flatMap(({ version, at }, place) =>
    version === null ? [] : [{ version, from: at, to: moves[place + 1]?.at ?? now }]
  );
  return before ? [{ version: before, from: start, to: moves[0]?.at ?? now }, ...known] : known;
}
