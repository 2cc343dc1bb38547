/** What is known of the chosen row: four facts, the next sensible step, three icons, and a menu. */

import { button, iconButton } from '../components/button';
import { aliasChip, chip, delta, state, versionChip } from '../components/chip';
import { spark } from '../components/picture';
import { type Item, moreMenu } from '../components/popover';
import { breakable, type Child, h } from '../dom';
import { age, count, decimals, exact, fixed, latency, number, plural } from '../format';
import type { MetricName, VersionRow } from '../wire';
import { type Action, actionsFor, firstAction } from './actions';
import type { Row } from './rows';
import { rateWords } from './rows-view';
import type { Store } from './store';

type Fact = readonly [label: string, ...contents: Child[]];
type Of<K extends Row['kind']> = Extract<Row, { readonly kind: K }>;

const NEAR = 3; // icons beside the button
const FACTS = 4;

/** Return the drawer of a row; nothing for a row about which nothing is known. */
export function drawer(row: Row, store: Store, run: (id: string) => void, signal: AbortSignal): HTMLElement | null {
  const actions = actionsFor(row);
  if (actions.length === 0) return null;
  const first = firstAction(row);
  const near = actions.filter(each => each.near && each !== first).slice(0, NEAR);
  const menu = moreMenu(nameOf(row), () => items(actions, run), signal);
  const subject = row.kind === 'endpoint' ? state(row.endpoint.trouble ? 'silent' : row.endpoint.state) : null;
  const facts = factsOf(row, store).slice(0, FACTS);
  const press = (each: Action) => (): void => run(each.id);
  return h(
    'section',
    { class: 'mlops-drawer', 'aria-label': nameOf(row) },
    h('header', {}, h('h3', { title: nameOf(row) }, ...titleOf(row)), subject, menu),
    facts.length > 0 &&
      h(
        'dl',
        {},
        ...facts.flatMap(([label, ...contents]) => [h('dt', { title: label }, label), h('dd', {}, ...contents)])
      ),
    h(
      'div',
      { class: 'mlops-do' },
      first && button(first.label, { signal, kind: 'is-primary', mark: first.mark, press: press(first) }),
      ...near.map(each => iconButton(each.mark, each.label, { signal, press: press(each) }))
    )
  );
}

/** Return the lines of the menu, what is dangerous last and below a rule. */
function items(actions: readonly Action[], run: (id: string) => void): (Item | null)[] {
  const line = ({ id, label, mark, danger }: Action): Item => ({ label, mark, danger, press: () => run(id) });
  const [usual, last] = [actions.filter(each => !each.danger), actions.filter(each => each.danger)];
  return [...usual.map(line), ...(usual.length > 0 && last.length > 0 ? [null] : []), ...last.map(line)];
}

function nameOf(row: Row): string {
  switch (row.kind) {
    case 'endpoint':
      return `Endpoint ${row.endpoint.name}`;
    case 'board':
      return row.board.place;
    case 'model':
      return row.model.name;
    case 'version':
      return `${row.model.name} v${row.version.number}`;
    case 'note':
      return row.text;
    default:
      return 'Endpoints';
  }
}

function titleOf(row: Row): Child[] {
  if (row.kind === 'endpoint') return breakable(row.endpoint.name);
  return row.kind === 'version'
    ? [...breakable(row.model.name), ` v${row.version.number} `, h('code', {}, row.version.version.slice(-5))]
    : breakable(nameOf(row));
}

function factsOf(row: Row, store: Store): Fact[] {
  switch (row.kind) {
    case 'endpoint':
      return endpointFacts(row);
    case 'board':
      return boardFacts(row);
    case 'model':
      return modelFacts(row);
    case 'version':
      return versionFacts(row, store);
    default:
      return [];
  }
}

function boardFacts({ board }: Of<'board'>): Fact[] {
  return [
    ['Place', h('span', { title: board.url }, ...breakable(board.url))],
    ['Models', board.trouble ?? count(board.models)],
    ['Trust', board.trusted ? 'trusted' : 'not trusted: only files that cannot run code are loaded'],
    ['Changes', board.writable ? 'allowed' : 'not allowed: the board is read-only'],
  ];
}

function modelFacts({ model }: Of<'model'>): Fact[] {
  const { champion, metric, endpoint, verdict } = model;
  const checked =
    verdict && h('small', { 'data-age': verdict.created, title: exact(verdict.created) }, age(verdict.created));
  const words =
    verdict &&
    (verdict.features
      ? `${verdict.drifted.length} of ${plural(verdict.features, 'feature')}`
      : plural(verdict.drifted.length, 'feature'));
  return [
    ['Champion', champion ? versionChip(champion) : h('small', {}, 'none yet')],
    ...(metric
      ? [
          [
            metric.name,
            fixed(metric.value, decimals([metric.value])),
            metric.course.length > 1 &&
              spark(metric.course, `${metric.name} over versions`, { height: 18, area: false }),
          ] as Fact,
        ]
      : [['Metrics', h('small', {}, 'none; --test X y adds them')] as Fact]),
    ['Endpoint', endpoint ? state(endpoint.state) : h('small', {}, 'not deployed')],
    [
      'Drift',
      ...(verdict
        ? [
            state(
              verdict.drifted.length > 0 ? 'drifted' : 'stable',
              verdict.drifted.length > 0 ? (words ?? '') : undefined
            ),
            checked,
          ]
        : [h('small', {}, 'not checked yet')]),
    ],
  ];
}

function endpointFacts({ endpoint, rates }: Of<'endpoint'>): Fact[] {
  const { health } = endpoint;
  const rate = rates.at(-1) ?? null;
  const picture =
    rates.filter(value => value !== null).length > 2 && spark(rates, 'Requests per second', { height: 18, low: 0 });
  const answers: Fact = [
    'Answers',
    versionChip({ version: endpoint.version, number: endpoint.number }),
    endpoint.alias && aliasChip(endpoint.alias),
  ];
  if (health === null)
    return [answers, ['Trouble', endpoint.trouble ?? 'Its process has ended.'], ['Started', age(endpoint.started)]];
  return [
    answers,
    ['Requests', rate === null ? count(health.requests) : `${rateWords(rate).replace('/s', '')} per second`, picture],
    ['Latency', latency(health.latency_ms.p50), h('small', {}, `slowest 5% ${latency(health.latency_ms.p95)}`)],
    ['Errors', count(health.errors), h('small', {}, `of ${plural(health.requests, 'request')}`)],
  ];
}

function versionFacts(row: Of<'version'>, store: Store): Fact[] {
  const { version, model } = row;
  const place = `${row.board.key}/${model.name}`;
  const versions = store.versions.get(place);
  const champion = versions?.at(versions.places(each => each.aliases.includes('champion'))[0] ?? -1);
  const named = version.aliases.length > 0 ? version.aliases.map(aliasChip) : [h('small', {}, 'no alias')];
  const measured = store.metricsOf(place).filter(({ name }) => typeof version.metrics[name] === 'number');
  return [
    ['Named', ...named],
    ['Made', exact(version.created).slice(0, 16), version.author && h('small', {}, `by ${version.author}`)],
    ...measured.slice(0, 2).map(metric => metricFact(metric, version, champion)),
    ...(measured.length === 0 ? [['Metrics', h('small', {}, 'none; --test X y adds them')] as Fact] : []),
    ['Format', version.format, version.trusted ? null : chip('needs trust', 'is-open')],
  ];
}

function metricFact({ name, better }: MetricName, version: VersionRow, champion: VersionRow | undefined): Fact {
  const [value, base] = [version.metrics[name] ?? null, champion?.metrics[name]];
  const digits = decimals([value, base]);
  const against =
    champion !== version && typeof base === 'number' && value !== null ? delta(value - base, digits, better) : null;
  return [name, value === null ? number(value) : fixed(value, digits), against];
}
