/** The panel with what it shows, asked of a table instead of a server. */

import { Api, type Ask, SetupError, type Verb } from '../src/panel/api';
import { Store } from '../src/panel/store';
import { View } from '../src/panel/view';
import type { BoardRow, ModelRow, PanelEndpoint, Replies } from '../src/wire';
import { before, dice } from './dice';
import { MODELS, many } from './models';

const rnd = dice(5);

const board = (key: string, place: string, models: number, more: Partial<BoardRow> = {}): BoardRow => ({
  key,
  label: place.split('/').at(-1) ?? place,
  place,
  url: place.includes('://') ? place : `/srv/${place}`,
  opened: 0,
  trusted: true,
  writable: true,
  exists: true,
  models,
  trouble: null,
  ...more,
});

const endpoint = (name: string, state: string, requests: number, more: Partial<PanelEndpoint> = {}): PanelEndpoint => ({
  name,
  version: '20261128T164207Z-85f63',
  alias: 'champion',
  board: '/srv/rides/models',
  board_key: 'a',
  url: `http://127.0.0.1:${8100 + name.length}`,
  port: 8100 + name.length,
  pid: 1,
  state,
  started: before(0.2),
  workers: 1,
  asks_for_token: true,
  challengers: {},
  number: 2,
  health:
    state === 'running'
      ? {
          status: 'ready',
          requests,
          errors: 3,
          rows: requests,
          uptime: 900,
          version: '20261128T164207Z-85f63',
          latency_ms: { p50: 5.1, p95: 18.2 },
        }
      : null,
  trouble: null,
  ...more,
});

let looks = 0;
const served = (): PanelEndpoint[] => {
  looks += 1;
  return [
    endpoint('late_flights', 'running', 12_418 + 71 * looks + Math.round(8 * rnd.next() * looks)),
    endpoint('penguins', 'running', 800 + 2 * looks, {
      challengers: { penguins: { version: '20261129T091812Z-a4772', mode: 'canary', share: 0.1 } },
    }),
    endpoint('bike_demand', 'died', 0),
  ];
};

const REPLIES: Partial<{ [V in Verb]: (fields: never) => Replies[V] }> = {
  boards: () => ({
    boards: [
      board('a', 'rides/models', MODELS.models.length),
      board('b', 'forecasts/models', 2),
      board('c', 's3://team-models', 11, { trusted: false, writable: false }),
    ],
  }),
  endpoints: () => ({ endpoints: served() }),
  models: ({ query }: { query?: string }) => {
    if (query?.endsWith('>'))
      throw new Error(`'${query}' is not a valid condition. Write METRIC>NUMBER, such as auc>0.8.`);
    const models = MODELS.models.filter((each: ModelRow) => each.name.includes(query ?? ''));
    return { models, total: models.length, offset: 0 };
  },
  versions: () => {
    const { versions, metrics, aliases } = many(40);
    return { versions, metrics, aliases, total: versions.length, offset: 0 };
  },
};

function ask(replies: typeof REPLIES): Ask {
  return async (verb, fields) => {
    const found = replies[verb];
    if (found === undefined) throw new Error(`The gallery does not answer ${verb}.`);
    return found(fields as never);
  };
}

/** Return the panel with this row chosen. */
export function panel(
  signal: AbortSignal,
  choose: (view: View) => void = () => undefined,
  replies = REPLIES
): HTMLElement {
  const view = new View(
    new Store(new Api(ask(replies))),
    { insert: () => 'The code is in rides.ipynb.', open: () => undefined },
    signal
  );
  const frame = document.createElement('div');
  frame.style.cssText = 'height:720px;border:1px solid #8884;border-radius:8px;overflow:hidden';
  frame.append(view.node);
  void view.refresh({ boards: [], endpoints: true, verdicts: true }).then(async () => {
    for (let look = 0; look < 12; look += 1) {
      clock += 5_000;
      await view.refresh({ boards: [], endpoints: true, verdicts: false });
    }
    choose(view);
  });
  return frame;
}

let clock = 0;
/** Milliseconds that pass between looks at the rates. */
export const passed = (): number => clock;

/** Press rows of the tree one after another by the words that they begin with, and do something at the end. */
export function press(view: View, ...words: (string | (() => void))[]): void {
  const [first, ...rest] = words;
  if (typeof first === 'function') first();
  if (typeof first !== 'string') return;
  const row = [...view.node.querySelectorAll<HTMLElement>('[role=treeitem]')].find(each =>
    each.querySelector('.mlops-label')?.textContent?.startsWith(first)
  );
  row?.click();
  setTimeout(() => press(view, ...rest), 80);
}

/** Write into the search. */
export function type(view: View, words: string): void {
  const field = view.node.querySelector<HTMLInputElement>('input');
  if (!field) return;
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Open the menu of the chosen row. */
export function more(view: View): void {
  view.node.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click();
}

export const EMPTY: typeof REPLIES = { boards: () => ({ boards: [] }), endpoints: () => ({ endpoints: [] }) };
export const BROKEN: typeof REPLIES = {
  boards: () => {
    throw new SetupError('This panel is mlops-magics 0.2.0, its server part is 0.1.0.', 'pip install -U mlops-magics');
  },
};
