/** The version history of one model: a timeline, a table to filter, and what can be done with a version. */

import { type Child, h, replace } from '../dom';
import { age, metrics, size } from '../format';
import type { Comparison, Message, Moved, VersionRow, Versions } from '../wire';
import { compare } from './compare';
import { button, confirmButton, copyButton, type Frame } from './frame';
import { scrollingTable, tableRow } from './rows';
import { timeline } from './timeline';

export interface Actions {
  promote(version: string, alias: string): Promise<Moved>;
  rollback(alias?: string): Promise<Moved>;
  deploy(version: string): Promise<Message>;
  /** Whether a deployment is code for the user to run: then nothing is asked, and nothing is there to stop. */
  readonly deploysByCode?: boolean;
  stop(): Promise<Message>;
  compare(a: string, b: string): Promise<Comparison>;
}

const COLUMNS = [
  'compare',
  'version',
  'aliases',
  'metrics',
  'age',
  'actions',
  'description',
  'format',
  'size',
  'author',
];
const USUAL_ALIASES = ['champion', 'challenger'];

/** Return what shows a record in the frame; what was filtered, ticked and scrolled stays when the board changes. `actions` is null where nothing can be asked of Python. */
export function versions(view: Frame, signal: AbortSignal, actions: Actions | null): (record: Versions) => void {
  const state = { filter: '', metric: null as string | null, chosen: new Set<string>() };
  const [head, course, list, details] = [h('div'), h('div'), h('div'), h('div')];
  const does = actions && buttons(view, signal, actions, details);
  const both = button('Compare', signal, () => does?.compare(ordered(record, state.chosen)), { disabled: true });
  const choose = (version: string, on: boolean): void => {
    if (on) state.chosen.add(version);
    else state.chosen.delete(version);
    both.disabled = state.chosen.size !== 2;
  };
  const draw = (): void => {
    const found = record.versions.filter(row => matches(row, state.filter));
    const caption = `${found.length} of ${record.versions.length} versions of ${record.name}, newest first`;
    const aliases = [...new Set([...USUAL_ALIASES, ...record.versions.flatMap(row => row.aliases)])];
    const line = (row: VersionRow): HTMLElement =>
      tableRow(cells(row, record.name, view, signal, does, aliases, state.chosen, choose));
    redraw(list, () => scrollingTable(caption, COLUMNS, found, signal, line));
  };
  const search = (event: Event): void => {
    state.filter = (event.target as HTMLInputElement).value.toLowerCase();
    draw();
  };
  const filter = h('input', {
    type: 'search',
    'aria-label': 'Filter versions',
    placeholder: 'Filter',
    signal,
    on: { input: search },
  });
  const back =
    does &&
    confirmButton('Roll back', 'Take the last move of an alias back?', 'Yes, roll back', signal, () => does.rollback());
  let record: Versions = { name: '', board: '', versions: [] };
  replace(view.body, head, course, h('div', { class: 'mlops-row' }, filter, does ? both : null, back), list, details);
  return shown => {
    record = shown;
    const count = `${record.versions.length} version${record.versions.length === 1 ? '' : 's'} on ${record.board}`;
    replace(head, h('h3', {}, record.name), h('div', { class: 'mlops-muted' }, count));
    replace(
      course,
      timeline(record.name, record.versions, state.metric, signal, metric => (state.metric = metric))
    );
    draw();
  };
}

interface Buttons {
  readonly deploysByCode: boolean;
  promote(version: string, alias: string): void;
  rollback(alias?: string): void;
  deploy(version: string): void;
  compare(both: readonly string[]): void;
}

/** Return what the buttons do: ask Python, say what came of it, and offer to take it back. */
function buttons(view: Frame, signal: AbortSignal, actions: Actions, details: HTMLElement): Buttons {
  const attempt = <T extends Message>(work: Promise<T>, undo: (done: T) => HTMLElement | null): void => {
    work.then(done => view.say(done.message, undo(done)), view.complain);
  };
  const rollback = (alias?: string): void => attempt(actions.rollback(alias), takeBack);
  const takeBack = (moved: Moved): HTMLElement => button('Undo', signal, () => rollback(moved.alias));
  const end = (): void => attempt(actions.stop(), () => null);
  const deploysByCode = actions.deploysByCode ?? false;
  return {
    deploysByCode,
    promote: (version, alias) => attempt(actions.promote(version, alias), takeBack),
    rollback,
    deploy: version => attempt(actions.deploy(version), () => (deploysByCode ? null : button('Stop it', signal, end))),
    compare: ([older = '', newer = '']) => {
      actions.compare(older, newer).then(found => (view.say(''), replace(details, compare(found))), view.complain);
    },
  };
}

function cells(
  row: VersionRow,
  name: string,
  view: Frame,
  signal: AbortSignal,
  does: Buttons | null,
  aliases: readonly string[],
  chosen: ReadonlySet<string>,
  choose: (version: string, on: boolean) => void
): (HTMLElement | string | null)[] {
  const tick = h('input', {
    type: 'checkbox',
    'aria-label': `Compare ${row.version}`,
    checked: chosen.has(row.version),
    signal,
    on: { change: event => choose(row.version, (event.target as HTMLInputElement).checked) },
  });
  const code = copyButton('Copy code', signal, view, () => `session.load(${JSON.stringify(`${name}@${row.version}`)})`);
  return [
    does ? tick : null,
    row.version,
    h('span', {}, ...row.aliases.map(alias => h('span', { class: 'mlops-badge' }, alias))),
    metrics(row.metrics),
    age(row.created),
    h('span', { class: 'mlops-row' }, ...(does ? actions(row, name, does, aliases, signal) : []), code),
    row.description,
    `${row.format} (${row.trusted ? 'loads' : 'needs trust'})`,
    size(row.size),
    row.author,
  ];
}

function actions(
  row: VersionRow,
  name: string,
  does: Buttons,
  aliases: readonly string[],
  signal: AbortSignal
): HTMLElement[] {
  let alias: HTMLSelectElement | null = null; // made when it is asked for: a row comes into sight many times a second
  const which = (): Child[] => {
    alias = h(
      'select',
      { 'aria-label': `Alias for ${row.version}` },
      ...aliases.map(each => h('option', { value: each }, each))
    );
    return ['Make it ', alias, '?'];
  };
  const promote = confirmButton('Promote', which, 'Yes, promote', signal, () =>
    does.promote(row.version, alias?.value ?? 'champion')
  );
  const act = (): void => does.deploy(row.version);
  const deploy = does.deploysByCode
    ? button('Insert code: deploy', signal, act)
    : confirmButton('Deploy', `An endpoint of ${name} that runs is replaced.`, 'Yes, deploy', signal, act);
  return [promote, deploy];
}

/** Return the two versions, the older one first. */
function ordered(record: Versions, chosen: ReadonlySet<string>): string[] {
  return record.versions
    .filter(row => chosen.has(row.version))
    .map(row => row.version)
    .reverse();
}

/** Draw a table in place of another one, scrolled as that was, with the keyboard on the same control. */
function redraw(list: HTMLElement, make: () => HTMLElement): void {
  const [scrolled, focused] = [list.querySelector('.mlops-scroll')?.scrollTop ?? 0, document.activeElement];
  const controls = (): Element[] => [...list.querySelectorAll('button, input, select')];
  const held = focused && list.contains(focused) ? controls().indexOf(focused) : -1;
  const table = make();
  replace(list, table);
  if (scrolled) table.scrollTop = scrolled;
  (controls()[held] as HTMLElement | undefined)?.focus({ preventScroll: true });
}

function matches(row: VersionRow, filter: string): boolean {
  return [row.version, row.description, row.author, row.format, ...row.aliases, ...row.tags].some(word =>
    word?.toLowerCase().includes(filter)
  );
}
