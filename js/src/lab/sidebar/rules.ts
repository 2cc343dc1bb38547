/** The style of each kind of tab, which is fetched with its view. */

type Sheet = () => Promise<{ readonly default: string }>;

const SHEETS: Readonly<Record<string, readonly Sheet[]>> = {
  versions: [() => import('../../style/versions.css'), () => import('../../style/compare.css')],
  compare: [() => import('../../style/compare.css')],
  models: [() => import('../../style/models.css')],
  endpoint: [() => import('../../style/endpoint.css')],
  journey: [() => import('../../style/journey.css')],
  drift: [() => import('../../style/drift.css')],
  retraining: [() => import('../../style/retraining.css')],
  card: [() => import('../../style/card.css')],
};

/** Return the rules of a kind of tab. */
export async function rulesOf(kind: string): Promise<string> {
  const found = await Promise.all((SHEETS[kind] ?? []).map(sheet => sheet()));
  return found.map(each => each.default).join('\n');
}
