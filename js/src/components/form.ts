/** A form made from a prototype: one field for each column, filled from an example row. */

import { h } from '../dom';
import { readable, text } from '../format';
import type { Value } from '../values';
import type { FormColumn } from '../wire';

export interface Form {
  readonly node: HTMLElement;
  /** Put an example row into the fields. */
  fill(row: Readonly<Record<string, Value>>): void;
  /** Return what the fields hold; an empty field is a missing value. */
  row(): Record<string, Value>;
}

/** A moment on the wall, to the millisecond, and what may follow: finer digits, which the picker cannot hold, and the zone. */
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)\d*(Z|[+-]\d{2}:?\d{2})?$/;

type Field = HTMLInputElement | HTMLSelectElement;

export function form(columns: readonly FormColumn[]): Form {
  const fields = new Map<string, Field>(columns.map(column => [column.name, field(column)]));
  const labelled = columns.map(column =>
    h('label', { class: 'mlops-field' }, h('span', {}, column.name, hint(column)), fields.get(column.name) ?? null)
  );
  return {
    node: h('div', { class: 'mlops-grid' }, ...labelled),
    fill: row => {
      for (const column of columns) put(fields.get(column.name), column, text(row[column.name]));
    },
    row: () => Object.fromEntries(columns.map(column => [column.name, value(column, fields.get(column.name))])),
  };
}

function field(column: FormColumn): Field {
  const labels = column.kind === 'boolean' ? [true, false] : column.categories;
  if (labels) {
    const options = [...(column.nullable ? [''] : []), ...labels.map(text)];
    return h('select', {}, ...options.map(option => h('option', { value: option }, option || 'missing')));
  }
  if (column.kind === 'datetime') return picker(column);
  const numeric = column.kind === 'number' || column.kind === 'integer';
  return h('input', {
    type: numeric ? 'number' : 'text',
    step: column.kind === 'integer' ? '1' : 'any',
    placeholder: column.nullable ? 'missing' : text(column.example),
    autocomplete: 'off',
  });
}

/** A picker of dates and times; a column whose moments have another form keeps a field of text. */
function picker(column: FormColumn): Field {
  const [low, high] = [column.minimum, column.maximum].map(limit => MOMENT.exec(text(limit))?.[1] ?? '');
  if (!MOMENT.test(text(column.example)))
    return h('input', { type: 'text', placeholder: text(column.example), autocomplete: 'off' });
  return h('input', {
    type: 'datetime-local',
    step: 'any',
    'data-zone': zone(column),
    title: low && high ? `${low} to ${high}` : '',
  });
}

/** The offset of the training data, which every moment of the column is sent with. */
function zone(column: FormColumn): string {
  return MOMENT.exec(text(column.example))?.[2] ?? '';
}

function put(input: Field | undefined, column: FormColumn, shown: string): void {
  if (!input) return;
  const moment = input.getAttribute('type') === 'datetime-local' ? MOMENT.exec(shown) : null;
  if (moment) input.setAttribute('data-zone', moment[2] ?? zone(column));
  input.value = moment?.[1] ?? shown;
}

function hint(column: FormColumn): HTMLElement | null {
  const known = column.minimum !== null && column.maximum !== null && !column.categories && column.kind !== 'boolean';
  return known
    ? h('span', { class: 'mlops-muted' }, ` ${readable(column.minimum)} to ${readable(column.maximum)}`)
    : null;
}

function value(column: FormColumn, input: Field | undefined): Value {
  const typed = input?.value ?? '';
  if (typed === '') return null;
  if (column.kind === 'datetime') return typed + (input?.getAttribute('data-zone') ?? '');
  if (column.kind === 'boolean') return typed === 'true';
  if (column.categories) return column.categories.find(label => text(label) === typed) ?? typed;
  return column.kind === 'number' || column.kind === 'integer' ? Number(typed) : typed;
}
