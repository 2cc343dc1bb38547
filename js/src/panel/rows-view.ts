/** One row of the tree: record to DOM. */

import { chip, stateMark } from '../components/chip';
import { icon } from '../components/icon';
import { spark } from '../components/picture';
import { type Child, h } from '../dom';
import { age, count, decimals, exact, fixed, percent, plural } from '../format';
import { alert, champion as crown, alias as flag, good, right, split, challenger as star } from '../icons.json';
import type { ModelRow, PanelEndpoint, VerdictRow, VersionRow } from '../wire';
import type { Row } from './rows';

export function drawRow(row: Row): HTMLElement {
  const open = 'open' in row ? icon(right, { size: 12, kind: row.open ? 'is-open' : '' }) : null;
  const kind = row.kind === 'endpoints' || row.kind === 'board' ? ' is-head' : '';
  const depth = `--d:${row.level - 1}`;
  const { subject, end = null, spare = null } = contents(row);
  return h(
    'div',
    { class: `mlops-item mlops-item-${row.kind}${kind}`, style: depth },
    open,
    h('span', { class: 'mlops-item-line' }, h('span', { class: 'mlops-item-subject' }, ...subject), spare),
    end
  );
}

/** What a row says: its subject with what is never left out, and at its end what stays or what gives way to the name. */
interface Contents {
  readonly subject: Child[];
  readonly end?: HTMLElement;
  readonly spare?: HTMLElement;
}

function contents(row: Row): Contents {
  switch (row.kind) {
    case 'endpoints':
      return { subject: [label('Endpoints', 'What answers at a URL')], end: far(count(row.count)) };
    case 'endpoint':
      return endpoint(row.endpoint, row.rates, row.where);
    case 'board':
      return {
        subject: [
          label(row.board.place, row.board.url),
          row.board.trouble !== null && stateMark('silent', 'not reachable'),
          row.board.trouble === null && !row.board.trusted && chip('not trusted', 'is-open'),
          row.board.trouble === null && row.board.trusted && !row.board.writable && chip('read-only', 'is-open'),
        ],
        end: far(row.hits === null ? count(row.board.models) : `${count(row.hits)} of ${count(row.board.models)}`),
      };
    case 'model':
      return model(row.model);
    case 'version':
      return version(row.version);
    case 'absent':
      return { subject: [h('i', { class: 'mlops-skel', 'aria-label': 'Loading' })] };
    case 'note':
      return { subject: [h('span', { class: 'mlops-label mlops-2', title: row.text }, h('span', {}, row.text))] };
  }
}

function endpoint(found: PanelEndpoint, rates: readonly (number | null)[], where: string): Contents {
  const state = found.trouble === null ? found.state : 'silent';
  const tried = Object.values(found.challengers)[0];
  const share = tried?.mode === 'canary' ? percent(tried.share, 0) : 'listens';
  const trial =
    tried &&
    h(
      'span',
      { class: 'mlops-chip', title: `${tried.version}: ${share}` },
      icon(split, { size: 12 }),
      h('span', {}, share)
    );
  const subject = [
    stateMark(state, state === 'silent' ? 'not answering' : state),
    label(found.name, `${found.name}\n${found.url}, ${found.version}`),
    where && h('small', {}, label(where, where)),
    trial ?? null,
  ];
  if (state === 'running') return { subject, spare: far(...rate(rates)) };
  const words = h('span', { class: 'mlops-state', 'data-s': BAD.includes(state) ? 'bad' : '' }, stateWords(state));
  return { subject, end: far(words) };
}

const BAD = ['died', 'failed', 'silent'];

/** Return a state that is worth words. */
function stateWords(state: string): string {
  return state === 'silent' ? 'Not answering' : `${state[0]?.toUpperCase() ?? ''}${state.slice(1)}`;
}

function rate(rates: readonly (number | null)[]): Child[] {
  const now = rates.at(-1) ?? null;
  const known = rates.filter(value => value !== null).length;
  const words = rateWords(now);
  const picture = known > 2 ? spark(rates, `Requests: ${words}`, { height: 16, low: 0, area: false }) : null;
  return [picture, h('span', { class: 'mlops-rate' }, words)];
}

/** Return requests per second in few letters. */
export function rateWords(rate: number | null): string {
  if (rate === null) return '';
  return rate >= 100 ? `${count(rate)}/s` : `${Number(rate.toPrecision(2))}/s`;
}

function model(found: ModelRow): Contents {
  const { metric } = found;
  const number = metric && `${metric.name} ${fixed(metric.value, decimals([metric.value]))}`;
  return {
    subject: [label(found.name, [found.name, found.description].filter(Boolean).join('\n')), verdict(found.verdict)],
    spare: far(number ?? plural(found.versions, 'version')),
  };
}

function verdict(last: VerdictRow | null): HTMLElement | null {
  if (last === null) return null;
  const drifted = last.drifted.length;
  const words = drifted > 0 ? `${plural(drifted, 'feature')} drifted` : 'no drift';
  const shape = drifted > 0 ? icon(alert, { size: 12, label: words }) : icon(good, { size: 12, label: words });
  const facts = { class: 'mlops-state', 'data-s': drifted > 0 ? 'alert' : 'good', title: last.verdict };
  return h('span', facts, shape, drifted > 0 && h('span', { 'aria-hidden': 'true' }, count(drifted)));
}

function version(found: VersionRow): Contents {
  const title = [found.version, exact(found.created), found.description].filter(Boolean).join('\n');
  const name = h('span', {}, h('b', {}, `v${found.number}`), ' ', h('code', {}, found.version.slice(-5)));
  return {
    subject: [h('span', { class: 'mlops-label', title }, name), ...found.aliases.map(alias)],
    spare: far(h('span', { 'data-age': found.created }, age(found.created))),
  };
}

const MARKS = { champion: crown, challenger: star };

function alias(name: string): HTMLElement {
  const known = MARKS[name as keyof typeof MARKS];
  if (known === undefined) return h('span', { class: 'mlops-chip' }, icon(flag, { size: 12 }), h('span', {}, name));
  return h('span', { class: `mlops-crown is-${name}`, title: name }, icon(known, { size: 12, label: name }));
}

const HEAD = 8; // letters at least before the place where a name is cut
const TAIL = 14; // letters at most that stay in sight at the end of a name whose middle is cut

/** Return a name that is cut in its middle where it has no room: names that begin alike often end differently. */
function label(text: string, title: string): HTMLElement {
  const start = Math.max(HEAD, text.length - TAIL);
  const end = text.slice(start).search(/(?<=[a-z])[A-Z]|[_/.-]\w/);
  const at = end < 0 ? text.length : start + end;
  const tail = at < text.length && h('span', {}, text.slice(at));
  return h('span', { class: 'mlops-label', title, dir: 'auto' }, h('span', {}, text.slice(0, at)), tail);
}

function far(...contents: Child[]): HTMLElement {
  return h('span', { class: 'mlops-far' }, ...contents);
}
