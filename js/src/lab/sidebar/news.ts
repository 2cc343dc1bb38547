/** What is worth a notification: an endpoint that died, drift that was not there before. */

import type { Store } from './store';

export class News {
  private readonly told = new Set<string>();
  private first = true;

  /** Return sentences about what came up since the last call; at the first call all is old. */
  since(store: Store): string[] {
    const fresh = [...current(store)].filter(([id]) => !this.told.has(id));
    fresh.forEach(([id]) => this.told.add(id));
    const silent = this.first;
    this.first = false;
    return silent ? [] : fresh.map(([, words]) => words);
  }
}

function current(store: Store): Map<string, string> {
  const dead = store.endpoints.filter(endpoint => endpoint.state === 'died');
  const deaths = dead.map((each): [string, string] => [`died ${each.url} ${each.started}`, `The endpoint of ${each.name} died. %deploy ${each.name} starts it again.`]);
  const models = [...store.tree.models.values()].flatMap(page => page.items);
  const drifts = models.flatMap((model): [string, string][] =>
    model.verdict && model.verdict.drifted.length > 0 ? [[`drift ${model.name} ${model.verdict.created}`, `${model.name}: ${model.verdict.verdict}`]] : []
  );
  return new Map([...deaths, ...drifts]);
}
