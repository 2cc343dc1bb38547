/** A form made from a prototype: one field for each column, with how it was distributed at training below it. */

import { segmented } from '../components/button';
import { icon } from '../components/icon';
import { fold } from '../components/layout';
import { box, plot } from '../components/picture';
import { h, replace } from '../dom';
import { count, number, plural, readable, text } from '../format';
import { alert } from '../icons.json';
import type { Value } from '../values';
import type { FormColumn } from '../wire';

export type Row = Readonly<Record<string, Value>>;

export interface Problem {
  readonly column: string;
  readonly message: string;
}

export interface Form {
  readonly node: HTMLElement;
  /** Put a row into the fields. */
  fill(row: Row): void;
  /** Return what the fields hold; an empty field is a missing value. */
  row(): Record<string, Value>;
  /** Show what does not fit, each at its field; return what belongs to none. */
  show(problems: readonly Problem[]): Problem[];
  /** Return the columns whose values are beyond those of training. */
  outside(): { readonly column: FormColumn; readonly value: number | string }[];
}

/** One field: its node, its value, and what is written below it. */
interface Field {
  readonly node: HTMLElement;
  put(value: Value): void;
  value(): Value;
  complain(message: string): void;
  readonly outside: () => number | string | null;
}

/** A moment on the wall, to the millisecond, and what may follow: finer digits, which the picker cannot hold, and the zone. */
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)\d*(Z|[+-]\d{2}:?\d{2})?$/;
const FEW_LABELS = 3; // categories that are buttons, not a list
const SHOWN = 24; // fields that are not folded
const MOST_SHOWN = 30; // fields up to which none is folded
const ROOM = 12; // characters of a number that a field has room for
const DIGITS = 15; // that people chose: the 16th and 17th show how a float is stored
const NUMERIC = ['number', 'integer'];

export function form(columns: readonly FormColumn[], signal: AbortSignal, enter: () => void): Form {
  const fields = new Map(
    columns.map((column, place) => [
      column.name,
      field(column, `${Math.random().toString(36).slice(2, 8)}-${place}`, signal),
    ])
  );
  const all = [...fields.values()];
  const grid = (shown: readonly Field[]): HTMLElement =>
    h('div', { class: 'mlops-form' }, ...shown.map(each => each.node));
  const first = all.length > MOST_SHOWN ? SHOWN : all.length;
  const rest = all.length > first ? fold(plural(all.length - first, 'more column'), [grid(all.slice(first))]) : null;
  const node = h(
    'div',
    {
      signal,
      on: {
        keydown: event =>
          (event as KeyboardEvent).key === 'Enter' && (event.target as Element).matches('input') && enter(),
      },
    },
    grid(all.slice(0, first)),
    rest
  );
  return {
    node,
    fill: row => {
      for (const [name, each] of fields) each.put(row[name] ?? null);
    },
    row: () => Object.fromEntries([...fields].map(([name, each]) => [name, each.value()])),
    show: problems => {
      for (const each of all) each.complain('');
      return problems.filter(({ column, message }) => {
        const found = fields.get(column);
        found?.complain(message);
        if (rest?.contains(found?.node ?? null)) rest.open = true;
        return !found;
      });
    },
    outside: () =>
      columns.flatMap(column => {
        const value = fields.get(column.name)?.outside() ?? null;
        return value === null ? [] : [{ column, value }];
      }),
  };
}

function field(column: FormColumn, id: string, signal: AbortSignal): Field {
  const labels = column.kind === 'boolean' ? [true, false] : column.categories;
  if (labels && labels.length <= FEW_LABELS) return buttons(column, labels, id, signal);
  if (labels) return list(column, labels, id);
  return NUMERIC.includes(column.kind) ? knob(column, id, signal) : words(column, id);
}

/** Put a label, a control, and the line below it together. */
function framed(
  column: FormColumn,
  id: string,
  control: HTMLElement,
  ...more: (Element | null)[]
): {
  node: HTMLElement;
  below: HTMLElement;
  note: (message: string, alarming?: boolean) => void;
  rest: (line: HTMLElement[]) => void;
} {
  const below = h('small', { id: `${id}-below` });
  const node = h(
    'div',
    { class: 'mlops-knob' },
    h('label', { for: id, title: column.name }, column.name),
    control,
    ...more,
    below
  );
  let usual: HTMLElement[] = [];
  const note = (message: string, alarming = true): void => {
    node.classList.toggle('is-out', message !== '' && alarming);
    replace(
      below,
      ...(message ? [h('span', { class: 'mlops-line mlops-tight' }, icon(alert, { size: 12 }), message)] : usual)
    );
  };
  const rest = (line: HTMLElement[]): void => {
    usual = line;
    note('');
  };
  return { node, below, note, rest };
}

function knob(column: FormColumn, id: string, signal: AbortSignal): Field {
  const { minimum, maximum, counts } = column;
  const known = typeof minimum === 'number' && typeof maximum === 'number' && maximum > minimum;
  const input = h('input', {
    id,
    class: 'mlops-input',
    inputmode: 'decimal',
    autocomplete: 'off',
    placeholder: column.nullable ? 'missing' : null,
    'aria-describedby': `${id}-below`,
    signal,
    on: { input: () => ((kept = null), typed()) },
  });
  let kept: number | null = null; // the whole number, where the field shows fewer digits
  const slider = known
    ? h('input', {
        type: 'range',
        'aria-label': `${column.name}, slider`,
        min: minimum,
        max: maximum,
        step: step(column),
        tabindex: '-1',
        signal,
        on: { input: () => slid() },
      })
    : null;
  const picture =
    known && counts.length > 0
      ? bars(counts, `${column.name} at training, ${number(minimum)} to ${number(maximum)}`)
      : null;
  const { node, note, rest } = framed(column, id, input, picture, slider);
  const value = (): number | null => {
    if (kept !== null && input.value === brief(kept)) return kept;
    return input.value.trim() === '' ? null : Number(input.value.replace(/,/g, ''));
  };
  const outside = (): number | null => {
    const now = value();
    return known && now !== null && Number.isFinite(now) && (now < minimum || now > maximum) ? now : null;
  };
  const check = (): void => {
    const now = value();
    input.setAttribute('aria-invalid', String(now !== null && !Number.isFinite(now)));
    if (now !== null && !Number.isFinite(now)) note('not a number');
    else note(outside() === null ? '' : `outside ${number(minimum as number)} to ${number(maximum as number)}`);
  };
  const typed = (): void => {
    const now = value();
    if (slider && now !== null && Number.isFinite(now)) slider.value = String(now);
    check();
  };
  const slid = (): void => {
    kept = null;
    input.value = String(Number(Number(slider?.value).toPrecision(6)));
    check();
  };
  rest(known ? [h('span', {}, number(minimum)), h('span', {}, number(maximum))] : []);
  return {
    node,
    put: shown => {
      kept = typeof shown === 'number' ? Number(shown.toPrecision(DIGITS)) : null;
      input.value = kept === null ? text(shown) : brief(kept);
      input.title = kept === null ? '' : String(kept);
      typed();
    },
    value: () => {
      const now = value();
      return now !== null && !Number.isFinite(now) ? input.value : now;
    },
    complain: message => (message ? (input.setAttribute('aria-invalid', 'true'), note(message)) : check()),
    outside,
  };
}

/** Return a number in as many digits as a field has room for. */
function brief(value: number): string {
  const whole = String(value);
  return whole.length > ROOM && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : whole;
}

function step({ kind, minimum, maximum }: FormColumn): number {
  if (kind === 'integer') return 1;
  const span = Number(maximum) - Number(minimum);
  return 10 ** Math.floor(Math.log10(span / 100));
}

function bars(counts: readonly number[], label: string): SVGSVGElement {
  const most = Math.max(...counts, 1);
  const width = 100 / counts.length;
  return plot(
    16,
    label,
    ...counts.map((value, place) =>
      box(width * place + 0.4, 16 - (15 * value) / most, width - 0.8, (15 * value) / most, {
        kind: 'is-ref',
        style: 'fill-opacity:.45',
      })
    )
  );
}

function list(column: FormColumn, labels: readonly Value[], id: string): Field {
  const options = [...(column.nullable ? [''] : []), ...labels.map(text)];
  const select = h(
    'select',
    { id, class: 'mlops-input', 'aria-describedby': `${id}-below` },
    ...options.map(option => h('option', { value: option }, option || 'missing'))
  );
  const { node, note, rest } = framed(column, id, h('span'), select);
  const tell = (): void => rest(seen(column, labels, select.value));
  select.addEventListener('change', tell);
  return {
    node,
    put: shown => {
      select.value = text(shown);
      tell();
    },
    value: () => (select.value === '' ? null : (labels.find(label => text(label) === select.value) ?? select.value)),
    complain: note,
    outside: () => null,
  };
}

/** Say how often a label came at training. */
function seen({ counts }: FormColumn, labels: readonly Value[], chosen: string): HTMLElement[] {
  const place = labels.findIndex(label => text(label) === chosen);
  const total = counts.reduce((sum, rows) => sum + rows, 0);
  return place < 0 || total === 0 ? [] : [h('span', {}, `${count(counts[place])} of ${count(total)} at training`)];
}

function buttons(column: FormColumn, labels: readonly Value[], id: string, signal: AbortSignal): Field {
  let chosen = '';
  const options = [
    ...labels.map(label => [text(label), text(label)] as const),
    ...(column.nullable ? [['', 'missing'] as const] : []),
  ];
  const group = segmented(column.name, options, chosen, signal, value => {
    chosen = value;
    rest(seen(column, labels, value));
  });
  const { node, note, rest } = framed(column, id, h('span'), group);
  node.querySelector('label')?.removeAttribute('for');
  return {
    node,
    put: shown => {
      chosen = text(shown);
      for (const input of group.querySelectorAll('input')) input.checked = input.value === chosen;
      rest(seen(column, labels, chosen));
    },
    value: () => (chosen === '' ? null : (labels.find(label => text(label) === chosen) ?? chosen)),
    complain: note,
    outside: () => null,
  };
}

/** A field of text; a picker where the column holds moments. */
function words(column: FormColumn, id: string): Field {
  const picks = column.kind === 'datetime' && MOMENT.test(text(column.example));
  let zone = MOMENT.exec(text(column.example))?.[2] ?? '';
  const input = h('input', {
    id,
    class: 'mlops-input is-long',
    type: picks ? 'datetime-local' : 'text',
    step: picks ? 'any' : null,
    autocomplete: 'off',
    placeholder: column.nullable ? 'missing' : text(column.example),
    'aria-describedby': `${id}-below`,
    on: { input: () => check() },
    list: column.known.length > 0 ? `${id}-known` : null,
  });
  const known = h('datalist', { id: `${id}-known` }, ...column.known.map(value => h('option', { value })));
  const { node, note, rest } = framed(column, id, h('span'), input);
  if (column.known.length > 0) node.append(known);
  const outside = (): string | null =>
    column.known.length > 0 && input.value !== '' && !column.known.includes(input.value) ? input.value : null;
  const check = (): void => note(outside() === null ? '' : 'not in the training data');
  const limits = [column.minimum, column.maximum].every(limit => limit !== null)
    ? [h('span', {}, shown(column.minimum)), h('span', {}, shown(column.maximum))]
    : [];
  rest(limits);
  return {
    node,
    put: value => {
      const moment = picks ? MOMENT.exec(text(value)) : null;
      zone = moment?.[2] ?? zone;
      input.value = moment?.[1] ?? text(value);
      check();
    },
    value: () => (input.value === '' ? null : input.value + (picks ? zone : '')),
    complain: message => (message ? note(message) : check()),
    outside,
  };
}

function shown(value: Value): string {
  return MOMENT.test(text(value)) ? text(value).slice(0, 16).replace('T', ' ') : readable(value);
}
