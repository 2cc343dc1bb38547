/** The models of a board; choosing one shows its versions. */

import { h, replace } from '../dom';
import { age, metrics } from '../format';
import type { ModelRow, Models } from '../wire';
import { button, type Frame } from './frame';
import { scrollingTable, tableRow } from './rows';

const COLUMNS = ['name', 'newest version', 'aliases', 'metrics', 'versions', 'age', 'description'];

export function models(record: Models, view: Frame, signal: AbortSignal, open: (name: string) => void): void {
  const list = h('div');
  const draw = (filter: string): void => {
    const found = record.models.filter(row => row.name.toLowerCase().includes(filter.toLowerCase()));
    replace(
      list,
      scrollingTable(`${found.length} of ${record.models.length} models`, COLUMNS, found, signal, row =>
        line(row, signal, open)
      )
    );
  };
  const filter = h('input', {
    type: 'search',
    'aria-label': 'Filter models',
    placeholder: 'Filter',
    signal,
    on: { input: event => draw((event.target as HTMLInputElement).value) },
  });
  replace(
    view.body,
    h('h3', {}, 'Models'),
    h('div', { class: 'mlops-muted' }, record.board),
    h('div', { class: 'mlops-row' }, filter),
    list
  );
  draw('');
}

function line(row: ModelRow, signal: AbortSignal, open: (name: string) => void): HTMLElement {
  const badges = row.aliases.map(alias => h('span', { class: 'mlops-badge' }, alias));
  const cells = [
    button(row.name, signal, () => open(row.name)),
    row.version,
    h('span', {}, ...badges),
    metrics(row.metrics),
    row.versions,
    age(row.created),
    row.description,
  ];
  return tableRow(cells);
}
