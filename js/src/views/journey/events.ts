/** What happened to a model, by day: the same as the lanes, in words. */

import { button, segmented } from '../../components/button';
import { icon, type Shape } from '../../components/icon';
import { part } from '../../components/layout';
import { type Child, h, replace } from '../../dom';
import { count, exact, number, plural } from '../../format';
import {
  alert,
  close,
  doc,
  alias as flag,
  good,
  version as pin,
  promote,
  refresh,
  retrain,
  trash,
  undo,
} from '../../icons.json';
import type { HistoryEntry, VerdictRow } from '../../wire';
import { clock, dayOf } from './axis';
import { callVersion, type Journey, RETRAINED, withNames } from './record';

export type Shown = 'all' | 'aliases' | 'checks' | 'retraining';

interface Happened {
  readonly time: string;
  readonly kind: Shown;
  readonly mark: Shape;
  readonly alerting: boolean;
  readonly words: readonly Child[];
  readonly more: string;
}

const FEW = 30; // events that are drawn before more are asked for; the newest

/** Return the list of what happened, newest first. */
export function events(
  record: Journey,
  now: number,
  left: number,
  state: { shown: Shown },
  signal: AbortSignal
): HTMLElement {
  const all = [
    ...record.history.history.map(entry => ofEntry(entry, record.history.numbers)),
    ...record.verdicts.map(ofVerdict),
  ].sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  const [list, more] = [h('ol', { class: 'mlops-events' }), h('div', { class: 'mlops-below' })];
  let most = FEW;
  const draw = (): void => {
    const shown = all.filter(each => state.shown === 'all' || each.kind === state.shown);
    const rest = shown.length - most;
    replace(list, ...byDay(shown.slice(0, most), now));
    replace(more, rest > 0 && button(`Show ${count(rest)} more`, { signal, press: () => ((most = Infinity), draw()) }));
  };
  const kinds = [
    ['all', 'All'],
    ['aliases', 'Aliases'],
    ['checks', 'Checks'],
    ['retraining', 'Retraining'],
  ] as const;
  const choice = segmented('Show', kinds, state.shown, signal, value => {
    state.shown = value;
    draw();
  });
  draw();
  const about =
    left > 0
      ? `the newest ${count(all.length)} of ${count(all.length + left)}`
      : `${plural(all.length, 'event')}, newest first`;
  return part('What happened', about, [list, more], [all.length > 3 ? choice : null]);
}

function byDay(found: readonly Happened[], now: number): HTMLElement[] {
  const days = new Map<string, Happened[]>();
  for (const each of found) {
    const day = dayOf(Date.parse(each.time), now);
    days.set(day, [...(days.get(day) ?? []), each]);
  }
  return [...days].map(([day, list]) =>
    h('li', { class: 'is-day' }, h('h4', {}, day), h('ol', {}, ...list.map(drawn)))
  );
}

function drawn({ mark, alerting, words, more, time }: Happened): HTMLElement {
  return h(
    'li',
    { class: alerting ? 'is-alert' : null },
    icon(mark),
    h('div', {}, ...words, more && h('small', {}, ` ${more}`)),
    h('small', { title: `${exact(time)}; local time is shown` }, clock(Date.parse(time)))
  );
}

function ofVerdict(found: VerdictRow): Happened {
  const drifted = found.drifted.length;
  const named = found.drifted.slice(0, 3).join(', ');
  const of = found.features ? ` of ${count(found.features)}` : '';
  const words =
    drifted > 0
      ? [
          h('b', {}, `${count(drifted)}${of}`),
          ` ${drifted === 1 && !of ? 'feature' : 'features'} drifted: ${named}${drifted > 3 ? ', …' : ''}`,
        ]
      : ['No feature drifted'];
  const metric = found.performance[0];
  const limit = metric?.low ?? metric?.high;
  const measured = metric
    ? `${metric.metric} ${number(metric.score)}${typeof limit === 'number' ? `, limit ${number(limit)}` : ''}`
    : '';
  const bad = drifted > 0 || found.n_alerts > 0;
  return {
    time: found.created,
    kind: 'checks',
    mark: bad ? alert : good,
    alerting: bad,
    words,
    more: [`${plural(found.rows, 'row')}`, measured].filter(Boolean).join('; '),
  };
}

function ofEntry(entry: HistoryEntry, numbers: Readonly<Record<string, number>>): Happened {
  const who = h('b', {}, entry.by ?? 'someone');
  const code = (version: string | null): Child =>
    version === null ? 'no version' : h('code', { title: version }, callVersion(version, numbers));
  const [version, before] = [code(entry.version), entry.previous];
  const text = withNames(entry.note ?? '', numbers);
  const note = RETRAINED.test(text) ? 'by its retraining' : text && `“${text}”`; // which says the rest by itself
  const base = { time: entry.time, alerting: false };
  const was = before ? `before: ${callVersion(before, numbers)}` : '';
  const joined = (...parts: string[]): string => parts.filter(Boolean).join('; ');
  switch (entry.event) {
    case 'pin':
      return { ...base, kind: 'all', mark: pin, words: [who, ' pinned ', version], more: note };
    case 'promote':
      return {
        ...base,
        kind: 'aliases',
        mark: promote,
        words: [who, ' promoted ', version, ` to ${entry.alias ?? ''}`],
        more: joined(note, was),
      };
    case 'rollback':
      return {
        ...base,
        kind: 'aliases',
        mark: undo,
        words: [who, ` rolled ${entry.alias ?? ''} back to `, version],
        more: joined(note, was),
      };
    case 'conflict':
      return {
        ...base,
        kind: 'aliases',
        mark: close,
        words: [who, ' wanted ', version, ` as ${entry.alias ?? ''} in the same moment`],
        more: joined(note, `another move was faster: ${callVersion(before, numbers)}`),
      };
    case 'delete':
      return { ...base, kind: 'all', mark: trash, words: [who, ' moved ', version, ' to the trash'], more: note };
    case 'restore':
      return { ...base, kind: 'all', mark: refresh, words: [who, ' restored ', version], more: note };
    case 'annotate':
      return { ...base, kind: 'all', mark: doc, words: [who, ' annotated ', version], more: note };
    case 'protect':
      return { ...base, kind: 'aliases', mark: flag, words: [who, ` protected ${entry.alias ?? ''}`], more: note };
    case 'unprotect':
      return {
        ...base,
        kind: 'aliases',
        mark: flag,
        words: [who, ` let ${entry.alias ?? ''} move freely`],
        more: note,
      };
    case 'retrain_claim':
      return { ...base, kind: 'retraining', mark: retrain, words: [who, ' began to retrain ', version], more: text };
    case 'retrain_end':
      return {
        ...base,
        kind: 'retraining',
        mark: retrain,
        words: entry.version ? ['Retraining made ', version] : ['Retraining made no version'],
        more: text,
      };
    case 'sign':
      return { ...base, kind: 'all', mark: good, words: [who, ' signed ', version], more: note };
    default:
      return {
        ...base,
        kind: 'all',
        mark: doc,
        words: [who, `: ${entry.event} `, entry.version ? version : null],
        more: note,
      };
  }
}
