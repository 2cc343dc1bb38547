/** An endpoint: how it is, which versions answer, a place to try it, the last requests, and lines to paste. */

import { button, copyButton, iconButton } from '../components/button';
import { aliasChip, chip, state, versionChip } from '../components/chip';
import { codeBlock } from '../components/code';
import { empty, fold, head, note, part, skeleton, stat, stats } from '../components/layout';
import { box, plot, rule, spark } from '../components/picture';
import { choose, confirm, type Item, opensMenu } from '../components/popover';
import { below, cell } from '../components/table';
import { tabs } from '../components/tabs';
import type { View } from '../components/view';
import { breakable, type Child, h, replace } from '../dom';
import { count, duration, exact, latency, milliseconds, number, percent, plural, readable, text } from '../format';
import {
  drift,
  insert,
  journey,
  promote,
  refresh,
  split,
  stop as square,
  deploy as start,
  swap,
  endpoint as waves,
} from '../icons.json';
import type { Answering, EndpointRecord, FormAnswer, Live, LoggedRequest, Moved, VersionMark } from '../wire';
import { type Form, form, type Problem, type Row } from './endpoint-form';

/** What Python does for the view. */
export interface EndpointActions {
  predict(row: Row): Promise<FormAnswer>;
  stop(): Promise<unknown>;
  /** Not there where a stopped endpoint is forgotten. */
  restart(): Promise<unknown>;
  swap(version: string): Promise<unknown>;
  canary(version: string, share: number): Promise<unknown>;
  adopt(): Promise<Moved>;
  rollback(alias: string): Promise<Moved>;
  endTrial(): Promise<unknown>;
  /** How a stopped endpoint can be had again, where it is forgotten. */
  readonly whenStopped?: string;
  readonly openDrift?: () => void;
  readonly openJourney?: () => void;
}

export interface EndpointView {
  /** Show which version answers where. */
  record(record: EndpointRecord): void;
  /** Show how it is now. */
  live(now: Live): void;
}

const WATCHED = 60; // looks, about a second apart, over which figures are drawn
const NAMED = 3; // fields that do not fit
const ODDS = 6; // classes whose probability is shown
const LANGUAGES: Readonly<Record<string, string>> = {
  python: 'Python',
  r: 'R',
  curl: 'curl',
  javascript: 'JavaScript',
};
const SHARE = 0.1; // of the requests, at the beginning of a trial

export function endpoint(view: View, actions: EndpointActions): EndpointView {
  const places = {
    head: h('div'),
    figures: h('div'),
    answering: h('div'),
    trial: h('div'),
    requests: h('div'),
    code: h('div'),
  };
  replace(view.body, ...Object.values(places));
  const seen: Live[] = [];
  const last: Record<string, string> = {};
  const asking = trial(view, actions);
  let [record, now] = [null as EndpointRecord | null, null as Live | null];
  /** Draw a part again where what it is made of has changed: what is read or scrolled stays. */
  const show = (place: keyof typeof places, of: unknown, draw: () => Child): void => {
    const told = JSON.stringify(of);
    if (last[place] === told) return;
    last[place] = told;
    replace(places[place], draw());
  };
  const draw = (): void => {
    if (record === null || now === null) return;
    const [shown, live] = [record, now];
    const runs = live.state === 'running';
    show('head', [shown, live.state, live.trouble, tried(live)], () => header(shown, live, view, actions));
    replace(places.figures, runs ? figures(seen) : outage(shown, live, actions));
    show('answering', [runs && live.answering], () => (runs ? answering(live, view, actions) : null));
    show('requests', [live.recent, live.requests, runs, live.answering.map(each => each.version)], () =>
      recent(live, shown, asking.fill, view)
    );
    show('code', [shown.snippets], () => snippets(shown, view));
    asking.open(runs, live.answering);
    places.trial.hidden = live.state !== 'running';
    replace(places.trial, asking.node);
  };
  return {
    record: shown => {
      record = shown;
      asking.show(shown);
      draw();
    },
    live: shown => {
      now = shown;
      seen.push(shown);
      if (seen.length > WATCHED) seen.shift();
      draw();
    },
  };
}

function header(record: EndpointRecord, live: Live, view: View, actions: EndpointActions): HTMLElement {
  const { signal } = view;
  const url = `${record.url}/predict`;
  const where = h(
    'span',
    { class: 'mlops-url' },
    h('code', { title: record.board }, url),
    copyButton('Copy URL', signal, () => url, view.complain)
  );
  const subject = [
    h('h2', {}, ...breakable(record.name)),
    h('span', { 'aria-live': 'polite' }, state(live.trouble ? 'silent' : live.state)),
    record.alias && aliasChip(record.alias),
  ];
  if (live.state === 'running') return head(subject, where, ...manage(record, live, view, actions));
  if (live.state === 'starting' || (live.state === 'stopped' && actions.whenStopped)) return head(subject, where);
  const label = live.state === 'stopped' ? 'Start' : 'Restart';
  return head(
    subject,
    where,
    button(label, {
      signal,
      kind: 'is-primary',
      mark: label === 'Start' ? start : refresh,
      press: () => attempt(view, `Starting ${record.name} …`, actions.restart(), 'It answers again.'),
    })
  );
}

/** Do something that takes a while, say what is waited for, then what came of it. */
function attempt(
  view: View,
  meanwhile: string,
  work: Promise<unknown>,
  done: string,
  undo: (() => void) | null = null
): void {
  view.wait(meanwhile);
  work.then(() => view.say(done, undo), view.complain);
}

function manage(record: EndpointRecord, live: Live, view: View, actions: EndpointActions): HTMLElement[] {
  const { signal } = view;
  const others = record.versions.filter(each => each.version !== record.version);
  const trying: HTMLButtonElement = button('Try a version out', {
    signal,
    mark: split,
    press: () =>
      ask(trying, 'Which version is tried out?', `Answer ${percent(SHARE, 0)}`, others, view, version =>
        attempt(
          view,
          'Loading the version …',
          actions.canary(version.version, SHARE),
          `v${version.number} answers ${percent(SHARE, 0)} of the requests.`,
          () => attempt(view, '', actions.endTrial(), 'The trial has ended.')
        )
      ),
  });
  const menu: HTMLButtonElement = button('Manage', { signal, unfolds: true, press: () => undefined });
  const items = (): (Item | null)[] => [
    {
      label: 'Answer with another version…',
      mark: swap,
      press: () =>
        ask(menu, 'Which version answers from now on?', 'Swap', others, view, version =>
          attempt(view, 'Loading the version …', actions.swap(version.version), `v${version.number} answers now.`, () =>
            attempt(view, '', actions.swap(record.version), `v${record.number} answers again.`)
          )
        ),
    },
    {
      label: 'Restart',
      mark: refresh,
      press: () => attempt(view, `Restarting ${record.name} …`, actions.restart(), 'It answers again.'),
    },
    ...(actions.openDrift || actions.openJourney ? [null] : []),
    ...(actions.openDrift ? [{ label: 'Drift report', mark: drift, press: actions.openDrift }] : []),
    ...(actions.openJourney ? [{ label: 'Journey', mark: journey, press: actions.openJourney }] : []),
    null,
    {
      label: 'Stop…',
      mark: square,
      danger: true,
      press: () =>
        void confirm(
          menu,
          `Stop ${record.name}?`,
          'Requests fail until it is started again.',
          'Stop endpoint',
          signal
        ).then(
          sure =>
            sure &&
            attempt(
              view,
              `Stopping ${record.name} …`,
              actions.stop(),
              `The endpoint of ${record.name} was stopped.`,
              actions.whenStopped
                ? null
                : () => attempt(view, `Starting ${record.name} …`, actions.restart(), 'It answers again.')
            )
        ),
    },
  ];
  return [...(others.length > 0 && !tried(live) ? [trying] : []), opensMenu(menu, items, signal)];
}

function ask(
  anchor: HTMLElement,
  question: string,
  accept: string,
  versions: readonly VersionMark[],
  view: View,
  act: (version: VersionMark) => void
): void {
  const names = new Map(versions.map(each => [`v${each.number} ${each.version.slice(-5)}`, each]));
  void choose(anchor, question, [...names.keys()], accept, view.signal).then(name => {
    const found = names.get(name ?? '');
    if (found) act(found);
  });
}

/** Return the figures of the last minute. */
function figures(seen: readonly Live[]): HTMLElement {
  const now = seen.at(-1);
  const over = (name: string, pick: (live: Live) => number | null): SVGSVGElement =>
    spark(seen.map(pick), `${name} in the last minute`, { low: 0 });
  return stats(
    stat(
      'Requests',
      number(now?.rate === null || now === undefined ? null : Number(now.rate.toPrecision(3))),
      'per second',
      over('Requests per second', live => live.rate)
    ),
    stat(
      'Latency, median',
      milliseconds(now?.p50_ms),
      now?.p50_ms == null ? null : 'ms',
      over('Median latency', live => live.p50_ms)
    ),
    stat(
      'Latency, slowest 5%',
      milliseconds(now?.p95_ms),
      now?.p95_ms == null ? null : 'ms',
      over('95th percentile of the latency', live => live.p95_ms)
    ),
    stat(
      'Errors',
      count(now?.errors),
      now?.errors ? `${count(now.failed)} failed, ${count(now.refused)} refused` : null,
      errors(seen)
    ),
    stat(
      'Running for',
      now?.uptime_seconds == null ? '–' : duration(now.uptime_seconds),
      null,
      h('small', { class: 'mlops-own' }, `${plural(now?.requests ?? 0, 'request')}, ${plural(now?.rows ?? 0, 'row')}`)
    )
  );
}

function errors(seen: readonly Live[]): SVGSVGElement {
  const fresh = seen.flatMap((live, place) =>
    (live.errors ?? 0) > (seen[place - 1]?.errors ?? live.errors ?? 0) ? [place] : []
  );
  const width = 100 / WATCHED;
  return plot(
    24,
    `Errors in the last minute: ${fresh.length > 0 ? plural(fresh.length, 'look') : 'none'}`,
    rule(0, 23, 100, 23, 'is-axis'),
    ...fresh.map(place => box(width * place, 4, width, 19, { kind: 'is-bad' }))
  );
}

/** Say why there are no figures. */
function outage(record: EndpointRecord, live: Live, actions: EndpointActions): HTMLElement {
  if (live.state === 'starting')
    return h(
      'div',
      {},
      h(
        'p',
        { class: 'mlops-2' },
        'The model is loaded and predicts its example rows. The endpoint answers when the predictions are right.'
      ),
      skeleton(100, 70)
    );
  if (live.state === 'stopped')
    return h(
      'p',
      { class: 'mlops-2' },
      actions.whenStopped ?? 'Its port, token and options are kept: starting brings back the same URL.'
    );
  if (live.trouble) return note('bad', [live.trouble]);
  const lines = live.last_lines.join('\n');
  const log = lines
    ? fold(
        'The last lines of its log',
        [h('div', { class: 'mlops-code' }, h('pre', { tabindex: '0', 'aria-label': 'Log' }, lines))],
        true
      )
    : null;
  return note('bad', [
    h('b', {}, `The process of ${record.name} has ended.`),
    ' What it was asked is kept in the prediction log.',
    log,
  ]);
}

const MODES: Readonly<Record<string, string>> = {
  answers: 'answers',
  canary: 'tried out',
  shadow: 'listens',
  before: 'answered before',
};

/** Return the version that is tried out. */
function tried({ answering }: Live): Answering | undefined {
  return answering.find(each => each.mode === 'canary' || each.mode === 'shadow');
}

function answering(live: Live, view: View, actions: EndpointActions): HTMLElement {
  const { signal } = view;
  const trial = tried(live);
  const tools = trial
    ? [
        button('End the trial', {
          signal,
          kind: 'is-quiet',
          press: () =>
            attempt(
              view,
              '',
              actions.endTrial(),
              `The trial of v${trial.number} has ended.`,
              trial.mode === 'canary'
                ? () =>
                    attempt(
                      view,
                      '',
                      actions.canary(trial.version, trial.share),
                      `v${trial.number} is tried out again.`
                    )
                : null
            ),
        }),
        button(`Promote v${trial.number}`, {
          signal,
          mark: promote,
          press: () => {
            const back = ({ alias }: Moved): void =>
              void actions.rollback(alias).then(done => view.say(done.message), view.complain);
            void actions.adopt().then(done => view.say(done.message, () => back(done)), view.complain);
          },
        }),
      ]
    : [];
  const hues = huesOf(live.answering);
  const shares = live.answering.filter(each => each.share > 0);
  const bar =
    shares.length > 1
      ? h(
          'div',
          {
            class: 'mlops-share',
            role: 'img',
            'aria-label': shares.map(each => `v${each.number} answers ${percent(each.share, 0)}`).join(', '),
          },
          ...shares.map(each =>
            h('span', { style: `flex:${each.share};--c:var(--m-v${hues.get(each.version)})` }, percent(each.share, 0))
          )
        )
      : null;
  const heads = [
    h('th', { scope: 'col' }, 'Version'),
    h('td'),
    ...['Requests', 'Median', 'Slowest 5%', 'Failed'].map(words =>
      h('th', { scope: 'col', class: 'mlops-num' }, words)
    ),
  ];
  const table = h(
    'table',
    { class: 'mlops-table is-cards', role: 'table' },
    h('caption', {}, 'What each version answered'),
    h('thead', {}, h('tr', { role: 'row' }, ...heads)),
    h('tbody', {}, ...live.answering.map(each => answeringRow(each, hues.get(each.version) ?? 0)))
  );
  return part(
    'Who answers',
    trial
      ? `v${trial.number} is ${trial.mode === 'canary' ? `tried out on ${percent(trial.share, 0)} of the requests` : 'listening: its answers are logged only'}`
      : null,
    [bar, h('div', { class: 'mlops-wide-scroll' }, table)],
    tools
  );
}

/** Return the hue of each version, the oldest first: a version keeps its own when another one takes its place. */
function huesOf(answering: readonly Answering[]): ReadonlyMap<string, number> {
  const versions = answering.map(each => each.version).sort();
  return new Map(versions.map((version, place) => [version, Math.min(6, place + 1)]));
}

function answeringRow(each: Answering, hue: number): HTMLElement {
  const word = each.mode === 'answers' ? null : chip(MODES[each.mode] ?? each.mode, 'is-open');
  return h(
    'tr',
    { role: 'row' },
    cell('', versionChip(each, each.version.slice(-5), hue)),
    cell('', h('span', { class: 'mlops-line' }, ...each.aliases.map(aliasChip), word)),
    below('requests', 'mlops-num', count(each.requests)),
    below('median', 'mlops-num', latency(each.p50_ms)),
    below('slowest 5%', 'mlops-num', latency(each.p95_ms)),
    below('failed', 'mlops-num', count(each.failed))
  );
}

type Numbered = Pick<VersionMark, 'version' | 'number'>;

interface Trial {
  readonly node: HTMLElement;
  show(record: EndpointRecord): void;
  open(yes: boolean, answering: readonly Answering[]): void;
  fill(row: Row): void;
}

/** Return the form and its answer; what was typed stays where a column of that name and kind stays. */
function trial(view: View, actions: EndpointActions): Trial {
  const { signal } = view;
  const [fields, answer, tools] = [
    h('div'),
    h('div', { class: 'mlops-answer', role: 'status' }),
    h('span', { class: 'mlops-line' }),
  ];
  let [columns, shown, marks] = ['', null as Form | null, [] as readonly VersionMark[]];
  let answers: readonly Answering[] = [];
  const nothing = (): void =>
    replace(
      answer,
      empty(waves, 'No answer yet', 'Predict sends the row as one request; it is logged as every other one.')
    );
  const predict = (): void => {
    if (!shown || send.disabled) return;
    const asked = shown;
    send.disabled = true;
    replace(answer, skeleton(40, 90, 70));
    asked.show([]);
    actions
      .predict(asked.row())
      .then(
        found => replace(answer, ...drawn(found, asked, [...answers, ...marks])),
        error => replace(answer, refused(error, asked))
      )
      .finally(() => {
        send.disabled = false;
        view.wait('');
      });
  };
  const send = button('Predict', { signal, kind: 'is-primary', press: predict });
  const left = part(
    'Try it',
    'grey: what it was trained on',
    [fields, h('div', { class: 'mlops-line mlops-send' }, send, h('small', {}, 'or Enter in any field'))],
    [tools]
  );
  const right = part('Answer', null, [answer]);
  nothing();
  return {
    node: h('div', { class: 'mlops-two' }, left, right),
    fill: row => {
      shown?.fill(row);
      fields.scrollIntoView?.({ block: 'nearest' });
    },
    open: (yes, answering) => {
      answers = answering;
      if (!yes) send.disabled = true;
      else if (answer.querySelector('[aria-busy]') === null) send.disabled = false;
    },
    show: record => {
      const { prototype } = record;
      marks = record.versions;
      const first = prototype.examples[0] ?? {};
      const example: HTMLButtonElement = button('Examples', {
        signal,
        kind: 'is-small',
        unfolds: true,
        press: () => undefined,
      });
      const items = (): Item[] =>
        prototype.examples
          .slice(0, 10)
          .map((row, place) => ({ label: `Example ${place + 1}`, mark: insert, press: () => shown?.fill(row) }));
      replace(
        tools,
        prototype.examples.length > 1 && opensMenu(example, items, signal),
        button('Reset', { signal, kind: 'is-small is-quiet', press: () => shown?.fill(first) })
      );
      const now = JSON.stringify(prototype.columns.map(({ name, kind }) => [name, kind]));
      if (now === columns) return;
      const typed = shown?.row() ?? {};
      columns = now;
      shown = form(prototype.columns, signal, predict);
      shown.fill({
        ...first,
        ...Object.fromEntries(
          Object.entries(typed).filter(([name]) => prototype.columns.some(column => column.name === name))
        ),
      });
      replace(fields, shown.node);
    },
  };
}

function drawn(found: FormAnswer, asked: Form, versions: readonly Numbered[]): Child[] {
  const odds = Object.entries(found.probabilities ?? {}).sort(([, a], [, b]) => b - a);
  const by = versions.find(each => each.version === found.version);
  const bars = odds.slice(0, ODDS).flatMap(([label, share]) => {
    const best = label === text(found.prediction);
    const words = percent(share);
    return [
      h(best ? 'b' : 'span', {}, label),
      h('i', { class: best ? null : 'is-rest', style: `--p:${(100 * share).toFixed(1)}` }),
      h(best ? 'b' : 'span', {}, words),
    ];
  });
  const outside = asked.outside();
  const guesses = outside.map(({ column, value }) =>
    note('alert', [
      h('b', {}, column.name),
      typeof value === 'number'
        ? ` ${number(value)} is outside what it was trained on, ${readable(column.minimum)} to ${readable(column.maximum)}.`
        : ` ${value} was not in the training data.`,
      ' The answer is a guess there.',
    ])
  );
  // the endpoint warns of the same columns, in words for many rows
  const others = found.warnings.filter(words => !outside.some(({ column }) => words.startsWith(`${column.name}: `)));
  return [
    h('small', {}, 'Prediction'),
    h('h4', {}, readable(found.prediction)),
    bars.length > 0 && h('div', { class: 'mlops-odds' }, ...bars),
    odds.length > ODDS && h('p', { class: 'mlops-2' }, `and ${count(odds.length - ODDS)} less likely ones`),
    h(
      'div',
      { class: 'mlops-line mlops-2' },
      found.version && versionChip({ version: found.version, number: by?.number ?? null }),
      h('span', {}, `answered in ${latency(found.latency_ms)}`)
    ),
    ...[...others.map(words => note('alert', [words])), ...guesses].map(each =>
      h('div', { class: 'mlops-below' }, each)
    ),
  ];
}

/** Show a refusal: what belongs to a field at that field, the rest here. */
function refused(error: unknown, asked: Form): HTMLElement {
  const problems = (error as { problems?: readonly Problem[] }).problems ?? [];
  const rest = asked.show(problems);
  const words = error instanceof Error ? error.message : String(error);
  const more = rest.map(({ column, message }) => h('p', {}, `${column}: ${message}`));
  const fields = problems.filter(each => !rest.includes(each)).map(each => each.column);
  const named = fields.slice(0, NAMED).join(', ') + (fields.length > NAMED ? ` and ${fields.length - NAMED} more` : '');
  const unfit = `Nothing was predicted: ${named} ${fields.length === 1 ? 'does' : 'do'} not fit.`;
  return note('bad', [fields.length > 0 ? unfit : words, ...more], { role: 'alert' });
}

function recent(live: Live, record: EndpointRecord, fill: (row: Row) => void, view: View): HTMLElement | null {
  const rows = live.recent;
  if (live.state !== 'running' && !rows?.length) return null;
  if (rows === null)
    return part('Recent requests', null, [h('p', { class: 'mlops-2' }, 'Requests are not kept (`--no-log`).')]);
  if (rows.length === 0) return part('Recent requests', null, [h('p', { class: 'mlops-2' }, 'No request yet.')]);
  const heads = ['Time', 'Answer', 'Asked', 'Took', 'Version'].map(words =>
    h('th', { scope: 'col', class: words === 'Took' ? 'mlops-num' : null }, words)
  );
  const hues = huesOf(live.answering);
  const known = [...live.answering, ...record.versions]; // a version may have come after the record was made
  const lines = rows.map(each => requestRow(each, known, hues, fill, view));
  const table = h(
    'table',
    { class: 'mlops-table is-cards mlops-requests', role: 'table' },
    h('caption', {}, 'Recent requests, newest first'),
    h('thead', {}, h('tr', { role: 'row' }, ...heads, h('td'))),
    h('tbody', {}, ...lines)
  );
  return part('Recent requests', 'newest first', [h('div', { class: 'mlops-wide-scroll' }, table)]);
}

function requestRow(
  each: LoggedRequest,
  known: readonly Numbered[],
  hues: ReadonlyMap<string, number>,
  fill: (row: Row) => void,
  view: View
): HTMLElement {
  const number = known.find(one => one.version === each.version)?.number ?? 0;
  const sure =
    each.probability === null ? null : h('small', {}, percent(each.probability, each.probability > 0.995 ? 1 : 0));
  const time = new Date(each.time);
  return h(
    'tr',
    { role: 'row' },
    cell(
      '',
      h(
        'span',
        { class: 'mlops-2', title: `${exact(each.time)}; local time is shown` },
        Number.isNaN(time.getTime()) ? each.time : time.toLocaleTimeString('en-GB')
      )
    ),
    cell('mlops-wrap', h('span', { class: 'mlops-line mlops-tight' }, readable(each.prediction), sure)),
    h(
      'td',
      { role: 'cell', class: 'mlops-asked is-below' },
      h('span', {}, ...Object.entries(each.row).map(([name, value]) => chip(`${name} ${readable(value)}`)))
    ),
    below('', 'mlops-num', latency(each.latency_ms)),
    below('', '', versionChip({ version: each.version, number }, each.version.slice(-5), hues.get(each.version) ?? 0)),
    cell(
      'mlops-acts',
      iconButton(insert, 'Put into the form', {
        signal: view.signal,
        kind: 'is-small',
        press: () => fill(each.row as Row),
      })
    )
  );
}

function snippets(record: EndpointRecord, view: View): HTMLElement {
  const languages = Object.entries(record.snippets).map(([language, code]) => ({
    label: LANGUAGES[language] ?? language,
    draw: () =>
      codeBlock(
        code.trimEnd(),
        `Call ${record.name} from ${LANGUAGES[language] ?? language}`,
        view.signal,
        view.complain
      ),
  }));
  return part('Use it from code', 'runs as it is; the first line gets the token', [
    tabs('Language', languages, view.signal),
  ]);
}
