/** A retraining: the decision and why, both models on the same held-out rows, the conditions; while it runs, its steps. */

import { button } from '../components/button';
import { aliasChip, chip, direction, state, versionChip } from '../components/chip';
import { codeBlock } from '../components/code';
import { icon, type Shape } from '../components/icon';
import { fold, head, note, part, verdict } from '../components/layout';
import { box, dot, plot, rule, scale, words } from '../components/picture';
import { confirm } from '../components/popover';
import { below, cell } from '../components/table';
import type { View } from '../components/view';
import { breakable, type Child, h, replace } from '../dom';
import { age, count, decimals, duration, exact, fixed, number, plural, sentence, shortName, signed } from '../format';
import {
  alert,
  arrow,
  died,
  good,
  insert as insertMark,
  journey as journeyMark,
  retrain,
  starting,
  stopped,
  undo as undoMark,
  promote as up,
} from '../icons.json';
import type {
  CheckRow,
  Contestant,
  GainRow,
  HeldOutResult,
  Message,
  Moved,
  RetrainingRecord,
  RunStep,
  SegmentGainRow,
} from '../wire';

export interface RetrainingActions {
  /** Let the challenger be champion. */
  readonly promote: () => Promise<Moved>;
  /** Take the promotion back. */
  readonly undo: () => Promise<Moved>;
  /** End the run. */
  readonly cancel: () => Promise<Message>;
  /** Begin the run once more. */
  readonly again: () => Promise<Message>;
  /** Put the line that retrains into a notebook, where no session can begin the run. */
  readonly insert?: () => Promise<{ readonly message: string }>;
  /** Open the history of the model, where there is a place for it. */
  readonly journey?: () => void;
}

type Verdict = GainRow['verdict'];

const KINDS: Readonly<Record<Verdict, string>> = { better: 'is-good', worse: 'is-alert', 'within chance': 'is-ref' };
const MEANINGS: Readonly<Record<Verdict, string>> = { better: 'good', worse: 'alert', 'within chance': '' };
const MARKS: Readonly<Record<RunStep['state'], readonly [Shape, string | null]>> = {
  done: [good, 'is-done'],
  running: [starting, 'is-now'],
  failed: [died, 'is-failed'],
  open: [stopped, null],
};
const LEAST_RANGE = 1e-9; // of an axis of gains
const HELD_OUT_ROOM = 70; // percent of the width from which the words fit before the end of the bar
const LEAST_SEEN = 0.001; // a gain that three decimals show
const TICK_MS = 1000;

/** Return how to show a run; a running one counts its seconds. */
export function retraining(view: View, actions: RetrainingActions): (record: RetrainingRecord) => void {
  let timer = 0;
  view.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  const show = (record: RetrainingRecord): void => {
    clearInterval(timer);
    replace(view.body, ...parts(record, view, actions));
    if (record.status === 'running') timer = window.setInterval(() => tick(view.body), TICK_MS);
  };
  return show;
}

/** Write again how long what runs has taken. */
function tick(body: HTMLElement): void {
  for (const each of body.querySelectorAll<HTMLElement>('[data-since]'))
    each.textContent = since(each.dataset['since'] ?? '');
}

function since(started: string): string {
  return duration(Math.max(0, (Date.now() - Date.parse(started)) / 1000));
}

function parts(record: RetrainingRecord, view: View, actions: RetrainingActions): Child[] {
  const running = record.status === 'running';
  const found = record.result;
  const steps = stepList(record.steps, running);
  return [
    head(
      [h('h2', {}, ...breakable(record.name)), running && state('starting', 'Retraining')],
      about(record),
      ...acts(record, view, actions)
    ),
    !running && verdict(record.meaning, record.sentence, record.paragraph),
    sides(record),
    running && steps,
    found && found.rows > 0 && gainsPart(record, found),
    h(
      'div',
      { class: 'mlops-two' },
      found && found.checks.length > 0 && checksPart(found.checks),
      found && found.segments.length > 0 && segmentsPart(found),
      record.reason && part('Why it ran', null, [h('p', {}, ...breakable(sentence(record.reason)))]),
      found && rowsPart(record)
    ),
    ...record.notes.map(each => h('div', { class: 'mlops-below' }, note('info', [each]))),
    !running && fold('Steps', [steps]),
    record.output &&
      fold(
        'Output',
        [codeBlock(record.output, 'Output of the recipe', view.signal, view.complain)],
        record.status === 'failed'
      ),
    fold('Facts', [factList(record.facts)]),
  ];
}

function about(record: RetrainingRecord): Child {
  if (record.status !== 'running') {
    const took = record.seconds === null ? '' : `, took ${duration(record.seconds)}`;
    const told = h('span', { title: exact(record.started), 'data-age': record.started }, age(record.started));
    return h('span', {}, 'Retraining of ', told, took);
  }
  const usual = record.usual_seconds === null ? '' : `, usually ${duration(record.usual_seconds)}`;
  const how = record.can_cancel ? '' : '; interrupt its cell to cancel it';
  return h('span', {}, 'for ', h('span', { 'data-since': record.started }, since(record.started)), usual, how);
}

function acts(record: RetrainingRecord, view: View, actions: RetrainingActions): Child[] {
  const run = (act: () => Promise<{ readonly message: string }>): void => {
    act().then(({ message }) => view.say(message), view.complain);
  };
  const { signal } = view;
  const { insert, journey } = actions;
  const name = record.challenger ? called(record.challenger) : '';
  const stopped = record.status === 'failed' || record.status === 'cancelled';
  return [
    record.can_cancel && cancelButton(record, view, () => run(actions.cancel)),
    record.can_run_again &&
      button('Run again', { signal, mark: retrain, kind: 'is-primary', press: () => run(actions.again) }),
    stopped &&
      !record.can_run_again &&
      insert &&
      button('Insert code: retrain', { signal, mark: insertMark, press: () => run(insert) }),
    record.can_undo && button('Undo the promotion', { signal, mark: undoMark, press: () => run(actions.undo) }),
    record.can_promote &&
      button(record.status === 'waiting' ? `Promote ${name}` : `Promote ${name} anyway`, {
        signal,
        mark: up,
        kind: record.status === 'waiting' ? 'is-primary' : 'is-quiet',
        press: () => run(actions.promote),
      }),
    journey && record.status !== 'running' && button('Journey', { signal, mark: journeyMark, press: journey }),
  ];
}

function cancelButton(record: RetrainingRecord, view: View, cancel: () => void): HTMLElement {
  const made = button('Cancel…', { signal: view.signal, kind: 'is-quiet', press: () => void press() });
  const press = async (): Promise<void> => {
    const consequence = `Its recipe is ended, nothing is promoted, and ${called(record.champion)} stays.`;
    const question = `Cancel the retraining of ${record.name}?`;
    if (await confirm(made, question, consequence, 'Cancel it', view.signal, 'Keep it running')) cancel();
  };
  return made;
}

function called({ number: nth, version }: Contestant): string {
  return shortName(version, nth);
}

function sides({ champion, challenger }: RetrainingRecord): HTMLElement | null {
  if (!challenger) return null;
  return h(
    'div',
    { class: 'mlops-sides' },
    side(champion, 'var(--m-ref)'),
    h('span', { class: 'mlops-2', 'aria-hidden': 'true' }, icon(arrow)),
    side(challenger, 'var(--m-cur)')
  );
}

function side(found: Contestant, hue: string): HTMLElement {
  const chips = found.aliases.length > 0 ? found.aliases.map(aliasChip) : [chip(found.role)];
  return h(
    'div',
    { class: 'mlops-side', style: `--side:${hue}` },
    h('div', { class: 'mlops-line' }, versionChip(found), ...chips),
    found.description && h('small', {}, found.description)
  );
}

function most(rows: readonly (GainRow | SegmentGainRow)[], line: number): number {
  const ends = rows.flatMap(({ gain, lower, upper }) => [gain, lower, upper].map(end => Math.abs(end ?? 0)));
  return Math.max(LEAST_RANGE, Math.abs(line), ...ends);
}

function gainsPart(record: RetrainingRecord, found: HeldOutResult): HTMLElement {
  const range = most(found.gains, found.asked);
  const [a, b] = [called(record.champion), record.challenger ? called(record.challenger) : ''];
  const level = `Gain, ${Math.round(100 * found.level)}% interval`;
  const heads = [
    h('th', { scope: 'col' }, 'Metric'),
    h('th', { scope: 'col', class: 'mlops-num' }, a),
    h('th', { scope: 'col', class: 'mlops-num' }, b),
    h(
      'th',
      { scope: 'col', class: 'mlops-gain' },
      h('span', { class: 'mlops-ends' }, h('span', {}, '◂ worse'), h('span', {}, 'better ▸'))
    ),
    h('th', { scope: 'col', class: 'mlops-num' }, level),
    h('td'),
  ];
  const line = found.asked ? '; the dashed line is what was asked for' : '';
  const rows = found.gains.map(each => gainRow(each, range, found.asked, a, b));
  return part('On the same rows', `${plural(found.rows, 'held-out row')}${line}`, [
    table('Champion and challenger on the same rows', heads, rows),
  ]);
}

function gainRow(each: GainRow, range: number, asked: number, a: string, b: string): HTMLTableRowElement {
  const digits = digitsOf(each);
  const ends =
    each.lower === null || each.upper === null
      ? null
      : h('small', {}, ` ${fixed(each.lower, digits)} to ${fixed(each.upper, digits)}`);
  return h(
    'tr',
    { role: 'row' },
    h(
      'th',
      { scope: 'row' },
      ...breakable(each.metric),
      ' ',
      h('small', {}, direction(each.better)),
      each.decides && ' ',
      each.decides && chip('decides', 'is-champion')
    ),
    below(a, 'mlops-num', fixed(each.champion, digits)),
    below(b, 'mlops-num', h('b', {}, fixed(each.challenger, digits))),
    below('', 'mlops-gain', gain(each, range, each.decides ? asked : 0, each.verdict, each.metric)),
    below('', 'mlops-num', each.gain === null ? '–' : signed(each.gain, digits), ends),
    below(
      '',
      '',
      h('span', { class: 'mlops-delta', 'data-s': MEANINGS[each.verdict], title: each.method }, each.verdict)
    )
  );
}

/** Return the decimals of a row: three, more where the gain would vanish. */
function digitsOf({ champion, challenger, gain: value }: GainRow): number {
  return value !== null && Math.abs(value) >= LEAST_SEEN ? 3 : Math.max(3, decimals([champion, challenger]));
}

/** Draw a gain with its interval: right is better, grey may be chance, the dashed line was asked for. */
function gain(
  { gain: value, lower, upper }: Pick<GainRow, 'gain' | 'lower' | 'upper'>,
  range: number,
  asked: number,
  verdictOf: Verdict,
  name: string
): SVGSVGElement | null {
  if (value === null) return null;
  const x = scale(-range, range, 2, 98);
  const kind = KINDS[verdictOf];
  const thick = 'stroke:var(--c);stroke-width:5;stroke-opacity:.4';
  const ends = lower !== null && upper !== null;
  return plot(
    24,
    `${name}: gain ${number(value)}${ends ? `, ${number(lower)} to ${number(upper)}` : ''}, ${verdictOf}`,
    rule(0, 12, 100, 12),
    rule(50, 0, 50, 24, 'is-axis'),
    asked !== 0 && rule(x(asked), 0, x(asked), 24, 'is-rule', 'stroke:var(--m-ink)'),
    ends && rule(x(lower), 12, x(upper), 12, kind, thick),
    dot(x(value), 12, { kind: `is-dot ${kind}`, r: 5 })
  );
}

function segmentsPart(found: HeldOutResult): HTMLElement {
  const range = most(found.segments, found.margin);
  const rows = found.segments.map(each =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row' }, ...breakable(each.segment), ' ', h('small', {}, plural(each.rows, 'row'))),
      below('', 'mlops-gain', gain(each, range, -found.margin, segmentVerdict(each), each.segment)),
      cell('mlops-num', each.gain === null ? '–' : signed(each.gain, 3))
    )
  );
  const heads = [h('th', { scope: 'col' }, 'Segment'), h('td'), h('th', { scope: 'col', class: 'mlops-num' }, 'Gain')];
  const allowed = found.margin ? `; the dashed line is the loss that is allowed, ${number(found.margin)}` : '';
  return part('By segment', null, [
    table('Gain by segment', heads, rows),
    h('small', {}, `gain in ${found.metric}${allowed}`),
  ]);
}

function segmentVerdict({ held, lower }: SegmentGainRow): Verdict {
  if (!held) return 'worse';
  return lower !== null && lower > 0 ? 'better' : 'within chance';
}

function checksPart(checks: readonly CheckRow[]): HTMLElement {
  const held = checks.filter(each => each.held).length;
  const lines = checks.map(each =>
    h(
      'li',
      { class: each.held ? null : 'is-no' },
      icon(each.held ? good : alert, { label: each.held ? 'holds' : 'does not hold' }),
      h('span', {}, each.name),
      h('small', {}, each.text)
    )
  );
  return part('What had to hold', `${held} of ${checks.length}`, [h('ul', { class: 'mlops-checks' }, ...lines)]);
}

/** Draw the rows that each model learned from, and those that no run saw. */
function rowsPart(record: RetrainingRecord): HTMLElement | null {
  const { champion, challenger, champion_rows, training_rows, held_out_rows } = record;
  const known = [
    { name: called(champion), rows: champion_rows ?? 0, kind: 'is-ref' },
    { name: challenger ? called(challenger) : '', rows: training_rows, kind: '' },
  ].filter(({ name, rows }) => name && rows > 0);
  if (known.length === 0 || held_out_rows === 0) return null;
  const whole = Math.max(...known.map(({ rows }) => rows)) + held_out_rows;
  const share = (rows: number): number => (100 * rows) / whole;
  const bars = known.flatMap(({ name, rows, kind }, at) => [
    words(0, 12 + 36 * at, `${name}: ${plural(rows, 'row')}`),
    box(0, 16 + 36 * at, share(rows), 14, { kind, rx: 3, style: 'fill-opacity:.45' }),
  ]);
  const y = 16 + 36 * (known.length - 1);
  const from = share(known.at(-1)?.rows ?? 0);
  const told = `${count(held_out_rows)} held out`;
  const held = [
    box(from, y, share(held_out_rows), 14, { rx: 3, style: 'fill:none;stroke:var(--m-cur)' }),
    from < HELD_OUT_ROOM
      ? words(from + share(held_out_rows) + 1, y + 11, told)
      : words(from + share(held_out_rows), y - 4, told, { anchor: 'end' }),
  ];
  const label = `${plural(training_rows, 'row')} to learn from, ${count(held_out_rows)} held out`;
  return part('What it learned from', record.held_out, [plot(y + 20, label, ...bars, ...held)]);
}

function stepList(steps: readonly RunStep[], openToo: boolean): HTMLElement {
  const lines = steps
    .filter(each => openToo || each.state !== 'open')
    .map(each => {
      const [shape, kind] = MARKS[each.state];
      const took =
        each.state === 'running' && each.started
          ? h('small', { 'data-since': each.started }, since(each.started))
          : h('small', {}, each.seconds === null ? '' : duration(each.seconds));
      return h(
        'li',
        { class: kind },
        icon(shape, { label: each.state }),
        h('span', {}, each.words, ' ', each.text && h('small', {}, each.text)),
        took
      );
    });
  return h('ol', { class: 'mlops-steps', 'aria-live': 'polite' }, ...lines);
}

function factList(facts: RetrainingRecord['facts']): HTMLElement {
  const lines = Object.entries(facts).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
  return h('dl', { class: 'mlops-saved-facts' }, ...lines);
}

function table(caption: string, heads: readonly HTMLElement[], rows: readonly HTMLTableRowElement[]): HTMLElement {
  return h(
    'table',
    { class: 'mlops-table is-cards mlops-gains', role: 'table' },
    h('caption', {}, caption),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...rows)
  );
}
