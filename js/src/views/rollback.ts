/** The question before an alias goes back: from which version to which one, in the sidebar as in the history. */

import { choose, confirm } from '../components/popover';
import { shortName } from '../format';
import type { AliasTarget } from '../wire';

/** Return the alias that a person wants to roll back, or null. */
export async function askRollback(
  anchor: HTMLElement,
  targets: readonly AliasTarget[],
  signal: AbortSignal
): Promise<string | null> {
  const [only] = targets;
  if (only !== undefined && targets.length === 1) {
    const consequence = `${only.alias} goes back from ${now(only)} to ${before(only)}.`;
    const sure = await confirm(anchor, `Roll ${only.alias} back?`, consequence, 'Roll back', signal);
    return sure ? only.alias : null;
  }
  const moves = new Map(targets.map(each => [`${each.alias}: ${now(each)} → ${before(each)}`, each.alias]));
  const chosen = await choose(anchor, 'Which alias goes back?', [...moves.keys()], 'Roll back', signal);
  return moves.get(chosen ?? '') ?? null;
}

/** Return a version with its number and the end of its id: `v3 a4772`. */
export function versionName(version: string, number: number | null): string {
  return number ? `${shortName(version, number)} ${shortName(version, 0)}` : shortName(version, 0);
}

function now({ now: version, number }: AliasTarget): string {
  return versionName(version, number);
}

function before({ before: version, before_number: number }: AliasTarget): string {
  return version === null ? 'no version' : versionName(version, number);
}
