/** The policies of a model: when each is due, and a form that adds one. */

import { button } from '../components/button';
import { chip } from '../components/chip';
import { empty, head, part } from '../components/layout';
import { below } from '../components/table';
import type { View } from '../components/view';
import { breakable, type Child, h, replace } from '../dom';
import { date, exact } from '../format';
import { clock, plus } from '../icons.json';
import type { Policies, PolicyRow } from '../wire';

/** The fields of the form, by the names that Python has for them. */
export type NewPolicy = Readonly<Record<'policy' | 'every' | 'at' | 'zone' | 'when' | 'data' | 'truth', string>>;

export interface PolicyActions {
  readonly schedule: (policy: NewPolicy) => Promise<Policies>;
  readonly remove: (policy: string) => Promise<Policies>;
}

interface Field {
  readonly name: keyof NewPolicy;
  readonly label: string;
  readonly hint: string;
  readonly offers: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'every', label: 'Every', hint: 'week, or a cron line', offers: ['hour', 'day', 'week', 'month', 'monday'] },
  { name: 'at', label: 'At', hint: '04:00', offers: [] },
  { name: 'zone', label: 'Time zone', hint: '', offers: ['UTC', 'Europe/Berlin', 'America/New_York'] },
  { name: 'when', label: 'Or when', hint: 'drift', offers: ['drift', 'performance', 'accuracy<0.9', 'rows>=5000'] },
  { name: 'data', label: 'New rows from', hint: 'the prediction log', offers: [] },
  { name: 'truth', label: 'Column with the truth', hint: 'as at the pin', offers: [] },
  { name: 'policy', label: 'Name', hint: 'default', offers: [] },
];

let forms = 0;

/** Return how to show the policies of a model; what is written for a new one stays when another record comes. */
export function policies(view: View, actions: PolicyActions): (record: Policies) => void {
  const [top, foot] = [h('div'), h('div')];
  replace(view.body, top, foot);
  const show = (record: Policies): void => {
    replace(top, ...listing(record, view, actions, show));
    if (!foot.hasChildNodes()) foot.append(part('Add a policy', null, [form(record, view, actions, show)]));
  };
  return show;
}

function listing(record: Policies, view: View, actions: PolicyActions, show: (record: Policies) => void): Child[] {
  const about = `on ${record.label}; mlops-magics run-policies, or an exported file, carries them out`;
  return [
    head([h('h2', {}, ...breakable(record.name)), 'retrained by itself'], about),
    record.policies.length > 0
      ? listed(record, view, actions, show)
      : empty(clock, 'No policy yet', 'A policy makes the next version at a time, or when a condition holds.'),
  ];
}

function listed(record: Policies, view: View, actions: PolicyActions, show: (record: Policies) => void): HTMLElement {
  const heads = ['Policy', 'Every', 'When', 'Last', 'Next', ''].map(words =>
    words ? h('th', { scope: 'col' }, words) : h('td')
  );
  const remove = (each: PolicyRow): HTMLElement =>
    button('Remove', {
      signal: view.signal,
      kind: 'is-small is-danger',
      attributes: { 'aria-label': `Remove the policy ${each.policy}` },
      press: () =>
        void actions.remove(each.policy).then(found => {
          show(found);
          view.say(`The policy ${each.policy} of ${record.name} is removed.`);
        }, view.complain),
    });
  const rows = record.policies.map(each =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row' }, each.policy),
      below('every', '', each.every || '–'),
      below('when', 'mlops-wrap', each.when || '–'),
      below('last', 'mlops-2', moment(each.last), ' ', each.outcome),
      below('next', 'mlops-wrap', each.due ? chip('due', 'is-champion') : moment(each.next), ' ', whyNot(each)),
      below('', 'mlops-acts', remove(each))
    )
  );
  const table = h(
    'table',
    { class: 'mlops-table is-cards', role: 'table' },
    h('caption', {}, `Policies of ${record.name}`),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...rows)
  );
  return h('div', { class: 'mlops-wide-scroll' }, table);
}

function moment(text: string | null): Child {
  return text === null ? '–' : h('span', { title: exact(text) }, date(text));
}

function whyNot(each: PolicyRow): Child {
  return !each.due && each.why_not ? h('small', {}, each.why_not) : null;
}

function form(record: Policies, view: View, actions: PolicyActions, show: (record: Policies) => void): HTMLElement {
  forms += 1;
  const inputs = FIELDS.map(({ name, label, hint, offers }) => {
    const list = h('datalist', { id: `mlops-policy-${forms}-${name}` }, ...offers.map(value => h('option', { value })));
    const field = h('input', {
      class: 'mlops-input',
      name,
      placeholder: name === 'zone' ? record.zone : hint,
      list: offers.length > 0 ? list.id : null,
    });
    return { name, field, line: h('label', {}, h('small', {}, label), field, offers.length > 0 && list) };
  });
  const value = (name: keyof NewPolicy): string => inputs.find(each => each.name === name)?.field.value.trim() ?? '';
  const add = (event: Event): void => {
    event.preventDefault();
    const given = Object.fromEntries(FIELDS.map(({ name }) => [name, value(name)])) as NewPolicy;
    const policy = given.policy || 'default';
    actions.schedule({ ...given, policy }).then(found => {
      for (const { field } of inputs) field.value = '';
      show(found);
      view.say(`The policy ${policy} of ${record.name} is kept.`);
    }, view.complain);
  };
  const go = button('Add', {
    signal: view.signal,
    kind: 'is-primary',
    mark: plus,
    attributes: { type: 'submit' },
  });
  return h(
    'form',
    { class: 'mlops-policy', signal: view.signal, on: { submit: add } },
    ...inputs.map(({ line }) => line),
    h('div', { class: 'mlops-line' }, go)
  );
}
