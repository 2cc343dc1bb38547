/** One model on one axis of time: what was made, what was named, what it was asked, and how it fared. */

import { segmented } from '../../components/button';
import { aliasChip, versionChip } from '../../components/chip';
import { empty, head, key } from '../../components/layout';
import type { View } from '../../components/view';
import { breakable, h, replace } from '../../dom';
import { date, plural } from '../../format';
import { journey as way } from '../../icons.json';
import type { HistoryEntry } from '../../wire';
import { crosshair } from './crosshair';
import { events, type Shown } from './events';
import { laneTable } from './lanes';
import { callVersion, type Journey, MOVES, type Named } from './record';

const DAY = 86_400_000;
const SPANS = [DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];
const SPAN_WORDS = ['1 day', '1 week', '30 days', '90 days', '1 year'];
const HUES = 6;
const LEAST = 60_000; // milliseconds that the axis shows

/** Return what shows a record; the chosen span stays when it changes. */
export function journey(view: View): (record: Journey) => void {
  const state: { span: number; shown: Shown } = { span: Infinity, shown: 'all' };
  return record => {
    const draw = (): void => replace(view.body, ...drawn(record, state, view, draw));
    draw();
  };
}

function drawn(record: Journey, state: { span: number; shown: Shown }, view: View, redraw: () => void): HTMLElement[] {
  const { name, history, verdicts } = record;
  const items = history.history;
  const now = Date.now();
  const first = firstMoment(record, now);
  const champion = lastOf(items, 'champion');
  const about = [
    plural(new Set(items.filter(each => each.event === 'pin').map(each => each.version)).size, 'version'),
    `${verdicts.length ? plural(verdicts.length, 'check') : 'no check'} since ${date(new Date(first).toISOString(), now)}`,
  ].join(', ');
  const subject = [
    h('h2', {}, ...breakable(name)),
    champion && aliasChip('champion'),
    champion &&
      versionChip({
        version: champion.version,
        number: history.numbers[champion.version] ?? null,
        created: champion.time,
      }),
  ];
  const spans = SPANS.map((span, place) => [String(span), SPAN_WORDS[place] ?? ''] as const)
    .filter(([span]) => Number(span) < now - first)
    .slice(-2);
  const choice =
    spans.length > 0 &&
    segmented('Span', [...spans, ['Infinity', 'All'] as const], String(state.span), view.signal, value => {
      state.span = Number(value);
      redraw();
    });
  if (items.length === 0 && verdicts.length === 0)
    return [
      head(subject, null),
      empty(way, 'Nothing happened yet', 'Pins, promotions, checks and requests appear here.'),
    ];
  const start = Math.max(first, now - state.span);
  const named = namedVersions(record);
  const lanes = laneTable(record, named, start, now);
  const swatches = named.map(
    each => [h('i', { class: 'mlops-swatch', style: `background:var(--m-v${each.hue})` }), each.words] as const
  );
  const left = history.total - items.length;
  return [
    head(subject, about, choice || null),
    crosshair(lanes, record, start, now, view.signal),
    ...(named.length > 0 ? [key(...swatches)] : []),
    events(record, now, left, state, view.signal),
  ];
}

/** Return the first moment of which anything is known. */
function firstMoment({ history, verdicts, traffic }: Journey, now: number): number {
  const times = [
    ...history.history.map(entry => Date.parse(entry.time)),
    ...verdicts.map(each => Date.parse(each.created)),
    ...(traffic.seconds > 0 ? [1000 * traffic.start] : []),
  ];
  return times.reduce((least, time) => Math.min(least, time), now - LEAST);
}

function lastOf(items: readonly HistoryEntry[], alias: string): { version: string; time: string } | null {
  const move = items.find(each => each.alias === alias && MOVES.includes(each.event));
  return move?.version ? { version: move.version, time: move.time } : null;
}

/** Return the versions that an alias named or that answered, newest last; the newest ones have hues of their own. */
function namedVersions({ history, traffic }: Journey): readonly Named[] {
  const moves = history.history.filter(each => MOVES.includes(each.event));
  const versions = new Set([...moves.flatMap(each => [each.version, each.previous]), ...Object.keys(traffic.versions)]);
  const known = [...versions].filter(each => each !== null).sort();
  return known.slice(-HUES).map((version, place) => ({
    version,
    hue: (place % HUES) + 1,
    words: callVersion(version, history.numbers),
  }));
}
