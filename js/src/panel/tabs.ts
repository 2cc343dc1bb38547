/** Views with room of their own: the widgets' components, fed by the panel's verbs. */

import { compare } from '../components/compare';
import { drift } from '../components/drift';
import { type Actions as EndpointActions, endpoint } from '../components/endpoint';
import { type Actions as VersionActions, versions } from '../components/versions';
import { replace } from '../dom';
import type { Live, WholeEndpoint } from '../wire';
import type { Api, Place } from './api';
import type { Host, Tab } from './host';
import { drawJourney } from './journey';
import { meter } from './rate';
import { asked } from './snippets';

type Drawing<T> = Pick<Tab<T>, 'fetch' | 'build' | 'concerned'> & { readonly everyMs?: number };

const LIVE_MS = 2000;

function tab<T>(kind: string, place: Place, title: string, drawing: Drawing<T>): Tab {
  return { id: `${kind}/${place.board}/${place.name}`, title, everyMs: 0, ...drawing } as unknown as Tab;
}

export function versionsTab(api: Api, place: Place, host: Host): Tab {
  const actions: VersionActions = {
    promote: (version, alias) => api.promote(place, version, alias),
    rollback: (alias = 'champion') => api.rollback(place, alias),
    deploysByCode: true,
    deploy: async version => {
      const boards = await api.boards();
      const board = boards.find(each => each.key === place.board);
      if (board === undefined)
        throw new Error(`The board of ${place.name} is no longer on the list. %board PATH_OR_URL brings it back.`);
      return { message: host.insert(asked('%deploy', `${place.name}@${version}`, board, boards)) };
    },
    stop: async () => {
      await api.act('stop', place);
      return { message: `The endpoint of ${place.name} was stopped.` };
    },
    compare: (a, b) => api.compare(place, a, b),
  };
  return tab('versions', place, `Versions: ${place.name}`, {
    fetch: async () => {
      const [boards, found] = await Promise.all([api.boards(), api.allVersions(place)]);
      return { name: place.name, board: boards.find(each => each.key === place.board)?.label ?? '', versions: found };
    },
    build: (view, signal) => versions(view, signal, actions),
    concerned: change => change.boards.includes(place.board),
  });
}

export function endpointTab(api: Api, place: Place): Tab {
  const actions = (stopped: () => void): EndpointActions => ({
    predict: row => api.predict(place, row),
    stop: () => api.act('stop', place).then(stopped),
    restart: () => api.act('restart', place),
    swap: version => api.swap(place, version),
    whenStopped: `Start it again with %deploy ${place.name}.`,
  });
  return tab('endpoint', place, `Endpoint: ${place.name}`, {
    fetch: () => api.endpoint(place),
    build: (view, signal) => {
      let before: WholeEndpoint | null = null;
      const stopped = (): void => void (before && shown.live({ ...live(before, null), state: 'stopped' }));
      const [shown, rate] = [endpoint(view, signal, actions(stopped)), meter()];
      return record => {
        if (before?.version !== record.version || before.started !== record.started) shown.record(record);
        before = record;
        shown.live(live(record, rate(record.health?.requests ?? 0)));
      };
    },
    concerned: change => change.endpoints,
    everyMs: LIVE_MS,
  });
}

function live(record: WholeEndpoint, rate: number | null): Live {
  const health = record.health;
  return {
    state: record.state,
    requests: health?.requests ?? null,
    rows: health?.rows ?? null,
    rate,
    p50_ms: health?.latency_ms.p50 ?? null,
    p95_ms: health?.latency_ms.p95 ?? null,
    errors: health?.errors ?? null,
    version: health?.version ?? record.version,
    uptime_seconds: health?.uptime ?? null,
    recent: record.recent,
  };
}

export function driftTab(api: Api, place: Place): Tab {
  return tab('drift', place, `Drift: ${place.name}`, {
    fetch: () => api.report(place),
    build: (view, signal) => report => drift(report, view, signal, () => undefined),
    concerned: change => change.verdicts,
  });
}

export function compareTab(api: Api, place: Place, a: string, b: string): Tab {
  const drawn = tab('compare', place, `Compare: ${place.name}`, {
    fetch: () => api.compare(place, a, b),
    build: view => record => replace(view.body, compare(record)),
    concerned: () => false,
  });
  return { ...drawn, id: `${drawn.id}/${a}/${b}` };
}

export function journeyTab(api: Api, place: Place): Tab {
  return tab('journey', place, `Journey: ${place.name}`, {
    fetch: async () => {
      const [history, verdicts, traffic] = await Promise.all([
        api.history(place),
        api.verdicts(place),
        api.traffic(place),
      ]);
      return { name: place.name, history, verdicts, traffic };
    },
    build: view => journey => replace(view.body, drawJourney(journey, Date.now(), view.body.clientWidth)),
    concerned: change => change.verdicts || change.boards.includes(place.board),
  });
}
