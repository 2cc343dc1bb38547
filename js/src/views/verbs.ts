/** Every verb with its summary and an example: searched by any word, and inserted by a press. */

import { iconButton } from '../components/button';
import { part, prose, searchField } from '../components/layout';
import { below, cell, table } from '../components/table';
import { h, replace } from '../dom';
import { plural } from '../format';
import { insert as mark } from '../icons.json';
import type { VerbRow } from '../wire';

/** Return the verbs; `insert` puts a line where the reader works. */
export function verbs(rows: readonly VerbRow[], signal: AbortSignal, insert: (line: string) => void): HTMLElement {
  const place = h('div');
  const show = (words: string): void => {
    const wanted = words.toLowerCase().split(/\s+/);
    const found = rows.filter(row => wanted.every(word => `%${row.name} ${row.summary}`.toLowerCase().includes(word)));
    replace(place, found.length > 0 ? listed(found, signal, insert) : h('p', { class: 'mlops-2' }, 'No verb matches.'));
  };
  show('');
  return part(
    'Verbs',
    plural(rows.length, 'verb'),
    [place],
    [searchField('Search verbs', 'Search: roll back', signal, show)]
  );
}

function listed(rows: readonly VerbRow[], signal: AbortSignal, insert: (line: string) => void): HTMLElement {
  return table({
    caption: plural(rows.length, 'verb'),
    columns: [{ head: 'Verb' }, { head: 'What it does' }, { head: '' }],
    rows,
    kind: '',
    signal,
    draw: row =>
      h(
        'tr',
        { role: 'row', title: row.example },
        cell('', h('code', {}, `%${row.name}`)),
        below('', 'mlops-wrap', ...prose(row.summary)),
        cell(
          'mlops-acts',
          iconButton(mark, `Insert ${row.example}`, { signal, kind: 'is-small', press: () => insert(row.example) })
        )
      ),
  });
}
