/** The history of one model: what got better, what is named, and what can be done with a version. */

import { button, copyText, iconButton, segmented } from '../components/button';
import { aliasChip, delta, direction, versionChip } from '../components/chip';
import { keepFocus } from '../components/focus';
import { empty, head, key, searchField } from '../components/layout';
import { type MetricColumn, meter, metricColumns, metricOf, multiples, parallel, trend } from '../components/metric';
import { choose, confirm, type Item, moreMenu } from '../components/popover';
import { below, type Column, cell, type Order, table } from '../components/table';
import type { View } from '../components/view';
import { breakable, type Child, h, replace } from '../dom';
import { age, date, exact, fixed, plural, shortIds, size } from '../format';
import {
  deploy as cloud,
  code,
  copy,
  alias as flag,
  journey,
  compare as sides,
  models as stack,
  trash,
  undo,
  promote as up,
} from '../icons.json';
import type { AliasTarget, Comparison, Deleted, Message, Moved, VersionRow, Versions } from '../wire';
import { compare } from './compare';
import { askRollback } from './rollback';

/** What Python does for the view; what is not there is not offered. */
export interface VersionActions {
  promote(version: string, alias: string): Promise<Moved>;
  rollback(alias: string): Promise<Moved>;
  deploy(version: string): Promise<Message>;
  compare(a: string, b: string): Promise<Comparison>;
  delete(version: string): Promise<Deleted>;
  restore(place: string): Promise<Message>;
  /** Whether a deployment is code for the user to run: then nothing has to be asked. */
  readonly deploysByCode?: boolean;
  readonly journey?: () => void;
}

const EASY = 6; // versions that have a picture for each metric, and the difference to the champion
const USUAL = ['champion', 'challenger'];

interface State {
  filter: string;
  metric: string | null;
  picture: 'trend' | 'parallel';
  readonly chosen: Set<string>;
  readonly order: { current: Order | null };
}

/** Everything that the parts of the view share. */
interface Shared {
  readonly view: View;
  readonly record: Versions;
  readonly columns: readonly MetricColumn[];
  readonly champion: VersionRow | undefined;
  readonly short: (id: string) => string;
  readonly easy: boolean;
  readonly actions: VersionActions | null;
  readonly state: State;
  readonly redraw: () => void;
  readonly showCompared: (record: Comparison) => void;
}

/** Return what shows a record; what was searched, sorted, ticked and scrolled stays when the board changes. */
export function versions(view: View, actions: VersionActions | null): (record: Versions) => void {
  const state: State = { filter: '', metric: null, picture: 'trend', chosen: new Set(), order: { current: null } };
  const [top, tools, course, list, chosen, details] = [
    h('div'),
    h('div'),
    h('div'),
    h('div'),
    h('div'),
    h('div', { tabindex: '-1' }),
  ];
  replace(view.body, top, tools, course, list, chosen, details);
  const showCompared = (record: Comparison): void => {
    replace(
      details,
      h('section', { class: 'mlops-part', 'aria-label': 'Comparison' }, ...compare(record, view.signal))
    );
    details.focus({ preventScroll: true });
    details.scrollIntoView?.({ block: 'nearest' });
  };
  return record => {
    const shared: Shared = {
      view,
      record,
      columns: metricColumns(record.metrics, record.versions),
      champion: record.versions.find(row => row.aliases.includes('champion')),
      short: shortIds(record.versions.map(row => row.version)),
      easy: record.versions.length <= EASY,
      actions,
      state,
      redraw: () => show(),
      showCompared,
    };
    for (const version of state.chosen)
      if (record.versions.every(row => row.version !== version)) state.chosen.delete(version);
    const show = (): void => {
      keepFocus(list, () => replace(list, drawTable(shared)));
      replace(chosen, chosenBar(shared));
    };
    replace(top, header(shared));
    const tool = toolbar(shared, () => replace(course, picture(shared)), show);
    keepFocus(tools, () => replace(tools, tool));
    replace(course, picture(shared));
    show();
    if (!record.versions[0])
      replace(list, empty(stack, 'No version yet', `\`%pin_model ${record.name} MODEL --data X\` makes one.`));
  };
}

function header(shared: Shared): HTMLElement {
  const { record, view, actions } = shared;
  const newest = record.versions[0];
  const about = [
    plural(record.versions.length, 'version'),
    ` on `,
    h('span', { title: record.board }, record.label),
    newest && `, newest ${age(newest.created)}`,
  ];
  const targets = actions ? record.aliases : [];
  const back = targets.length > 0 && rollbackButton(shared, targets);
  const open = actions?.journey;
  const way = open && button('Journey', { signal: view.signal, mark: journey, press: open });
  return head([h('h2', {}, ...breakable(record.name))], h('span', {}, ...about), back || null, way);
}

/** Say from which version to which an alias goes back, before it does. */
function rollbackButton(shared: Shared, targets: readonly AliasTarget[]): HTMLElement {
  const { signal } = shared.view;
  const made = button('Roll back…', { signal, mark: undo, kind: 'is-quiet', press: () => void press() });
  const press = async (): Promise<void> => {
    const alias = await askRollback(made, targets, signal);
    if (alias !== null) moved(shared, actionsOf(shared).rollback(alias));
  };
  return made;
}

function actionsOf({ actions }: Shared): VersionActions {
  if (actions === null) throw new Error('Nothing can be done here.');
  return actions;
}

/** Say what moved, and offer to take it back: a promotion by a rollback, a rollback by a promotion. */
function moved(shared: Shared, work: Promise<Moved>): void {
  const { view } = shared;
  work.then(done => {
    const { previous } = done;
    const actions = actionsOf(shared);
    const back =
      done.event === 'rollback'
        ? previous && (() => moved(shared, actions.promote(previous, done.alias)))
        : () => moved(shared, actions.rollback(done.alias));
    view.say(done.message, back || null);
  }, view.complain);
}

function promoteToChampion(row: VersionRow, shared: Shared): void {
  moved(shared, actionsOf(shared).promote(row.version, 'champion'));
}

function toolbar(shared: Shared, redrawPicture: () => void, redrawTable: () => void): HTMLElement | null {
  const { record, view, state, easy, columns } = shared;
  if (easy) return null;
  const search = (words: string): void => {
    state.filter = words;
    redrawTable();
  };
  const field = searchField('Search versions', 'Search versions', view.signal, search, state.filter);
  const choose = (name: string): void => {
    state.metric = name;
    redrawPicture();
  };
  const metric = chosenMetric(shared);
  const which = metric && columns.length > 1 ? metricChoice(columns, metric, view.signal, choose) : null;
  const picture = (value: 'trend' | 'parallel'): void => {
    state.picture = value;
    redrawPicture();
  };
  const kinds = [
    ['trend', 'Trend'],
    ['parallel', 'Parallel'],
  ] as const;
  const how =
    columns.length > 1 && record.versions.length > 1
      ? segmented('Picture', kinds, state.picture, view.signal, picture)
      : null;
  return h('div', { class: 'mlops-line mlops-tools' }, field, which, h('span', { class: 'mlops-end' }), how);
}

function metricChoice(
  columns: readonly MetricColumn[],
  metric: MetricColumn,
  signal: AbortSignal,
  choose: (name: string) => void
): HTMLElement {
  const options = columns.map(({ name }) => [name, name] as const);
  if (options.length <= 4 && options.every(([name]) => name.length <= 12))
    return segmented('Metric', options, metric.name, signal, choose);
  const select = h(
    'select',
    { class: 'mlops-input mlops-narrow', 'aria-label': 'Metric', signal, on: { change: () => choose(select.value) } },
    ...options.map(([name]) => h('option', { value: name, selected: name === metric.name }, name))
  );
  return select;
}

function chosenMetric({ columns, state }: Shared): MetricColumn | null {
  return columns.find(({ name }) => name === state.metric) ?? columns[0] ?? null;
}

function picture(shared: Shared): HTMLElement | null {
  const { record, columns, easy, state } = shared;
  const metric = chosenMetric(shared);
  if (metric === null || record.versions.length === 0) return null;
  if (easy)
    return record.versions.length > 1
      ? multiples(columns.slice(0, EASY), record.versions, row => `v${row.number}`)
      : null;
  if (state.picture === 'parallel' && columns.length > 1) {
    const named = [
      [shared.champion, 1, 'champion'],
      [record.versions.find(row => row.aliases.includes('challenger')), 2, 'challenger'],
    ] as const;
    const known = named.flatMap(([row, hue, name]) => (row ? [{ row, hue, name }] : []));
    const swatches = known.map(
      ({ hue, name }) => [h('i', { class: 'mlops-swatch', style: `background:var(--m-v${hue})` }), name] as const
    );
    return h(
      'div',
      {},
      h('div', { class: 'mlops-axes' }, parallel(columns.slice(0, 8), record.versions, known)),
      key(...swatches, [null, 'better is up on every axis'])
    );
  }
  const way =
    metric.better === 0 ? '' : `${metric.better > 0 ? 'higher' : 'lower'} is better; the grey line is the best so far`;
  return h(
    'div',
    { class: 'mlops-trend' },
    trend(metric, record.versions, row => date(row.created)),
    h('small', {}, way)
  );
}

function drawTable(shared: Shared): HTMLElement {
  const { record, columns, state, easy, view, actions } = shared;
  const rows = state.filter ? record.versions.filter(row => matches(row, state.filter.toLowerCase())) : record.versions;
  const metric = (each: MetricColumn): Column<VersionRow> => ({
    head: h('span', {}, each.name, ' ', direction(each.better)),
    name: each.name,
    sort: row => metricOf(row, each),
    down: each.better >= 0,
    kind: 'mlops-num',
  });
  const heads: Column<VersionRow>[] = [
    ...(actions ? [{ head: '' }] : []),
    { head: 'Version', name: 'version', sort: row => row.number || row.created, down: true },
    { head: 'Description', kind: 'mlops-roomy' },
    { head: 'Aliases' },
    ...columns.map(metric),
    { head: 'By', name: 'author', sort: row => row.author, kind: 'mlops-roomy' },
    { head: '' },
  ];
  const caption =
    rows.length === record.versions.length
      ? `Versions of ${record.name}, newest first`
      : `${rows.length} of ${plural(record.versions.length, 'version')} of ${record.name}`;
  return table(
    {
      caption,
      columns: heads,
      rows,
      kind: `mlops-versions${easy ? ' is-easy' : ''}`,
      signal: view.signal,
      draw: row => drawRow(row, shared),
    },
    state.order
  );
}

function drawRow(row: VersionRow, shared: Shared): HTMLTableRowElement {
  const { columns, actions, state, view, short } = shared;
  const name = `v${row.number}`;
  const made: HTMLTableRowElement = h('tr', {
    role: 'row',
    'aria-selected': state.chosen.has(row.version) ? 'true' : null,
  });
  const choose = (on: boolean): void => {
    if (on) state.chosen.add(row.version);
    else state.chosen.delete(row.version);
    if (on) made.setAttribute('aria-selected', 'true');
    else made.removeAttribute('aria-selected');
    shared.redraw();
  };
  const tick = h('input', {
    type: 'checkbox',
    'aria-label': `Compare ${name}`,
    checked: state.chosen.has(row.version),
    signal: view.signal,
    on: { change: event => choose((event.target as HTMLInputElement).checked) },
  });
  const facts = [row.format, size(row.size), row.trusted ? '' : 'needs trust to load', ...row.tags]
    .filter(Boolean)
    .join(', ');
  made.append(
    ...(actions ? [cell('', tick)] : []),
    cell('', versionChip(row, short(row.version))),
    h(
      'td',
      {
        role: 'cell',
        class: 'mlops-about mlops-roomy is-below',
        dir: 'auto',
        title: [row.description, facts].filter(Boolean).join('\n'),
      },
      row.description ?? h('small', {}, facts)
    ),
    cell('', ...row.aliases.flatMap((each, place) => (place ? [' ', aliasChip(each)] : [aliasChip(each)]))),
    ...columns.map(metric => metricCell(row, metric, shared)),
    cell('mlops-roomy', row.author),
    cell('mlops-acts', ...rowActions(row, shared))
  );
  return made;
}

function metricCell(row: VersionRow, metric: MetricColumn, { easy, champion }: Shared): HTMLTableCellElement {
  const value = metricOf(row, metric);
  const best = row.version === metric.best;
  const kind = ['mlops-num', best && 'mlops-best', !easy && value !== null && 'mlops-meter'].filter(Boolean).join(' ');
  const made = below(
    metric.name,
    kind,
    fixed(value, metric.digits),
    easy && value !== null ? against(row, value, metric, champion) : null
  );
  if (best) made.title = 'best of all versions';
  if (!easy && value !== null) made.style.setProperty('--x', String(Math.round(100 * meter(value, metric))));
  return made;
}

/** Return the difference to the champion. */
function against(row: VersionRow, value: number, metric: MetricColumn, champion: VersionRow | undefined): Child {
  const base = champion && metricOf(champion, metric);
  if (base === null || base === undefined) return null;
  return h('small', {}, row === champion ? 'champion' : delta(value - base, metric.digits, metric.better));
}

function rowActions(row: VersionRow, shared: Shared): HTMLElement[] {
  const { actions, view } = shared;
  const { signal } = view;
  const name = `v${row.number}`;
  if (actions === null) return [moreMenu(name, () => copyItems(row, shared), signal)];
  const promote = iconButton(up, `Promote ${name} to champion`, {
    signal,
    kind: 'is-small',
    press: () => promoteToChampion(row, shared),
  });
  const deploy: HTMLButtonElement = iconButton(
    cloud,
    actions.deploysByCode ? `Insert code that deploys ${name}` : `Deploy ${name}`,
    { signal, kind: 'is-small', press: () => deployed(row, deploy, shared) }
  );
  return [
    ...(row.aliases.includes('champion') ? [] : [promote]),
    deploy,
    moreMenu(name, anchor => items(row, anchor, shared), signal),
  ];
}

function items(row: VersionRow, anchor: HTMLElement, shared: Shared): (Item | null)[] {
  const { view, record, champion } = shared;
  const actions = actionsOf(shared);
  const known = [...new Set([...USUAL, ...record.versions.flatMap(each => each.aliases)])].filter(
    each => !row.aliases.includes(each)
  );
  const isChampion = row === champion;
  return [
    ...(isChampion
      ? []
      : [
          {
            label: 'Promote to champion',
            mark: up,
            press: () => promoteToChampion(row, shared),
          },
        ]),
    {
      label: 'Promote to another alias…',
      mark: flag,
      press: () =>
        void choose(anchor, `Which alias names v${row.number}?`, known, 'Promote', view.signal, true).then(
          alias => alias && moved(shared, actions.promote(row.version, alias))
        ),
    },
    {
      label: actions.deploysByCode ? 'Insert code: deploy' : 'Deploy…',
      mark: cloud,
      press: () => deployed(row, anchor, shared),
    },
    null,
    ...(champion && !isChampion
      ? [{ label: 'Compare with champion', mark: sides, press: () => compared(shared, champion.version, row.version) }]
      : []),
    ...copyItems(row, shared),
    null,
    {
      label: 'Move to trash',
      mark: trash,
      danger: true,
      press: () =>
        void actions
          .delete(row.version)
          .then(
            done =>
              view.say(
                done.message,
                () => void actions.restore(done.place).then(back => view.say(back.message), view.complain)
              ),
            view.complain
          ),
    },
  ];
}

function copyItems(row: VersionRow, { record, view }: Shared): Item[] {
  const ref = `${record.name}@${row.version}`;
  const put = (content: string): void => void copyText(content).then(() => view.say('Copied.'), view.complain);
  return [
    { label: 'Copy reference', mark: copy, press: () => put(ref) },
    { label: 'Copy code to load', mark: code, press: () => put(`session.load(${JSON.stringify(ref)})`) },
  ];
}

function deployed(row: VersionRow, anchor: HTMLElement, shared: Shared): void {
  const { view, record } = shared;
  const actions = actionsOf(shared);
  const run = (): void => {
    if (!actions.deploysByCode) view.wait(`Starting the endpoint of ${record.name} with v${row.number} …`);
    void actions.deploy(row.version).then(done => view.say(done.message), view.complain);
  };
  if (actions.deploysByCode) return run();
  void confirm(
    anchor,
    `Deploy v${row.number}?`,
    `It answers at a URL on this machine. An endpoint of ${record.name} that runs answers with it from then on.`,
    'Deploy',
    view.signal
  ).then(sure => sure && run());
}

function compared(shared: Shared, a: string, b: string): void {
  void actionsOf(shared)
    .compare(a, b)
    .then(record => {
      shared.view.wait('');
      shared.showCompared(record);
    }, shared.view.complain);
}

/** Return the bar about the ticked versions; *Compare* is the next step once there are two. */
function chosenBar(shared: Shared): HTMLElement | null {
  const { record, state, view, short } = shared;
  const rows = record.versions.filter(row => state.chosen.has(row.version)).reverse();
  if (rows.length === 0) return null;
  const clear = button('Clear', {
    signal: view.signal,
    kind: 'is-quiet',
    press: () => (state.chosen.clear(), shared.redraw()),
  });
  const go = button('Compare', {
    signal: view.signal,
    kind: 'is-primary',
    mark: sides,
    press: () => compared(shared, rows[0]?.version ?? '', rows[1]?.version ?? ''),
    attributes: { disabled: rows.length !== 2 },
  });
  const named = rows
    .slice(0, 3)
    .flatMap((row, place) => [
      place ? h('span', { class: 'mlops-2' }, 'with') : null,
      versionChip(row, short(row.version)),
    ]);
  const hint =
    rows.length === 2
      ? null
      : h('span', { class: 'mlops-2' }, rows.length === 1 ? 'choose another one to compare' : 'two can be compared');
  return h(
    'div',
    { class: 'mlops-chosen', role: 'status' },
    h('span', {}, h('b', {}, String(rows.length)), ' chosen'),
    ...named,
    hint,
    h('span', { class: 'mlops-end' }),
    clear,
    go
  );
}

function matches(row: VersionRow, filter: string): boolean {
  return [
    `v${row.number}`,
    row.version,
    row.description,
    row.author,
    row.format,
    exact(row.created),
    ...row.aliases,
    ...row.tags,
  ].some(word => word?.toLowerCase().includes(filter));
}
