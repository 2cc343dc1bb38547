/** What differs between two versions, one table for each kind of fact, and the code line by line. */

import { h } from '../dom';
import { readable } from '../format';
import type { Comparison } from '../wire';

export function compare(record: Comparison): HTMLElement {
  return h(
    'div',
    {},
    h('h4', {}, `${record.a} → ${record.b}`),
    record.sections.length === 0 && !record.code ? h('p', {}, 'Nothing differs.') : null,
    ...record.sections.map(section =>
      h(
        'table',
        { class: 'mlops-table' },
        h('caption', {}, section.title),
        h(
          'thead',
          {},
          h('tr', {}, ...['name', record.a, record.b, 'change'].map(name => h('th', { scope: 'col' }, name)))
        ),
        h(
          'tbody',
          {},
          ...section.rows.map(row =>
            h(
              'tr',
              {},
              ...[row.name, readable(row.a), readable(row.b), row.change ?? ''].map(cell => h('td', {}, cell))
            )
          )
        )
      )
    ),
    record.code
      ? h('pre', { class: 'mlops-code', 'aria-label': 'difference of the code' }, ...record.code.map(line))
      : null
  );
}

function line(content: string): HTMLElement {
  const kind = content.startsWith('+') ? 'mlops-added' : content.startsWith('-') ? 'mlops-removed' : '';
  return h('div', { class: kind }, content || ' ');
}
