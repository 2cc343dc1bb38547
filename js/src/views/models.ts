/** The models of a board: what is there, what serves, what drifts. */

import { copyText, segmented } from '../components/button';
import { state, versionChip } from '../components/chip';
import { codeBlock } from '../components/code';
import { keepFocus } from '../components/focus';
import { icon, type Shape } from '../components/icon';
import { empty, head, note, searchField } from '../components/layout';
import { spark } from '../components/picture';
import { type Item, moreMenu } from '../components/popover';
import { below, type Column, cell, type Order, table } from '../components/table';
import type { View } from '../components/view';
import { breakable, h, replace } from '../dom';
import { age, count, decimals, exact, fixed, plural } from '../format';
import {
  copy,
  champion as crown,
  drift as curves,
  journey as lanes,
  shield,
  models as stack,
  insert as terminal,
  version,
  endpoint as waves,
} from '../icons.json';
import type { ModelRow, Models, VerdictRow } from '../wire';

const FIRST_PIN = '%%pin_model penguins --test X_test y_test\nmodel = RandomForestClassifier().fit(X, y)';

/** What can be opened of a model. */
export type Opened = 'versions' | 'drift' | 'endpoint' | 'journey';

export interface ModelActions {
  /** Show something of a model. */
  readonly open: (what: Opened, name: string) => void;
  /** Put the lines of a magic about a model where the reader works; return what became of them, in words. */
  readonly insert: (magic: string, name: string) => Promise<string>;
  /** Whether there is room for a journey. */
  readonly hasJourney?: boolean;
}

export const isDrifted = (row: ModelRow): boolean => (row.verdict?.drifted.length ?? 0) > 0;
const SHOWN: Readonly<Record<string, (row: ModelRow) => boolean>> = {
  All: () => true,
  Serving: row => row.endpoint?.state === 'running',
  Drifted: isDrifted,
};

/** Return what shows a record. */
export function models(view: View, actions: ModelActions): (record: Models) => void {
  const state = { filter: '', shown: 'All', order: { current: null as Order | null } };
  const [top, tools, list] = [h('div'), h('div'), h('div')];
  replace(view.body, top, tools, list);
  return record => {
    const draw = (): void => {
      const rows = record.models.filter(row => SHOWN[state.shown]?.(row) && matches(row, state.filter.toLowerCase()));
      keepFocus(list, () =>
        replace(
          list,
          record.models.length === 0 ? nothing(view, record.query) : listed(rows, record, view, actions, state.order)
        )
      );
    };
    const about = h(
      'span',
      {},
      record.models.length > 0 ? `${plural(record.models.length, 'model')} on ` : 'on ',
      h('span', { class: 'mlops-mono', title: record.board }, record.label),
      record.query && `: ${record.query}`
    );
    replace(top, head([h('h2', {}, 'Models')], about), record.trusted ? null : untrusted(record));
    const searched = (words: string): void => {
      state.filter = words;
      draw();
    };
    const search = searchField('Search models', 'Search models', view.signal, searched, state.filter);
    const kinds = Object.entries(SHOWN).map(
      ([kind, is]) => [kind, `${kind} ${count(record.models.filter(is).length)}`] as const
    );
    const choose = segmented('Show', kinds, state.shown, view.signal, value => {
      state.shown = value;
      draw();
    });
    const line = record.models.length > 0 && h('div', { class: 'mlops-line mlops-tools' }, search, choose);
    keepFocus(tools, () => replace(tools, line));
    draw();
  };
}

function nothing(view: View, query: string): HTMLElement {
  if (query) return empty(stack, `No model fits ${query}`, '%models lists all.');
  const sentence = 'Fit a model in a cell, and put this line on top. The cell becomes its first version.';
  return empty(
    stack,
    'Nothing pinned yet',
    sentence,
    codeBlock(FIRST_PIN, 'The first pin', view.signal, view.complain)
  );
}

function untrusted({ board }: Models): HTMLElement {
  const words = [
    h('b', {}, 'This board is not trusted yet.'),
    ' Another user made it: only files that cannot run code are loaded. To trust it: ',
    h('code', {}, `%board ${board} --trust`),
  ];
  return note('info', words, { mark: shield });
}

function matches(row: ModelRow, filter: string): boolean {
  return [row.name, row.description, row.version, ...Object.keys(row.alias_map)].some(word =>
    word?.toLowerCase().includes(filter)
  );
}

function listed(
  rows: readonly ModelRow[],
  record: Models,
  view: View,
  actions: ModelActions,
  order: { current: Order | null }
): HTMLElement {
  const columns: Column<ModelRow>[] = [
    { head: 'Model', name: 'name', sort: row => row.name },
    { head: 'Champion', name: "champion's age", sort: row => row.champion?.created ?? null, down: true },
    { head: 'Metric over versions' },
    { head: 'Endpoint', name: 'endpoint', sort: row => row.endpoint?.state ?? null },
    { head: 'Drift', name: 'drift', sort: row => row.verdict?.drifted.length ?? null, down: true },
    {
      head: 'Versions',
      name: 'number of versions',
      sort: row => row.versions,
      down: true,
      kind: 'mlops-num mlops-roomy',
    },
    { head: 'Changed', name: 'last change', sort: row => row.created, down: true, kind: 'mlops-num mlops-roomy' },
    { head: '' },
  ];
  const caption =
    rows.length === record.models.length
      ? `${plural(rows.length, 'model')}, the one that changed last first`
      : `${count(rows.length)} of ${plural(record.models.length, 'model')}`;
  return table(
    { caption, columns, rows, kind: 'mlops-models', signal: view.signal, draw: row => drawRow(row, view, actions) },
    order
  );
}

function drawRow(row: ModelRow, view: View, actions: ModelActions): HTMLTableRowElement {
  const name = h(
    'button',
    {
      type: 'button',
      class: 'mlops-name',
      signal: view.signal,
      on: { click: () => actions.open('versions', row.name) },
    },
    ...breakable(row.name)
  );
  const menu = moreMenu(row.name, () => items(row, view, actions), view.signal);
  return h(
    'tr',
    { role: 'row' },
    h(
      'td',
      { role: 'cell', class: 'mlops-about' },
      name,
      row.description && h('small', { class: 'mlops-wide', dir: 'auto', title: row.description }, row.description)
    ),
    below('', '', champion(row)),
    below('', '', metric(row)),
    below('', '', ...serving(row)),
    below('', '', ...drift(row.verdict)),
    cell('mlops-num mlops-roomy', count(row.versions)),
    cell(
      'mlops-num mlops-roomy mlops-2',
      h('span', { title: exact(row.created), 'data-age': row.created }, age(row.created))
    ),
    cell('mlops-acts', menu)
  );
}

/** Return what can be done with a model; what it does not have is not offered. */
function items({ name, verdict, endpoint }: ModelRow, view: View, actions: ModelActions): (Item | null)[] {
  const opened = (label: string, mark: Shape, what: Opened): Item => ({
    label,
    mark,
    press: () => actions.open(what, name),
  });
  const told = (label: string, mark: Shape, work: () => Promise<string>): Item => ({
    label,
    mark,
    press: () => void work().then(view.say, view.complain),
  });
  const inserted = (verb: string): Item =>
    told(`Insert code: ${verb}`, terminal, () => actions.insert(`%${verb}`, name));
  return [
    opened('Versions', version, 'versions'),
    ...(verdict ? [opened('Drift report', curves, 'drift')] : []),
    ...(endpoint ? [opened('Open endpoint', waves, 'endpoint')] : []),
    ...(actions.hasJourney ? [opened('Journey', lanes, 'journey')] : []),
    null,
    told('Copy reference', copy, async () => (await copyText(name), `Copied: ${name}`)),
    ...['deploy', 'monitor'].map(inserted),
  ];
}

function champion({ champion: found }: ModelRow): HTMLElement {
  if (found === null) return h('small', {}, 'no champion yet');
  return h(
    'span',
    { class: 'mlops-line mlops-tight' },
    h('span', { class: 'mlops-crown' }, icon(crown, { size: 12, label: 'champion' })),
    versionChip(found)
  );
}

function metric({ metric: found }: ModelRow): HTMLElement {
  if (found === null) return h('small', { class: 'mlops-none' }, '–');
  const known = found.course.filter(value => value !== null);
  const picture =
    known.length > 1
      ? spark(found.course, `${found.name} over ${found.course.length} versions`, { area: false })
      : null;
  return h(
    'span',
    { class: 'mlops-course' },
    h('span', {}, fixed(found.value, decimals([found.value])), ' ', h('small', {}, ...breakable(found.name))),
    picture
  );
}

function serving({ endpoint }: ModelRow): HTMLElement[] {
  return endpoint === null ? [h('small', { class: 'mlops-none' }, '–')] : [state(endpoint.state)];
}

function drift(verdict: VerdictRow | null): HTMLElement[] {
  if (verdict === null) return [state('unchecked')];
  const of =
    verdict.features > 0
      ? `${count(verdict.drifted.length)} of ${plural(verdict.features, 'feature')}`
      : plural(verdict.drifted.length, 'feature');
  const words =
    verdict.drifted.length > 0
      ? of
      : verdict.features > 0
        ? plural(verdict.features, 'feature')
        : plural(verdict.rows, 'row');
  return [
    state(verdict.drifted.length > 0 ? 'drifted' : 'stable'),
    h(
      'small',
      { title: verdict.verdict },
      `${words}, `,
      h('span', { 'data-age': verdict.created }, age(verdict.created))
    ),
  ];
}
