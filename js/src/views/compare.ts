/** Two versions beside each other: a sentence, then only what differs, the most important first. */

import { segmented } from '../components/button';
import { aliasChip, chip, delta, direction, versionChip } from '../components/chip';
import { icon } from '../components/icon';
import { fold, head, key, note, part, verdict } from '../components/layout';
import { diverging, histogram } from '../components/picture';
import { below, cell } from '../components/table';
import { breakable, type Child, h, replace } from '../dom';
import { count, decimals, fixed, number, percent, plural, readable, shortName, size } from '../format';
import { arrow, feature as bars, category } from '../icons.json';
import type {
  AnswersCompared,
  ChangeRow,
  CodeRow,
  ComparedSide,
  Comparison,
  FactSection,
  FeatureChange,
  MetricChange,
} from '../wire';

const LARGE = 1000; // a metric from which it has no decimals as a rule
const MOST_RELATIVE = 0.5; // of a metric's value: beyond it bars are cut

/** Return the comparison; *Everything* also unfolds what is the same. */
export function compare(record: Comparison, signal: AbortSignal): HTMLElement[] {
  const place = h('div');
  const draw = (all: boolean): void => {
    const sections = parts(record, all);
    replace(place, jumps(sections, names(record), signal), ...sections);
  };
  const kinds = [
    ['differences', 'Differences'],
    ['everything', 'Everything'],
  ] as const;
  const choice = segmented('What is shown', kinds, 'differences', signal, value => draw(value === 'everything'));
  draw(false);
  const title = record.a.name === record.b.name ? record.a.name : `${record.a.name} and ${record.b.name}`;
  return [
    head([h('h2', {}, ...breakable(title))], 'Two versions compared', choice),
    h(
      'div',
      { class: 'mlops-sides' },
      side(record.a, 'var(--m-ref)'),
      h('span', { class: 'mlops-2', 'aria-hidden': 'true' }, icon(arrow)),
      side(record.b, 'var(--m-cur)')
    ),
    verdict(record.meaning, record.sentence, record.paragraph),
    place,
  ];
}

function side(found: ComparedSide, hue: string): HTMLElement {
  const line = h(
    'div',
    { class: 'mlops-line' },
    versionChip(found),
    h('small', {}, found.author),
    ...found.aliases.map(aliasChip)
  );
  return h(
    'div',
    { class: 'mlops-side', style: `--side:${hue}` },
    line,
    found.description && h('small', { dir: 'auto' }, found.description)
  );
}

const areOf = (many: number): string => (many === 1 ? 'is' : 'are');
const differ = (many: number): string => (many === 1 ? 'differs' : 'differ');

/** How a version is called in the heads of columns. */
function name({ number: nth, version }: ComparedSide): string {
  return shortName(version, nth);
}

function parts(record: Comparison, all: boolean): (HTMLElement | null)[] {
  const [a, b] = names(record);
  return [
    metricsPart(record, all, a, b),
    record.answers && answersPart(record.answers, a, b),
    factPart('Parameters', record.parameters, all, a, b),
    featuresPart(record, all, a, b),
    codePart(record.code, a, b),
    factPart('Packages', record.packages, all, a, b),
    factPart('Facts', record.facts, all, a, b, record.hashes),
    ...record.notes.map(words => h('div', { class: 'mlops-part' }, note('info', [words]))),
  ];
}

const FEW_PARTS = 3; // below it, all of them are in sight

/** Return links to the parts, which stay in sight beside the names of the two versions. */
function jumps(
  sections: readonly (HTMLElement | null)[],
  [a, b]: readonly [string, string],
  signal: AbortSignal
): HTMLElement | null {
  const named = sections.filter(each => each?.hasAttribute('aria-label'));
  if (named.length < FEW_PARTS) return null;
  const press = (event: Event, section: HTMLElement | null): void => {
    event.preventDefault(); // a fragment would be the notebook's own
    section?.scrollIntoView?.();
  };
  return h(
    'nav',
    { class: 'mlops-tabs mlops-jump', 'aria-label': 'Parts' },
    h('b', {}, `${a} → ${b}`),
    ...named.map(each =>
      h('a', { href: '#', signal, on: { click: event => press(event, each) } }, each?.getAttribute('aria-label'))
    )
  );
}

function names({ a, b }: Comparison): [string, string] {
  const [first, second] = [name(a), name(b)];
  return first === second ? [`${a.name} ${first}`, `${b.name} ${second}`] : [first, second];
}

function metricsPart({ metrics }: Comparison, all: boolean, a: string, b: string): HTMLElement | null {
  const shown = metrics.filter(each => all || each.verdict !== 'same');
  const same = metrics.length - shown.length;
  if (metrics.length === 0) return null;
  const most = Math.min(MOST_RELATIVE, Math.max(0.01, ...shown.map(each => Math.abs(relative(each) ?? 0))));
  const heads = [
    h('th', { scope: 'col' }, 'Metric'),
    ...[a, b, 'Change'].map(words => h('th', { scope: 'col', class: 'mlops-num' }, words)),
    h(
      'th',
      { scope: 'col', class: 'mlops-change' },
      h('span', { class: 'mlops-ends' }, h('span', {}, '◂ worse'), h('span', {}, 'better ▸'))
    ),
    h('td'),
  ];
  const table = framed(
    'Metrics',
    heads,
    shown.map(each => metricRow(each, most, a, b))
  );
  return part(
    'Metrics',
    same > 0 && `${plural(same, 'metric')} ${areOf(same)} the same`,
    shown.length > 0 ? [table] : []
  );
}

function relative({ a, b }: MetricChange): number | null {
  return a === null || b === null ? null : (b - a) / (Math.abs(a) || 1);
}

function metricRow(each: MetricChange, most: number, a: string, b: string): HTMLTableRowElement {
  const found = decimals([each.a, each.b]);
  const large = Math.max(Math.abs(each.a ?? 0), Math.abs(each.b ?? 0)) >= LARGE;
  const digits = large ? found : Math.max(3, found);
  const [share, way] = [relative(each), each.better];
  const known = each.a !== null && each.b !== null;
  const kind = { better: 'is-good', worse: 'is-alert', same: 'is-ref', changed: 'is-ref' }[each.verdict];
  const cut = Math.max(-most, Math.min(most, (way || 1) * (share ?? 0)));
  const told = share === null ? each.verdict : `${each.verdict} by ${percent(Math.abs(share))}`;
  const bar = share !== null && way !== 0 ? diverging(cut, most, kind, told) : null;
  const word = each.verdict === 'changed' && !known ? (each.a === null ? 'new' : 'gone') : each.verdict;
  const meaning = { better: 'good', worse: 'alert', same: '', changed: '' }[each.verdict];
  return h(
    'tr',
    { role: 'row' },
    h('th', { scope: 'row' }, ...breakable(each.name), ' ', h('small', {}, direction(way))),
    below(a, 'mlops-num', fixed(each.a, digits)),
    below(b, 'mlops-num', h('b', {}, fixed(each.b, digits))),
    below('', 'mlops-num', known ? delta((each.b ?? 0) - (each.a ?? 0), digits, way) : null),
    below('', 'mlops-change', bar),
    below('', '', h('span', { class: 'mlops-delta', 'data-s': meaning }, word))
  );
}

function answersPart(found: AnswersCompared, a: string, b: string): HTMLElement {
  const share = found.rows > 0 ? found.differing / found.rows : 0;
  const about = `${count(found.differing)} of ${plural(found.rows, 'row')} ${areOf(found.differing)} answered differently`;
  const sides = [
    [found.rows - found.differing, 'the same', 'var(--m-ref)'],
    [found.differing, 'different', 'var(--m-cur)'],
  ] as const;
  const picture = h(
    'div',
    { class: 'mlops-split', role: 'img', 'aria-label': about },
    ...sides.map(([rows, , hue]) => split(rows, found.rows, hue))
  );
  const legend = key(
    ...sides.map(
      ([rows, words, hue]) =>
        [h('i', { class: 'mlops-swatch', style: `background:${hue}` }), `${words} ${count(rows)}`] as const
    )
  );
  const listed = (caption: string, lines: HTMLElement[]): HTMLElement =>
    framed(
      caption,
      ['Row', a, b, 'Features'].map(words => h('th', { scope: 'col' }, words)),
      lines
    );
  const rows = found.examples.map(each =>
    h(
      'tr',
      { role: 'row' },
      cell('', `row ${count(each.row)}`),
      below(a, '', readable(each.a)),
      below(b, '', readable(each.b)),
      below('', 'mlops-wrap', features(each.features))
    )
  );
  const most = found.largest === null ? '' : `, by ${number(found.largest)} at most`;
  const rest = rows.splice(UNFOLDED);
  const more = rest.length > 0 ? [fold(plural(rest.length, 'more row'), [listed('More rows', rest)])] : [];
  const examples =
    rows.length > 0
      ? fold(`The rows that differ most${most}`, [listed('Rows that differ most', rows), ...more], true)
      : null;
  return part(
    'Answers',
    `${about}, ${percent(share)}`,
    [picture, legend, examples].filter(each => each !== null)
  );
}

const UNFOLDED = 5; // rows that are answered differently

function split(rows: number, all: number, hue: string): HTMLElement | null {
  return rows > 0 ? h('span', { style: `--c:${hue};flex:${rows} 1 0` }, rows > 0.15 * all ? count(rows) : '') : null;
}

function features(row: Readonly<Record<string, unknown>>): HTMLElement {
  const entries = Object.entries(row);
  const more = entries.length > 4 ? h('small', {}, `+${entries.length - 4}`) : null;
  return h(
    'span',
    { class: 'mlops-line' },
    ...entries.slice(0, 4).map(([column, value]) => chip(`${column} ${readable(value) || '–'}`)),
    more
  );
}

function factPart(
  title: string,
  section: FactSection,
  all: boolean,
  a: string,
  b: string,
  identity?: FactSection
): HTMLElement | null {
  const shown = section.differ;
  const outer = shown.filter(({ step }) => !step);
  const inner = shown.filter(({ step }) => step);
  const steps = [...new Set(inner.map(({ step }) => step))].join(' and ');
  const hidden = section.same.length;
  const hashes = identity?.differ ?? [];
  if (shown.length + hashes.length === 0 && !(all && hidden)) return null;
  const folded = (words: string, rows: readonly ChangeRow[]): Child =>
    rows.length > 0 && fold(words, [pairTable(words, rows, a, b)], all);
  return part(title, shown.length > 0 && `${count(shown.length)} ${differ(shown.length)}`, [
    outer.length > 0 && pairTable(title, outer, a, b),
    folded(`${plural(inner.length, 'parameter')} of ${steps}, in one version only`, inner),
    hidden > 0 && fold(`${plural(hidden, 'other')} ${areOf(hidden)} the same`, [sameTable(section, title)], all),
    folded('Hashes and fingerprints', hashes),
  ]);
}

function pairTable(title: string, rows: readonly ChangeRow[], a: string, b: string): HTMLElement {
  const heads = [
    h('th', { scope: 'col', style: 'width:26%' }, 'Name'),
    ...[a, b].map(each => h('th', { scope: 'col', style: 'width:29%' }, each)),
    h('td'),
  ];
  const lines = rows.map(row =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row', class: 'mlops-mono' }, ...breakable(row.name)),
      pairCell(row.name, row.a, 'is-was'),
      pairCell(row.name, row.b, 'is-now'),
      below('', '', h('small', {}, row.note))
    )
  );
  return framed(title, heads, lines, 'mlops-diff');
}

function pairCell(fact: string, value: unknown, kind: string): HTMLElement {
  if (value === null || value === undefined) return below('', '', h('small', {}, '–'));
  const words = fact === 'size' && typeof value === 'number' ? size(value) : readable(value);
  return below('', kind, h('span', {}, ...breakable(words)));
}

function sameTable({ same }: FactSection, title: string): HTMLElement {
  const rows = same.map(row =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row', class: 'mlops-mono' }, row.name),
      below(
        '',
        'mlops-mono mlops-wrap',
        row.name === 'size' && typeof row.value === 'number' ? size(row.value) : readable(row.value)
      )
    )
  );
  return framed(
    `${title} that are the same`,
    [h('th', { scope: 'col', style: 'width:26%' }, 'Name'), h('th', { scope: 'col' }, 'Both')],
    rows,
    'mlops-diff'
  );
}

function featuresPart(record: Comparison, all: boolean, a: string, b: string): HTMLElement | null {
  const { features: rows, same_features: same } = record;
  if (rows.length + same.length === 0 || (rows.length === 0 && !all)) return null;
  const heads = ['Feature', 'What changed', 'Training data', ''].map(words =>
    words ? h('th', { scope: 'col' }, words) : h('td')
  );
  const table =
    rows.length > 0
      ? framed(
          'Features',
          heads,
          rows.map(each => featureRow(each, a, b)),
          'mlops-features'
        )
      : null;
  const drawn = rows.some(each => each.reference.length > 0 && each.current.length > 0);
  const legend = drawn ? key(['ref', a], ['cur', b]) : null;
  const unchanged =
    same.length > 0
      ? fold(
          `${plural(same.length, 'other')} ${areOf(same.length)} the same`,
          [h('p', { class: 'mlops-2' }, same.join(', '))],
          all
        )
      : null;
  return part(
    'Features',
    `${count(rows.length)} of ${count(rows.length + same.length)} ${differ(rows.length)}`,
    [table, legend, unchanged].filter(each => each !== null)
  );
}

function featureRow(each: FeatureChange, a: string, b: string): HTMLTableRowElement {
  const zero = (counts: readonly number[]): number[] => counts.map(() => 0);
  const reference = each.reference.length > 0 ? each.reference : zero(each.current);
  const current = each.current.length > 0 ? each.current : zero(each.reference);
  const picture =
    reference.length > 0
      ? h('span', { class: 'mlops-pair' }, histogram(reference, current, `${each.feature}: ${a} grey, ${b} outlined`))
      : null;
  return h(
    'tr',
    { role: 'row' },
    h(
      'th',
      { scope: 'row' },
      h(
        'span',
        { class: 'mlops-line' },
        icon(each.kind === 'category' ? category : bars, { size: 14 }),
        h('span', {}, ...breakable(each.feature))
      )
    ),
    below('', '', chip(each.what, each.what === 'Added' ? 'is-open' : '')),
    below('', '', picture),
    below('', 'mlops-wrap', h('small', {}, each.detail))
  );
}

function codePart(code: readonly CodeRow[], a: string, b: string): HTMLElement | null {
  if (code.length === 0) return null;
  const changes = code.filter(row => !row.skipped && row.a !== row.b).length;
  const listed = (kind: string, sides: number, rows: readonly HTMLElement[]): HTMLElement =>
    h(
      'table',
      { class: `mlops-code2 ${kind}` },
      h('caption', {}, `Code of ${a} and ${b}`),
      columns(sides),
      h('tbody', {}, ...rows)
    );
  return part('Code', `of the cell that made each; ${plural(changes, 'line')} ${differ(changes)}`, [
    listed('is-two', 2, code.map(sideBySide)),
    listed('is-one', 1, code.flatMap(oneBelow)),
  ]);
}

function columns(sides: number): HTMLElement {
  return h(
    'colgroup',
    {},
    ...Array.from({ length: 2 * sides }, (_, k) => h('col', { class: k % 2 ? null : 'mlops-numbers' }))
  );
}

function sideBySide(row: CodeRow): HTMLElement {
  if (row.skipped) return skipped(row.skipped, 4);
  const differs = row.a !== row.b;
  return h(
    'tr',
    {},
    ...half(row.a, row.number_a, differs && 'is-del', '−'),
    ...half(row.b, row.number_b, differs && 'is-add', '+')
  );
}

function half(text: string | null, line: number | null, kind: string | false, sign: string): HTMLElement[] {
  if (text === null) return [h('td', { class: 'is-void' }), h('td', { class: 'is-void' })];
  return [
    h('td', { class: kind || null }, kind ? `${sign} ${line ?? ''}` : line),
    h('td', { class: kind || null }, text || ' '),
  ];
}

function oneBelow(row: CodeRow): HTMLElement[] {
  if (row.skipped) return [skipped(row.skipped, 2)];
  const lines =
    row.a === row.b
      ? [half(row.b, row.number_b, false, '')]
      : [
          row.a === null ? [] : half(row.a, row.number_a, 'is-del', '−'),
          row.b === null ? [] : half(row.b, row.number_b, 'is-add', '+'),
        ];
  return lines.filter(cells => cells.length > 0).map(cells => h('tr', {}, ...cells));
}

function skipped(lines: number, columns: number): HTMLElement {
  return h(
    'tr',
    { class: 'is-skip' },
    h('td', {}),
    h('td', { colspan: columns - 1 }, `${plural(lines, 'line')} ${areOf(lines)} the same`)
  );
}

function framed(caption: string, heads: readonly Child[], rows: readonly HTMLElement[], kind = ''): HTMLElement {
  return h(
    'div',
    { class: 'mlops-wide-scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: `mlops-table is-cards mlops-compared ${kind}`.trim(), role: 'table' },
      h('caption', {}, caption),
      h('thead', {}, h('tr', { role: 'row' }, ...heads)),
      h('tbody', {}, ...rows)
    )
  );
}
