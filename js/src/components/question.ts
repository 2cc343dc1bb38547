/** A question to an endpoint: a form with example rows, and the answer with its probabilities. */

import { h, replace } from '../dom';
import { number, text } from '../format';
import type { Value } from '../values';
import type { EndpointRecord, FormAnswer } from '../wire';
import { type Form, form } from './form';
import { button, type Frame } from './frame';

type Prototype = EndpointRecord['prototype'];
export type Ask = (row: Record<string, Value>) => Promise<FormAnswer>;

export interface Question {
  readonly node: HTMLElement;
  /** Ask for these columns; what was typed stays where a column of that name and kind stays. */
  show(prototype: Prototype): void;
  /** Whether it can be asked now. */
  open(yes: boolean): void;
}

export function question(view: Frame, signal: AbortSignal, ask: Ask): Question {
  const [examples, fields, answer] = [h('div', { class: 'mlops-row' }), h('div'), h('div', { role: 'status' })];
  let [prototype, asked] = [null as Prototype | null, null as Form | null];
  const predict = (): void => {
    if (!asked) return;
    replace(answer, 'Asking …');
    ask(asked.row()).then(
      found => {
        view.complain('');
        replace(answer, drawn(found));
      },
      error => {
        replace(answer);
        view.complain(error);
      }
    );
  };
  const send = button('Predict', signal, predict, { class: 'mlops-button mlops-primary' });
  return {
    node: h('div', {}, h('h4', {}, 'Ask it'), examples, fields, send, answer),
    show: next => {
      const before = prototype;
      const typed = asked?.row();
      prototype = next;
      replace(
        examples,
        ...next.examples.map((row, place) => button(`Example ${place + 1}`, signal, () => asked?.fill(row)))
      );
      if (before && JSON.stringify(before.columns) === JSON.stringify(next.columns)) return;
      asked = form(next.columns);
      asked.fill({ ...next.examples[0], ...kept(before, next, typed) });
      replace(fields, asked.node);
    },
    open: yes => void (send.disabled = !yes),
  };
}

/** Return what was typed for the columns that stayed as they were. */
function kept(before: Prototype | null, next: Prototype, typed: Record<string, Value> = {}): Record<string, Value> {
  const kinds = new Map(before?.columns.map(column => [column.name, column.kind]));
  const same = next.columns.filter(column => kinds.get(column.name) === column.kind);
  return Object.fromEntries(same.map(column => [column.name, typed[column.name] ?? null]));
}

function drawn(found: FormAnswer): HTMLElement {
  const shares = Object.entries(found.probabilities ?? {});
  return h(
    'div',
    {},
    h(
      'p',
      {},
      'Prediction: ',
      h('strong', {}, text(found.prediction)),
      h(
        'span',
        { class: 'mlops-muted' },
        ` by ${found.version ?? 'an unknown version'} in ${number(found.latency_ms)} ms`
      )
    ),
    ...shares.map(([label, share]) =>
      h(
        'div',
        { class: 'mlops-row' },
        h('span', { style: 'min-width:90px' }, label),
        h('span', { class: 'mlops-bar', style: `width:${(200 * share).toFixed(1)}px` }),
        `${(100 * share).toFixed(1)} %`
      )
    ),
    ...found.warnings.map(warning => h('p', {}, `⚠ ${warning}`))
  );
}
