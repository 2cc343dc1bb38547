/** Views with room of their own: the same as the widgets', fed by the panel's verbs. */

import { replace } from '../dom';
import type { EndpointActions } from '../views/endpoint';
import type { Opened } from '../views/models';
import type { VersionActions } from '../views/versions';
import type { BoardRow, Models, Versions, WholeEndpoint } from '../wire';
import type { Api, Place } from './api';
import type { Host, Tab } from './host';
import { meter } from './rate';
import { asked } from './snippets';

type Drawing<T> = Pick<Tab<T>, 'fetch' | 'build' | 'concerned'> & { readonly everyMs?: number };

const LIVE_MS = 2000;

function tab<T>(kind: string, place: Place, title: string, drawing: Drawing<T>): Tab {
  return { id: `${kind}/${place.board}/${place.name}`, title, everyMs: 0, ...drawing } as unknown as Tab;
}

async function boardOf(api: Api, key: string): Promise<readonly [BoardRow, readonly BoardRow[]]> {
  const boards = await api.boards();
  const board = boards.find(each => each.key === key);
  if (board === undefined) throw new Error('The board is no longer on the list. %board PATH_OR_URL brings it back.');
  return [board, boards];
}

/** The tab of what can be opened of a model. */
const OPENED: Readonly<Record<Opened, (api: Api, place: Place, host: Host) => Tab>> = {
  versions: versionsTab,
  drift: driftTab,
  endpoint: endpointTab,
  journey: journeyTab,
};

async function insertRetrain(api: Api, { board: key, name }: Place, host: Host): Promise<string> {
  const [board, boards] = await boardOf(api, key);
  return host.insert(asked('%retrain', `${name} --data NEW`, board, boards));
}

export function modelsTab(api: Api, { key, place }: Pick<BoardRow, 'key' | 'place'>, host: Host): Tab {
  return tab('models', { board: key, name: encodeURIComponent(place) }, `Models: ${place}`, {
    fetch: async (): Promise<Models> => {
      const [[board], found] = await Promise.all([boardOf(api, key), api.allModels(key)]);
      return { board: board.url, label: board.place, trusted: board.trusted, query: '', models: found };
    },
    build: (view, { models }) =>
      models(view, {
        open: (what, name) => host.open(OPENED[what](api, { board: key, name }, host)),
        insert: async (magic, name) => {
          const [board, boards] = await boardOf(api, key);
          return host.insert(asked(magic, name, board, boards));
        },
        hasJourney: true,
      }),
    concerned: change => change.verdicts || change.endpoints || change.boards.includes(key),
  });
}

export function versionsTab(api: Api, place: Place, host: Host): Tab {
  const { board: key, name } = place;
  const actions: VersionActions = {
    promote: (version, alias) => api.promote(place, version, alias),
    rollback: alias => api.rollback(place, alias),
    deploysByCode: true,
    deploy: async version => {
      const [board, boards] = await boardOf(api, key);
      return { message: host.insert(asked('%deploy', `${name}@${version}`, board, boards), true) };
    },
    compare: (a, b) => api.compare(place, a, b),
    delete: version => api.delete(place, version),
    restore: async where => {
      await api.restore(key, where);
      return { message: 'The version is back.' };
    },
    journey: () => host.open(journeyTab(api, place)),
  };
  return tab('versions', place, `Versions: ${name}`, {
    fetch: async (): Promise<Versions> => {
      const [[board], found] = await Promise.all([boardOf(api, key), api.history(place)]);
      return { name, board: board.url, label: board.place, ...found };
    },
    build: (view, { versions }) => versions(view, actions),
    concerned: change => change.boards.includes(key),
  });
}

export function endpointTab(api: Api, place: Place): Tab {
  const actions = (stopped: () => void): EndpointActions => ({
    predict: row => api.predict(place, row),
    stop: () => api.act('stop', place).then(stopped),
    restart: () => api.act('restart', place),
    swap: version => api.swap(place, version),
    canary: (version, share) => api.canary(place, version, share),
    adopt: () => api.adopt(place),
    rollback: alias => api.rollback(place, alias),
    endTrial: () => api.act('end_trial', place),
    whenStopped: `Start it again with %deploy ${place.name}.`,
  });
  return tab('endpoint', place, `Endpoint: ${place.name}`, {
    fetch: () => api.endpoint(place),
    build: (view, { endpoint }) => {
      let before: WholeEndpoint | null = null;
      const stopped = (): void => void (before && shown.live({ ...before.live, rate: null, state: 'stopped' }));
      const [shown, rate] = [endpoint(view, actions(stopped)), meter()];
      return (found: WholeEndpoint) => {
        if (JSON.stringify(before?.record) !== JSON.stringify(found.record)) shown.record(found.record);
        before = found;
        shown.live({ ...found.live, rate: rate(found.live.requests ?? 0) });
      };
    },
    concerned: change => change.endpoints,
    everyMs: LIVE_MS,
  });
}

export function driftTab(api: Api, place: Place, host: Host): Tab {
  return tab('drift', place, `Drift: ${place.name}`, {
    fetch: () => api.report(place),
    build: (view, { drift }) =>
      drift(
        view,
        () => undefined,
        () => insertRetrain(api, place, host)
      ),
    concerned: change => change.verdicts || change.boards.includes(place.board),
  });
}

export function compareTab(api: Api, place: Place, a: string, b: string): Tab {
  const drawn = tab('compare', place, `Compare: ${place.name}`, {
    fetch: () => api.compare(place, a, b),
    build:
      (view, { compare }) =>
      record =>
        replace(view.body, ...compare(record, view.signal)),
    concerned: () => false,
  });
  return { ...drawn, id: `${drawn.id}/${a}/${b}` };
}

export function journeyTab(api: Api, place: Place): Tab {
  return tab('journey', place, `Journey: ${place.name}`, {
    fetch: async () => {
      const [history, verdicts, traffic] = await Promise.all([
        api.events(place),
        api.verdicts(place),
        api.traffic(place),
      ]);
      return { name: place.name, history, verdicts, traffic };
    },
    build: (view, { journey }) => journey(view),
    concerned: change => change.verdicts || change.boards.includes(place.board),
  });
}

/** The last retraining, step by step while it runs. */
export function retrainingTab(api: Api, place: Place, host: Host): Tab {
  return tab('retraining', place, `Retraining: ${place.name}`, {
    fetch: () => api.retraining(place),
    build: (view, { retraining }) =>
      retraining(view, {
        promote: async () => api.promote(place, (await api.retraining(place)).challenger?.version ?? '', 'champion'),
        undo: () => api.rollback(place, 'champion'),
        cancel: async () => {
          const { status } = await api.cancel(place);
          return { message: `The retraining of ${place.name} is ${status}.` };
        },
        again: () => Promise.reject(new Error('Run the line again in a notebook.')),
        insert: async () => ({ message: await insertRetrain(api, place, host) }),
        journey: () => host.open(journeyTab(api, place)),
      }),
    concerned: change => change.boards.includes(place.board),
    everyMs: LIVE_MS,
  });
}

export function policiesTab(api: Api, place: Place): Tab {
  return tab('policies', place, `Policies: ${place.name}`, {
    fetch: () => api.policies(place),
    build: (view, { policies }) =>
      policies(view, {
        schedule: policy => api.schedule(place, policy),
        remove: policy => api.unschedule(place, policy),
      }),
    concerned: change => change.boards.includes(place.board),
  });
}

export function cardTab(api: Api, place: Place, version: string): Tab {
  const drawn = tab('card', place, `Card: ${place.name}`, {
    fetch: () => api.card(place, version),
    build: (view, { card }) => card(view, { write: (part, text) => api.writeCard(place, version, part, text) }),
    concerned: change => change.verdicts || change.endpoints || change.boards.includes(place.board),
  });
  return { ...drawn, id: `${drawn.id}/${version}` };
}
