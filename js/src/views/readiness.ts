/** A team's readiness: a sentence, the six levels, a question a row with evidence and next step, and what is asked. */

import { button, copyText, segmented } from '../components/button';
import { icon } from '../components/icon';
import { insertBelow } from '../components/insert';
import { fold, head, verdict } from '../components/layout';
import { below } from '../components/table';
import type { View } from '../components/view';
import { type Child, h, replace } from '../dom';
import { age, exact, number, plural, sentence } from '../format';
import { copy, good, insert, near, refresh, stopped } from '../icons.json';
import type { Assessment, ConditionRow, EvidenceLink, QuestionRow, RubricRow } from '../wire';

export interface ReadinessActions {
  /** Look at the boards again. */
  readonly again: () => Promise<Assessment>;
  /** Keep an answer on the board, and look again. */
  readonly answer: (id: string, answer: string, note: string) => Promise<Assessment>;
}

const SECTION_POINTS = 7;
const ANSWERS = [
  ['yes', 'By itself'],
  ['partly', 'By hand'],
  ['no', 'No'],
] as const;
/** Browsers open no file from a page that a server sent. */
const OPENED = location.protocol === 'file:' ? /^(https?|file):\/\// : /^https?:\/\//;

/** Return how to show an assessment; what was unfolded stays unfolded. */
export function readiness(view: View, actions: ReadinessActions): (record: Assessment) => void {
  let unfolded = false;
  const show = (record: Assessment): void => {
    unfolded = view.body.querySelector<HTMLDetailsElement>('.mlops-rubric')?.open ?? unfolded;
    replace(view.body, ...parts(record, view, actions, show, unfolded));
  };
  return show;
}

function parts(
  record: Assessment,
  view: View,
  actions: ReadinessActions,
  show: (record: Assessment) => void,
  unfolded: boolean
): Child[] {
  const { signal } = view;
  const look = (): void => {
    actions.again().then(found => (show(found), view.say('Readiness is up to date.')), view.complain);
  };
  const copied = (): void => {
    copyText(text(record)).then(() => view.say('Copied as text.'), view.complain);
  };
  const looked = h('span', { title: exact(record.looked), 'data-age': record.looked }, age(record.looked));
  return [
    head(
      [h('h2', {}, 'Readiness')],
      h('span', {}, `${record.about}; looked at `, looked),
      button('Copy as text', { signal, mark: copy, kind: 'is-quiet', press: copied }),
      button('Look again', { signal, mark: refresh, press: look })
    ),
    verdict(record.meaning, record.sentence, record.paragraph),
    h('div', { class: 'mlops-six' }, ...record.questions.map(each => summary(each, record.levels))),
    h('ol', { class: 'mlops-quiz' }, ...record.questions.map((each, at) => question(each, at, record, view))),
    rubric(record, view, actions, show, unfolded),
    record.history.length > 0 && past(record),
    fold('What the levels mean', [
      h(
        'p',
        { class: 'mlops-2 mlops-method' },
        `${record.levels.map((name, at) => `${at} ${name}`).join(', ')}. A level is reached when its conditions and those of the levels below it hold. ${record.rule}`
      ),
    ]),
  ];
}

function bar(level: number, levels: readonly string[], label: string): HTMLElement {
  const most = levels.length - 1;
  return h(
    'span',
    { class: 'mlops-level', role: 'img', 'aria-label': `${label}: ${levels[level] ?? ''}, ${level} of ${most}` },
    ...Array.from({ length: most }, (_, at) => h('i', { class: at < level ? 'is-on' : null }))
  );
}

function named(level: number, levels: readonly string[]): string {
  const name = levels[level] ?? '';
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function summary(each: QuestionRow, levels: readonly string[]): HTMLElement {
  return h(
    'div',
    {},
    h('b', {}, each.title),
    bar(each.level, levels, each.title),
    h('small', {}, named(each.level, levels))
  );
}

function question(each: QuestionRow, at: number, record: Assessment, view: View): HTMLElement {
  return h(
    'li',
    {},
    h(
      'div',
      {},
      h('small', {}, `${at + 1}. ${each.title}`),
      h('h3', {}, each.words),
      bar(each.level, record.levels, each.title),
      h('small', {}, named(each.level, record.levels))
    ),
    h('ul', { class: 'mlops-proof' }, ...each.conditions.map(one => proof(one, each.level, view))),
    next(each, each.id === record.best, view)
  );
}

function proof(each: ConditionRow, level: number, view: View): HTMLElement {
  const [mark, label] = each.holds
    ? [good, 'holds']
    : each.level <= level + 1
      ? [near, 'does not hold']
      : [stopped, 'does not hold yet'];
  return h(
    'li',
    { class: each.holds ? null : 'is-no' },
    icon(mark, { label }),
    h(
      'span',
      { title: `Level ${each.level}: ${each.words}` },
      sentence(each.found),
      !each.holds && h('small', {}, ` Needed: ${each.words}`),
      each.links.length > 0 && h('span', { class: 'mlops-links' }, ...each.links.map(link => evidence(link, view)))
    )
  );
}

/** Return the evidence as a link: a page that opens, or the magic that shows it as a cell. */
function evidence(link: EvidenceLink, view: View): HTMLElement {
  if (OPENED.test(link.href))
    return h('a', { href: link.href, target: '_blank', rel: 'noreferrer', title: link.cell || link.href }, link.target);
  if (!link.cell) return h('code', {}, link.target);
  return h(
    'button',
    {
      type: 'button',
      class: 'mlops-evidence',
      title: `Insert ${link.cell}`,
      signal: view.signal,
      on: { click: () => put(view, link.cell) },
    },
    link.target
  );
}

function put(view: View, code: string): void {
  insertBelow(view.root, code).then(words => view.say(words), view.complain);
}

function next(each: QuestionRow, best: boolean, view: View): HTMLElement {
  const { step } = each;
  if (!step) return h('div', { class: 'mlops-next' }, h('small', {}, 'Nothing to do here'));
  return h(
    'div',
    { class: 'mlops-next' },
    h('small', {}, 'Next step'),
    h('span', {}, step.words),
    step.cell && h('code', {}, step.cell),
    step.cell &&
      button('Insert code', {
        signal: view.signal,
        mark: insert,
        kind: best ? 'is-primary' : '',
        attributes: { 'aria-label': `Insert code: ${step.cell}` },
        press: () => put(view, step.cell),
      })
  );
}

function rubric(
  record: Assessment,
  view: View,
  actions: ReadinessActions,
  show: (record: Assessment) => void,
  unfolded: boolean
): HTMLElement {
  const open = record.tests.filter(each => each.points === null).length;
  const sums = record.sections.map(each => `${each.name} ${number(each.points)} of ${SECTION_POINTS}`).join(', ');
  const heads = ['Test', 'Points', 'Found, or your answer'].map(words => h('th', { scope: 'col' }, words));
  const table = h(
    'table',
    { class: 'mlops-table is-cards', role: 'table' },
    h('caption', {}, 'ML Test Score'),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...record.tests.map(each => testRow(each, view, actions, show)))
  );
  const told = `ML Test Score ${number(record.score)}: ${record.score_meaning}; ${plural(open, 'test')} ${open === 1 ? 'is' : 'are'} open`;
  const made = fold(told, [
    h('p', { class: 'mlops-2' }, `The score is the least of ${sums}. Answers are kept on the board with your name.`),
    h('div', { class: 'mlops-wide-scroll' }, table),
  ]);
  made.classList.add('mlops-rubric');
  made.open = unfolded;
  return made;
}

function testRow(
  each: RubricRow,
  view: View,
  actions: ReadinessActions,
  show: (record: Assessment) => void
): HTMLTableRowElement {
  const points = each.points === null ? 'open' : number(each.points);
  const cell = each.asked ? asked(each, view, actions, show) : h('span', {}, each.found);
  return h(
    'tr',
    { role: 'row' },
    h('th', { scope: 'row', class: 'mlops-wrap' }, h('code', {}, each.id), ' ', each.words),
    below('Points', 'mlops-num', points),
    below('', 'mlops-wrap', cell)
  );
}

/** Return the answers to a question that boards do not answer, and a field for the reason. */
function asked(
  each: RubricRow,
  view: View,
  actions: ReadinessActions,
  show: (record: Assessment) => void
): HTMLElement {
  const field = h('input', {
    class: 'mlops-input',
    'aria-label': `Reason for ${each.id}`,
    placeholder: 'How, or why not',
    value: each.note,
    signal: view.signal,
    on: { change: () => chosen && save(chosen) },
  });
  let chosen = each.answer;
  const save = (answer: string): void => {
    chosen = answer;
    actions
      .answer(each.id, answer, field.value)
      .then(found => (show(found), view.say(`The answer to ${each.id} is kept on the board.`)), view.complain);
  };
  const choice = segmented(`Answer to ${each.id}`, ANSWERS, each.answer as 'yes', view.signal, save);
  return h('div', { class: 'mlops-asked-for' }, choice, field);
}

function past(record: Assessment): HTMLElement {
  const heads = ['Looked', ...record.questions.map(each => each.title), 'Score'];
  const rows = record.history.map(each =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row', title: exact(each.looked) }, age(each.looked)),
      ...each.levels.map((level, at) => below(record.questions[at]?.title ?? '', 'mlops-num', level)),
      below('Score', 'mlops-num', number(each.score))
    )
  );
  const table = h(
    'table',
    { class: 'mlops-table is-cards', role: 'table' },
    h('caption', {}, 'Earlier assessments'),
    h(
      'thead',
      {},
      h(
        'tr',
        { role: 'row' },
        ...heads.map((words, at) => h('th', { scope: 'col', class: at ? 'mlops-num' : null }, words))
      )
    ),
    h('tbody', {}, ...rows)
  );
  return fold(plural(rows.length, 'earlier assessment'), [h('div', { class: 'mlops-wide-scroll' }, table)]);
}

/** Return the assessment in lines, to paste into a message. */
function text(record: Assessment): string {
  const lines = record.questions.map(each => `${each.level} ${record.levels[each.level] ?? ''}: ${each.words}`);
  return [record.sentence, record.paragraph, ...lines].join('\n');
}
