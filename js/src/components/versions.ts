/** The version history of one model: metrics over time, a table to filter, and what can be done with a version. */

import { h, replace } from '../dom';
import { age, metrics, size } from '../format';
import type { Comparison, VersionRow, Versions } from '../wire';
import { compare } from './compare';
import { button, confirmButton, copyButton, type Frame } from './frame';
import { scrollingTable, tableRow } from './rows';
import { spark } from './spark';

export interface Deeds {
  promote(version: string, alias: string): Promise<void>;
  rollback(): Promise<void>;
  deploy(version: string): Promise<string>;
  compare(a: string, b: string): Promise<Comparison>;
}

const COLUMNS = ['compare', 'version', 'aliases', 'metrics', 'age', 'actions', 'description', 'format', 'size', 'author'];

/** Fill the frame's body; `deeds` is null where nothing can be asked of Python. */
export function versions(record: Versions, view: Frame, signal: AbortSignal, deeds: Deeds | null): void {
  const chosen = new Set<string>();
  const details = h('div');
  const list = h('div');
  const both = button('Compare', signal, () => void showDifference(), { disabled: true });
  const attempt = (work: () => Promise<string | void>): void => {
    work().then(words => words && view.say(words), view.complain);
  };
  const showDifference = async (): Promise<void> => {
    const [newer, older] = record.versions.filter(row => chosen.has(row.version)).map(row => row.version);
    if (deeds && newer && older) attempt(async () => replace(details, compare(await deeds.compare(older, newer))));
  };
  const choose = (version: string, on: boolean): void => {
    if (on) chosen.add(version);
    else chosen.delete(version);
    both.disabled = chosen.size !== 2;
  };
  const draw = (filter: string): void => {
    const found = record.versions.filter(row => matches(row, filter.toLowerCase()));
    const caption = `${found.length} of ${record.versions.length} versions of ${record.name}, newest first`;
    replace(list, scrollingTable(caption, COLUMNS, found, signal, row => line(row, record.name, view, signal, deeds, attempt, choose, chosen)));
  };
  const filter = h('input', { type: 'search', 'aria-label': 'Filter versions', placeholder: 'Filter', signal, on: { input: event => draw((event.target as HTMLInputElement).value) } });
  replace(
    view.body,
    h('h3', {}, record.name),
    h('div', { class: 'mlops-muted' }, `${record.versions.length} versions on ${record.board}`),
    trend(record, signal),
    h('div', { class: 'mlops-row' }, filter, deeds ? both : null, deeds ? button('Roll back', signal, () => attempt(deeds.rollback), { title: 'Take the last move of an alias back' }) : null),
    list,
    details
  );
  draw('');
}

function line(
  row: VersionRow, name: string, view: Frame, signal: AbortSignal, deeds: Deeds | null,
  attempt: (work: () => Promise<string | void>) => void, choose: (version: string, on: boolean) => void, chosen: ReadonlySet<string>
): HTMLElement {
  const tick = h('input', {
    type: 'checkbox', 'aria-label': `Compare ${row.version}`, checked: chosen.has(row.version), signal,
    on: { change: event => choose(row.version, (event.target as HTMLInputElement).checked) },
  });
  const cells = [
    tick,
    row.version,
    h('span', {}, ...row.aliases.map(alias => h('span', { class: 'mlops-badge' }, alias))),
    metrics(row.metrics),
    age(row.created),
    h('span', { class: 'mlops-row' }, ...(deeds ? actions(row, deeds, signal, attempt) : []), copyButton('Copy code', signal, view, () => `session.load(${JSON.stringify(`${name}@${row.version}`)})`)),
    row.description,
    `${row.format} (${row.trusted ? 'loads' : 'needs trust'})`,
    size(row.size),
    row.author,
  ];
  return tableRow(cells);
}

function actions(row: VersionRow, deeds: Deeds, signal: AbortSignal, attempt: (work: () => Promise<string | void>) => void): HTMLElement[] {
  const promote = (): void =>
    attempt(async () => {
      await deeds.promote(row.version, 'champion');
      return `champion is now ${row.version}. “Roll back” takes it back.`;
    });
  return [
    confirmButton('Promote', 'Make it champion?', 'Yes, promote', signal, promote),
    button('Deploy', signal, () => attempt(async () => deeds.deploy(row.version))),
  ];
}

function matches(row: VersionRow, filter: string): boolean {
  return [row.version, row.description, row.author, row.format, ...row.aliases, ...row.tags].some(word => word?.toLowerCase().includes(filter));
}

function trend(record: Versions, signal: AbortSignal): HTMLElement | null {
  const names = [...new Set(record.versions.flatMap(row => Object.keys(row.metrics)))];
  if (names.length === 0) return null;
  const place = h('span');
  const show = (name: string): void => replace(place, spark(name, record.versions.map(row => row.metrics[name] ?? null).reverse()));
  const choice = h(
    'select',
    { 'aria-label': 'Metric over time', signal, on: { change: event => show((event.target as HTMLSelectElement).value) } },
    ...names.map(name => h('option', { value: name }, name))
  );
  show(names[0] ?? '');
  return h('div', { class: 'mlops-row' }, choice, place);
}
