/**
 * Every component and every view with example records, on one page each: light or dark, as wide as wanted.
 *
 * `gallery.html?page=versions&theme=dark&width=700&host=vscode`; without a page, all of them below each other. The hosts
 * are jupyter, vscode and colab.
 */

import { view } from '../src/components/view';
import { replace } from '../src/dom';
import { card } from '../src/views/card';
import { compare } from '../src/views/compare';
import { drift } from '../src/views/drift/drift';
import { type EndpointActions, endpoint } from '../src/views/endpoint';
import { journey } from '../src/views/journey/journey';
import { type ModelActions, models } from '../src/views/models';
import { policies } from '../src/views/policies';
import { readiness } from '../src/views/readiness';
import { retraining } from '../src/views/retraining';
import { verbs } from '../src/views/verbs';
import { type VersionActions, versions } from '../src/views/versions';
import { readiness as ASSESSED, card as CARD, EXAMPLES, live, panelPolicies } from '../tests/examples';
import { FakeModel } from '../tests/fakeModel';
import { components } from './components';
import { NOW } from './dice';
import { DIED, ENDPOINT, minute } from './endpoints';
import { JOURNEY } from './journeys';
import { COMPARED, FEW, MODELS, many, STRANGE, STRANGE_COMPARED, STRANGE_FEW, STRANGE_MODELS } from './models';
import { BROKEN, EMPTY, more, panel, passed, press, type } from './panels';
import { QUIET, REPORT } from './reports';
import { FAILED, KEPT, PROMOTED, RUNNING } from './retrainings';

import { STRANGE_CARD, STRANGE_ENDPOINT, STRANGE_JOURNEY, STRANGE_REPORT, STRANGE_RETRAINING } from './strange';

type Page = (signal: AbortSignal) => HTMLElement;

Date.now = () => NOW + passed();

const done = <T>(value: T): Promise<T> => Promise.resolve(value);
const MOVED = {
  message: 'v3 is champion now, v2 was before.',
  alias: 'champion',
  version: 'a',
  previous: 'b',
  event: 'promote',
};
const ACTIONS: VersionActions = {
  promote: () => done(MOVED),
  rollback: () => done(MOVED),
  deploy: () => done({ message: 'penguins v3 answers at http://127.0.0.1:8123.' }),
  compare: () => done(COMPARED),
  delete: () => done({ message: 'v1 is in the trash.', place: 'x' }),
  restore: () => done({ message: 'v1 is back.' }),
  journey: () => undefined,
};

const LISTED: ModelActions = { open: () => undefined, insert: () => done('The code is in the cell below.') };

const ASKING = { again: () => done(ASSESSED), answer: () => done(ASSESSED) };
const none = (): void => undefined;
const RETRAINING = (): Promise<string> => done('The code is in the cell below.');
const DECIDING = {
  promote: () => done(MOVED),
  undo: () => done(MOVED),
  cancel: () => done({ message: 'The retraining of late_flights is cancelled.' }),
  again: () => done({ message: 'The retraining of late_flights runs again.' }),
  journey: () => undefined,
};

const POLICIES = {
  schedule: () => done(panelPolicies.policies),
  remove: () => done(panelPolicies.policies),
};

const SERVING: EndpointActions = {
  predict: () =>
    done({
      prediction: 'Gentoo',
      probabilities: { Gentoo: 0.961, Chinstrap: 0.036, Adelie: 0.003 },
      version: ENDPOINT.version,
      latency_ms: 6.2,
      warnings: [],
    }),
  stop: () => done(null),
  restart: () => done(null),
  swap: () => done(null),
  canary: () => done(null),
  adopt: () => done(MOVED),
  rollback: () => done(MOVED),
  endTrial: () => done(null),
};

function page(name: string, build: (shown: ReturnType<typeof view>) => void): Page {
  return signal => {
    const shown = view(name, signal);
    build(shown);
    return shown.root;
  };
}

const OWN: Readonly<Record<string, Page>> = {
  components: page('Components', components),
  'versions-few': page('Version history', shown => versions(shown, ACTIONS)(FEW)),
  'versions-many': page('Version history', shown => versions(shown, ACTIONS)(many(40))),
  'versions-huge': page('Version history', shown => versions(shown, ACTIONS)(many(10_000))),
  'versions-strange-few': page('Version history', shown => versions(shown, ACTIONS)(STRANGE_FEW)),
  'versions-strange': page('Version history', shown => versions(shown, ACTIONS)(STRANGE)),
  'models-strange': page('Models', shown => models(shown, LISTED)(STRANGE_MODELS)),
  models: page('Models', shown => models(shown, LISTED)(MODELS)),
  'models-none-fits': page('Models', shown => models(shown, LISTED)({ ...MODELS, models: [], query: 'accuracy>0.99' })),
  'models-empty': page('Models', shown => models(shown, LISTED)({ ...MODELS, models: [] })),
  endpoint: page('Endpoint', shown => {
    const made = endpoint(shown, SERVING);
    made.record(ENDPOINT);
    for (const live of minute()) made.live(live);
    queueMicrotask(() =>
      [...shown.root.querySelectorAll('button')].find(each => each.textContent === 'Predict')?.click()
    );
  }),
  'endpoint-died': page('Endpoint', shown => {
    const made = endpoint(shown, SERVING);
    made.record(ENDPOINT);
    made.live(DIED);
  }),
  'endpoint-stopped': page('Endpoint', shown => {
    const made = endpoint(shown, SERVING);
    made.record(ENDPOINT);
    made.live({ ...DIED, state: 'stopped', last_lines: [] });
  }),
  'endpoint-starting': page('Endpoint', shown => {
    const made = endpoint(shown, SERVING);
    made.record(ENDPOINT);
    made.live({ ...DIED, state: 'starting', last_lines: [] });
  }),
  'endpoint-strange': page('Endpoint', shown => {
    const made = endpoint(shown, SERVING);
    made.record(STRANGE_ENDPOINT);
    for (const live of minute().slice(-1)) made.live(live);
  }),
  'drift-strange': page('Drift report', shown => drift(shown, none, RETRAINING)(STRANGE_REPORT)),
  'journey-strange': page('Journey', shown => journey(shown)(STRANGE_JOURNEY)),
  'retraining-strange': page('Retraining', shown => retraining(shown, DECIDING)(STRANGE_RETRAINING)),
  'card-strange': page('Model card', shown => card(shown, { write: () => done(CARD) })(STRANGE_CARD)),
  drift: page('Drift report', shown => drift(shown, none, RETRAINING)(REPORT)),
  'drift-quiet': page('Drift report', shown => drift(shown, none, RETRAINING)(QUIET)),
  journey: page('Journey', shown => journey(shown)(JOURNEY)),
  retraining: page('Retraining', shown => retraining(shown, DECIDING)(PROMOTED)),
  'retraining-kept': page('Retraining', shown => retraining(shown, DECIDING)(KEPT)),
  'retraining-running': page('Retraining', shown => retraining(shown, DECIDING)(RUNNING)),
  'retraining-failed': page('Retraining', shown => retraining(shown, DECIDING)(FAILED)),
  readiness: page('Readiness', shown => readiness(shown, ASKING)(ASSESSED)),
  card: page('Model card', shown => card(shown, { write: () => done(CARD) })(CARD)),
  policies: page('Policies', shown => policies(shown, POLICIES)(panelPolicies.policies)),
  verbs: page('Verbs', shown =>
    shown.body.append(
      verbs(
        [
          {
            name: 'pin_model',
            summary: 'Store a fitted model as the next immutable version.',
            example: '%pin_model penguins model',
          },
          { name: 'rollback', summary: 'Let an alias name the version before.', example: '%rollback penguins' },
        ],
        shown.signal,
        shown.say
      )
    )
  ),
  'panel-chosen': signal => panel(signal, view => press(view, 'churn', 'v37')),
  'panel-search': signal => panel(signal, view => type(view, 'auc>')),
  'panel-menu': signal => panel(signal, view => press(view, 'penguins', () => more(view))),
  'panel-model': signal => panel(signal, view => press(view, 'late_flights', 'late_flights', 'rides', 'late_flights')),
  'panel-version': signal => panel(signal, view => press(view, 'penguins')),
  'panel-empty': signal => panel(signal, undefined, EMPTY),
  'panel-broken': signal => panel(signal, undefined, BROKEN),
  compare: page('Comparison', shown => replace(shown.body, ...compare(COMPARED, shown.signal))),
  'compare-strange': page('Comparison', shown => replace(shown.body, ...compare(STRANGE_COMPARED, shown.signal))),
};

/** Return the page of a widget with the record that Python wrote, for a view that needs no page of its own. */
function example(name: string): Page {
  return signal => {
    const el = document.createElement('div');
    import(`../src/widgets/${name}.ts`).then(widget => {
      const model = new FakeModel({ record: EXAMPLES[name], live });
      signal.addEventListener('abort', widget.default.render({ model, el }));
    });
    return el;
  };
}

/** Parts of views, and what no view shows. */
const PARTS = ['live', 'moved', 'change'];
const REST = Object.keys(EXAMPLES).filter(
  name => !PARTS.includes(name) && !Object.keys(OWN).some(page => page.startsWith(name))
);

export const PAGES: Readonly<Record<string, Page>> = {
  ...OWN,
  ...Object.fromEntries(REST.map(name => [name, example(name)])),
};

/** Colours and fonts that hosts set, light and dark; without a host the language has its own. */
const HOSTS: Readonly<Record<string, Readonly<Record<'light' | 'dark', Readonly<Record<string, string>>>>>> = {
  jupyter: {
    light: { '--jp-layout-color0': '#fff', '--jp-ui-font-color0': '#000', '--jp-brand-color1': '#1976d2' },
    dark: { '--jp-layout-color0': '#111', '--jp-ui-font-color0': '#fff', '--jp-brand-color1': '#42a5f5' },
  },
  vscode: {
    light: {
      '--vscode-editor-background': '#ffffff',
      '--vscode-editor-foreground': '#3b3b3b',
      '--vscode-textLink-foreground': '#005fb8',
      '--vscode-font-family': 'sans-serif',
    },
    dark: {
      '--vscode-editor-background': '#1f1f1f',
      '--vscode-editor-foreground': '#cccccc',
      '--vscode-textLink-foreground': '#4daafc',
      '--vscode-font-family': 'sans-serif',
    },
  },
  colab: { light: {}, dark: {} },
};

/** Dress the page as a host does: its variables, and the attribute or class that names its theme. */
function dress(root: HTMLElement, host: string, theme: 'light' | 'dark'): void {
  for (const [name, value] of Object.entries(HOSTS[host]?.[theme] ?? {})) root.style.setProperty(name, value);
  if (host === 'colab') root.setAttribute('theme', theme);
  else if (host === 'vscode') root.classList.add(`vscode-${theme}`);
  else root.style.colorScheme = theme;
}

function start(): void {
  const asked = new URLSearchParams(location.search);
  dress(document.documentElement, asked.get('host') ?? '', asked.get('theme') === 'dark' ? 'dark' : 'light');
  document.body.style.cssText = `margin:0;padding:12px;background:${asked.get('theme') === 'dark' ? '#0e0f11' : '#f2f4f6'};font:13px sans-serif`;
  const wanted = asked.get('page');
  for (const [name, build] of Object.entries(PAGES)) {
    if (wanted ? wanted !== name : name.endsWith('-huge')) continue;
    const frame = document.createElement('div');
    frame.style.cssText = `width:${asked.get('width') ?? 1080}px;margin-bottom:24px`;
    frame.dataset['page'] = name;
    frame.append(build(new AbortController().signal));
    document.body.append(frame);
  }
}

start();
