/** A form made from a prototype: one field for each column, filled from an example row. */

import { h } from '../dom';
import { readable, text } from '../format';
import type { Column, Value } from '../wire';

export interface Form {
  readonly node: HTMLElement;
  /** Put an example row into the fields. */
  fill(row: Readonly<Record<string, Value>>): void;
  /** Return what the fields hold; an empty field is a missing value. */
  row(): Record<string, Value>;
}

type Field = HTMLInputElement | HTMLSelectElement;

export function form(columns: readonly Column[]): Form {
  const fields = new Map<string, Field>(columns.map(column => [column.name, field(column)]));
  const labelled = columns.map(column => h('label', { class: 'mlops-field' }, h('span', {}, column.name, hint(column)), fields.get(column.name) ?? null));
  return {
    node: h('div', { class: 'mlops-grid' }, ...labelled),
    fill: row => {
      for (const [name, input] of fields) input.value = text(row[name]);
    },
    row: () => Object.fromEntries(columns.map(column => [column.name, value(column, fields.get(column.name)?.value ?? '')])),
  };
}

function field(column: Column): Field {
  const labels = column.kind === 'boolean' ? [true, false] : column.categories;
  if (labels) {
    const options = [...(column.nullable ? [''] : []), ...labels.map(text)];
    return h('select', {}, ...options.map(option => h('option', { value: option }, option || 'missing')));
  }
  const numeric = column.kind === 'number' || column.kind === 'integer';
  return h('input', {
    type: numeric ? 'number' : 'text',
    step: column.kind === 'integer' ? '1' : 'any',
    placeholder: column.nullable ? 'missing' : text(column.example),
    autocomplete: 'off',
  });
}

function hint(column: Column): HTMLElement | null {
  const known = column.minimum !== null && column.maximum !== null && !column.categories && column.kind !== 'boolean';
  return known ? h('span', { class: 'mlops-muted' }, ` ${readable(column.minimum)} to ${readable(column.maximum)}`) : null;
}

function value(column: Column, typed: string): Value {
  if (typed === '') return null;
  if (column.kind === 'boolean') return typed === 'true';
  if (column.categories) return column.categories.find(label => text(label) === typed) ?? typed;
  return column.kind === 'number' || column.kind === 'integer' ? Number(typed) : typed;
}
