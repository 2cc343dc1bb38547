/** A model card: what the version is for, how well it does, its columns and facts; texts of people are written in place. */

import { button, copyText } from '../components/button';
import { aliasChip, direction, state, versionChip } from '../components/chip';
import { codeBlock } from '../components/code';
import { keepFocus } from '../components/focus';
import { icon } from '../components/icon';
import { fold, head, note, part } from '../components/layout';
import { box, dot, plot, rule, scale } from '../components/picture';
import { below, cell } from '../components/table';
import type { View } from '../components/view';
import { breakable, type Child, h, replace } from '../dom';
import { age, count, decimals, exact, fixed, number, plural } from '../format';
import { feature as bars, category, copy, plus } from '../icons.json';
import type { Card, CardColumn, CardScore, CardText } from '../wire';

export interface CardActions {
  /** Keep a text with this version; an empty one removes the part from this version on. */
  readonly write: (part: string, text: string) => Promise<Card>;
}

const LEADING = 'intended_use'; // the part that the card begins with
const SECTIONS = [
  'limits',
  'factors',
  'training_data',
  'evaluation_data',
  'metric_choice',
  'ethics',
  'caveats',
  'owners',
  'licence',
];
const ROWS = 4; // lines of a field

/** The fields with what is not kept yet, by the id of their text. */
type Drafts = Map<string, HTMLTextAreaElement>;

/** Return how to show a card; what is being written stays when another record comes. */
export function card(view: View, actions: CardActions): (record: Card) => void {
  const drafts: Drafts = new Map();
  const show = (record: Card): void =>
    keepFocus(view.body, () => replace(view.body, ...parts(record, view, actions, show, drafts)));
  return show;
}

function parts(record: Card, view: View, actions: CardActions, show: (record: Card) => void, drafts: Drafts): Child[] {
  const { signal } = view;
  const copied = (): void => {
    copyText(record.markdown).then(() => view.say('Copied as Markdown.'), view.complain);
  };
  const written = (id: string): CardText | undefined => record.texts.find(each => each.id === id && each.text !== '');
  const editor = (each: CardText): HTMLElement => editable(each, record, view, actions, show, drafts);
  const lead = written(LEADING);
  const sections = SECTIONS.map(written).filter(each => each !== undefined);
  return [
    head(
      [h('h2', {}, ...breakable(record.name)), ...record.aliases.map(aliasChip), versionChip(record.version)],
      'Model card',
      button('Copy as Markdown', { signal, mark: copy, kind: 'is-quiet', press: copied })
    ),
    h(
      'div',
      { class: 'mlops-card' },
      h(
        'div',
        {},
        lead ? editor(lead) : record.description && h('p', { class: 'mlops-lead' }, record.description),
        scorePart('Performance', record.scores, false),
        record.segments.length > 0 && scorePart('By segment', record.segments, true),
        ...sections.map(each => part(each.title, null, [editor(each)])),
        columnPart(record),
        missing(record, editor)
      ),
      rail(record, view)
    ),
  ];
}

/** Return what a person still has to write, each with its question. */
function missing(record: Card, editor: (each: CardText) => HTMLElement): HTMLElement | null {
  const open = record.texts.filter(each => each.text === '');
  if (open.length === 0) return null;
  const needed = open.filter(each => each.needed).length;
  const words =
    needed > 0
      ? `a card is whole when ${needed === 1 ? 'this is' : 'these are'} there`
      : 'not needed, but good to know';
  const ordered = [...open].sort((a, b) => Number(b.needed) - Number(a.needed));
  return part('Not stated yet', words, [h('div', { class: 'mlops-open' }, ...ordered.map(editor))]);
}

/** Return a text that its reader may change, or the question that asks for it. */
function editable(
  each: CardText,
  record: Card,
  view: View,
  actions: CardActions,
  show: (record: Card) => void,
  drafts: Drafts
): HTMLElement {
  const place = h('div', { class: 'mlops-text' });
  const { signal } = view;
  const rest = (): void => {
    drafts.delete(each.id);
    replace(place, ...resting(each, record, begin, signal));
  };
  const leave = (): void => (rest(), focus(place));
  const begin = (): void => edit().focus();
  const edit = (before?: HTMLTextAreaElement): HTMLElement => {
    const field = h('textarea', {
      class: 'mlops-input',
      rows: ROWS,
      'aria-label': each.title,
      placeholder: each.asked,
    });
    field.value = before?.value ?? each.text;
    if (before) field.setSelectionRange(before.selectionStart, before.selectionEnd);
    drafts.set(each.id, field);
    const save = (): void => {
      actions.write(each.id, field.value).then(found => {
        drafts.delete(each.id);
        show(found);
        view.say(field.value.trim() ? `${each.title} is kept with the version.` : `${each.title} was removed.`);
      }, view.complain);
    };
    const keep = button('Keep', { signal, kind: 'is-primary is-small', press: save });
    const cancel = button('Cancel', { signal, kind: 'is-quiet is-small', press: leave });
    field.addEventListener('keydown', event => event.key === 'Escape' && leave(), { signal });
    replace(place, h('label', {}, h('small', {}, each.asked), field), h('div', { class: 'mlops-line' }, keep, cancel));
    return field;
  };
  const draft = drafts.get(each.id);
  if (draft) edit(draft);
  else rest();
  return place;
}

function focus(place: HTMLElement): void {
  place.querySelector('button')?.focus();
}

function resting(each: CardText, record: Card, edit: () => void, signal: AbortSignal): Child[] {
  if (each.text === '')
    return [
      button(`${each.title}…`, {
        signal,
        kind: 'is-small',
        mark: plus,
        press: edit,
        attributes: { title: each.asked },
      }),
    ];
  const other = each.written_for && each.written_for.version !== record.version.version ? each.written_for : null;
  const from = other && h('small', {}, 'from ', versionChip(other));
  return [
    ...each.text.split(/\n{2,}/).map(lines => h('p', { class: each.id === LEADING ? 'mlops-lead' : null }, lines)),
    each.stale && note('alert', [`This may be stale: ${each.stale}.`]),
    h(
      'div',
      { class: 'mlops-line' },
      h('small', {}, each.by, ', ', h('span', { title: exact(each.when), 'data-age': each.when }, age(each.when))),
      from,
      button('Change', {
        signal,
        kind: 'is-quiet is-small',
        press: edit,
        attributes: { 'aria-label': `Change: ${each.title}` },
      })
    ),
  ];
}

function scorePart(name: string, scores: readonly CardScore[], segments: boolean): HTMLElement {
  if (scores.length === 0) return part(name, null, [h('p', { class: 'mlops-2' }, 'No metric is known.')]);
  const heads = [segments ? 'Segment' : 'Metric', segments ? 'Metric' : '', 'Value', '95% interval', '', 'Rows']
    .map((words, at) => [words, [2, 5].includes(at) ? 'mlops-num' : at === 3 ? 'mlops-range' : ''] as const)
    .filter((_, at) => segments || at !== 1)
    .map(([words, kind]) => (words ? h('th', { scope: 'col', class: kind || null }, words) : h('td')));
  const table = h(
    'table',
    { class: 'mlops-table is-cards mlops-scores-of', role: 'table' },
    h('caption', {}, name),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...scores.map(each => scoreRow(each, rangeOf(scores, each.metric), segments)))
  );
  return part(name, null, [table]);
}

/** Return the range that a metric's values and intervals span. */
function rangeOf(scores: readonly CardScore[], metric: string): readonly [number, number] {
  const ends = scores
    .filter(each => each.metric === metric)
    .flatMap(({ score, lower, upper }) => [score, lower, upper])
    .filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = (high - low) / 2 || Math.abs(high) / 10 || 1;
  return [low - margin, high + margin];
}

function scoreRow(each: CardScore, range: readonly [number, number], segments: boolean): HTMLTableRowElement {
  const digits = decimals([each.score]);
  const metric = [...breakable(each.metric), ' ', h('small', {}, direction(each.better))];
  const known = each.lower !== null && each.upper !== null;
  return h(
    'tr',
    { role: 'row', title: each.source || null },
    h('th', { scope: 'row' }, ...(segments ? breakable(each.segment) : metric)),
    segments && cell('', ...metric),
    cell('mlops-num', h('b', {}, fixed(each.score, digits))),
    below('', 'mlops-range', interval(each, range)),
    below('', 'mlops-2', known ? `${fixed(each.lower, digits)} to ${fixed(each.upper, digits)}` : each.source),
    below('rows', 'mlops-num', count(each.rows))
  );
}

function interval(
  { score, lower, upper, metric }: CardScore,
  [low, high]: readonly [number, number]
): SVGSVGElement | null {
  if (score === null || lower === null || upper === null) return null;
  const x = scale(low, high, 2, 98);
  return plot(
    16,
    `${metric}: ${number(score)}, ${number(lower)} to ${number(upper)}`,
    rule(0, 8, 100, 8),
    rule(x(lower), 8, x(upper), 8, '', 'stroke:var(--m-cur);stroke-width:4;stroke-opacity:.45'),
    dot(x(score), 8)
  );
}

function columnPart(record: Card): HTMLElement {
  if (record.columns.length === 0)
    return part('Features', null, [
      h('p', { class: 'mlops-2' }, 'The columns are not known: no training data were given.'),
    ]);
  const about = [
    plural(record.columns.length + record.more_columns, 'column'),
    record.rows !== null && plural(record.rows, 'row'),
  ];
  const heads = ['Feature', 'Training', 'Values', 'Type', 'May be missing'].map(words =>
    h('th', { scope: 'col' }, words)
  );
  const table = h(
    'table',
    { class: 'mlops-table is-cards mlops-columns', role: 'table' },
    h('caption', {}, 'Features'),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...record.columns.map(columnRow))
  );
  const more = record.more_columns > 0 && h('small', {}, `and ${plural(record.more_columns, 'more column')}`);
  return part('Features', about.filter(Boolean).join(', '), [table, more]);
}

function columnRow(each: CardColumn): HTMLTableRowElement {
  return h(
    'tr',
    { role: 'row' },
    h('th', { scope: 'row' }, icon(each.kind === 'number' ? bars : category), ' ', ...breakable(each.name)),
    below('', 'mlops-training', each.bins.length > 0 && training(each)),
    below('', 'mlops-wrap', each.values),
    below('', 'mlops-2', each.dtype),
    below('may be missing', 'mlops-2', each.nullable ? 'yes' : 'no')
  );
}

function training({ bins, name }: CardColumn): SVGSVGElement {
  const y = scale(0, Math.max(...bins, 1), 22, 1);
  const width = 100 / bins.length;
  const drawn = bins.map((value, at) => box(width * at + width / 12, y(value), width * (5 / 6), 22 - y(value), {}));
  return plot(22, `Training values of ${name}`, ...drawn);
}

function rail(record: Card, view: View): HTMLElement {
  const { endpoint, drift } = record;
  const lines = (found: readonly (readonly [string, Child])[]): HTMLElement =>
    h(
      'dl',
      { class: 'mlops-saved-facts' },
      ...found.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))
    );
  const checked = drift && h('small', { title: exact(drift.created), 'data-age': drift.created }, age(drift.created));
  const drifted = drift && [
    drift.drifted > 0 ? state('drifted', `${drift.drifted} of ${drift.features || '–'}`) : state('stable'),
    ' ',
    checked,
  ];
  return h(
    'aside',
    { class: 'mlops-rail' },
    part('Facts', null, [
      lines(Object.entries(record.facts).map(([name, value]) => [name, h('span', {}, ...breakable(value))])),
    ]),
    part('Now', null, [
      lines([
        ['Endpoint', endpoint ? state(endpoint.state) : h('small', {}, 'not deployed')],
        ['Drift', drifted ? h('span', {}, ...drifted) : h('small', {}, 'not checked yet')],
      ]),
    ]),
    part('Load it', null, [codeBlock(record.code, 'Code that loads it', view.signal, view.complain)]),
    record.history.length > 0 &&
      fold(plural(record.history.length, 'event'), [
        h('ul', { class: 'mlops-2' }, ...record.history.map(each => h('li', {}, each))),
      ])
  );
}
