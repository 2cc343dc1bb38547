/** The panel's verbs over REST: the one file that speaks to the server extension. */

import { type Ask, SetupError, type Verb } from '../../panel/api';
import { ADDRESSES } from '../../wire';

/** Sends a request below our root on the server; JupyterLab's adds token and XSRF header. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

const MISSING = 'The server part of mlops-magics does not answer.';
const FIX_MISSING =
  'pip install mlops-magics   (where Jupyter runs), then: jupyter server extension enable mlops_magics';

/** Return how to ask; `version` is that of this front end, compared with the server's in every reply. */
export function rest(send: Send, version: string): Ask {
  return async (verb, fields) => {
    const [path, init] = request(verb, fields);
    const response = await send(path, init);
    const told: unknown = await response.json().catch(() => null);
    const server = isRecord(told) ? told['server_version'] : undefined;
    if (!isRecord(told) || typeof server !== 'string') throw new SetupError(MISSING, FIX_MISSING);
    if (server !== version) {
      const fix = `pip install mlops-magics==${version}   (where Jupyter runs), restart Jupyter and reload this page`;
      throw new SetupError(`This panel is mlops-magics ${version}, its server part is ${server}.`, fix);
    }
    if (!response.ok) throw Object.assign(new Error(String(told['message'])), { kind: told['kind'] });
    return told as never;
  };
}

function request(verb: Verb, fields: object): [string, RequestInit] {
  const [method, address] = ADDRESSES[verb];
  const rest = new Map(Object.entries(fields));
  const path = address.slice(1).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = encodeURIComponent(String(rest.get(name)));
    rest.delete(name);
    return value;
  });
  if (method === 'POST') return [path, { method, body: JSON.stringify(Object.fromEntries(rest)) }];
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
  return [query ? `${path}?${query}` : path, { method }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
