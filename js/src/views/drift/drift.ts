/** What changed since training, whether it matters, and what it did to the model. */

import { button } from '../../components/button';
import { aliasChip, chip, delta, versionChip } from '../../components/chip';
import { fold, head, note, part, stat, stats, verdict } from '../../components/layout';
import type { View } from '../../components/view';
import { breakable, type Child, h, replace } from '../../dom';
import { age, count, dated, decimals, exact, fixed, percent, plural, sentence, unit, within } from '../../format';
import type { PerformanceRow, Report } from '../../wire';
import { brush, type Range } from './brush';
import { curves } from './curves';
import { detail } from './detail';
import { featureTable, ranking } from './features';
import { performance } from './performance';
import { segments } from './segments';

/** What the reader chose: readable in Python. */
export interface Selection {
  readonly feature: string;
  readonly periods: readonly string[];
}

const ALERTS = 3; // that are shown unfolded
const NOTES = 5; // that are shown unfolded
const KINDS: Readonly<Record<string, string>> = { new: 'New', missing: 'Missing', gone: 'Gone', column: 'Column' };

/**
 * Return what shows a report; the chosen feature and the periods stay when it is another one of the same model.
 *
 * `retrain` puts the line that retrains the model where the user works, and returns what became of it.
 */
export function drift(
  view: View,
  select: (selection: Selection) => void,
  retrain: () => Promise<string>
): (report: Report) => void {
  let chosen: string | null = null;
  return report => {
    let range: Range = { from: 0, to: report.periods.length - 1 };
    const [features, details, measured] = [h('div'), h('div'), h('div')];
    const draw = (): void => {
      const ranked = ranking(report, range);
      const shown = ranked.find(each => each.feature === chosen) ?? ranked[0];
      replace(
        features,
        featureTable({
          report,
          ranked,
          range,
          chosen: shown?.feature ?? null,
          signal: view.signal,
          choose: (feature, only) => choose(feature, only),
        })
      );
      const place = shown ? ranked.indexOf(shown) : -1;
      const next = (): void => choose(ranked[(place + 1) % ranked.length]?.feature ?? null);
      replace(details, shown ? detail(report, shown, range, view.signal, next) : null);
      replace(measured, performance(report, range, view.signal), segments(report, range));
      if (shown) select({ feature: shown.feature, periods: labels(report, range) });
    };
    const choose = (feature: string | null, only?: Range): void => {
      chosen = feature;
      range = only ?? range;
      draw();
    };
    replace(
      view.body,
      header(report, report.number > 0 && retrainButton(report, view, retrain)),
      verdict(report.meaning, report.sentence || report.verdict, report.paragraph),
      ...alerts(report),
      figures(report),
      brush(report, view.signal, looked => {
        range = looked;
        draw();
      }),
      features,
      details,
      measured,
      ...missingAndNew(report),
      ...curves(report.curves),
      ...method(report)
    );
    draw();
  };
}

function labels(report: Report, range: Range): string[] {
  return report.periods.slice(range.from, range.to + 1).map(each => each.label);
}

/** Return what offers a retraining: the next step where a metric is outside its limit. */
function retrainButton(report: Report, view: View, retrain: () => Promise<string>): HTMLElement {
  const worse = report.alerts.some(each => each.subject !== 'drift');
  const press = (): void => void retrain().then(view.say, view.complain);
  return button('Retrain…', { signal: view.signal, kind: worse ? 'is-primary' : '', press });
}

function header(report: Report, action: Child): HTMLElement {
  const subject = [
    h('h2', {}, ...breakable(report.name)),
    ...report.aliases.map(aliasChip),
    report.version && versionChip({ version: report.version, number: report.number || null }),
  ];
  const about = h(
    'span',
    {},
    `${plural(report.rows, 'row')} against training, checked `,
    h('span', { 'data-age': report.created, title: exact(report.created) }, age(report.created))
  );
  return head(subject, about, action);
}

/** Return the reasons to act that are not drift of a feature, which stands in the list below. */
function alerts(report: Report): HTMLElement[] {
  const found = report.alerts.filter(each => each.subject !== 'drift' || each.segment !== '');
  if (found.length === 0) return [];
  const lines = found.map(each => h('li', {}, dated(each.message, report.periods)));
  const rest = report.n_alerts - report.alerts.length;
  const more = lines.splice(ALERTS);
  const hidden = more.length + rest;
  const words = [
    h('b', {}, plural(found.length, 'reason to act', 'reasons to act')),
    h('ul', {}, ...lines),
    hidden > 0 && fold(`${count(hidden)} more`, [h('ul', {}, ...more)]),
  ];
  return [h('div', { class: 'mlops-below' }, note('alert', words))];
}

/** Return whether the band of a score ends below that of another one. */
function below(one: PerformanceRow, other: PerformanceRow): boolean {
  return one.upper !== null && other.lower !== null && one.upper < other.lower;
}

function figures(report: Report): HTMLElement {
  const drifted = report.features.filter(each => each.drifted).length;
  const names = report.periods.map(each => each.label);
  const labelled = report.periods.reduce((sum, each) => sum + each.labelled, 0);
  const known = report.performance.filter(row => row.score !== null);
  const own = known.filter(row => row.metric === known[0]?.metric);
  const digits = decimals(own.map(row => row.score)); // of both kinds, which are side by side
  const valid = report.periods.filter(each => each.estimate_valid).map(each => each.label);
  const measured = (kind: string): HTMLElement[] => {
    const rows = own.filter(row => row.kind === kind && (kind === 'measured' || valid.includes(row.period)));
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return [];
    const apart = below(first, last) || below(last, first); // else the difference may be chance, and has no colour
    const better = apart ? (report.metrics.find(each => each.name === last.metric)?.better ?? 0) : 0;
    const change =
      first === last || kind === 'estimated'
        ? h('span', {}, last.period === 'all' ? '' : within(last.period, names))
        : delta((last.score ?? 0) - (first.score ?? 0), digits, better);
    return [stat(`${last.metric}, ${kind}`, fixed(last.score, digits), change)];
  };
  const periods = report.periods.length > 1 ? `in ${plural(report.periods.length, unit(names))}` : null;
  return h(
    'div',
    { class: 'mlops-below' },
    stats(
      stat('Features drifted', count(drifted), `of ${count(report.features.length)}`),
      ...measured('measured'),
      ...measured('estimated'),
      stat('Rows', count(report.rows), periods),
      stat(
        'Truth known',
        labelled > 0 ? percent(labelled / Math.max(1, report.rows), 0) : '–',
        labelled > 0 ? 'of the rows' : null
      )
    )
  );
}

function missingAndNew(report: Report): HTMLElement[] {
  if (report.found.length === 0) return [];
  const lines = report.found.map(each =>
    h(
      'li',
      {},
      chip(KINDS[each.kind] ?? each.kind, each.matters ? 'is-alert' : 'is-open'),
      h('span', {}, h('b', {}, each.feature), ` ${each.words}`)
    )
  );
  return [part('Missing and new', null, [h('ul', { class: 'mlops-found' }, ...lines)])];
}

function method(report: Report): Child[] {
  const sentences = (lines: readonly string[]): HTMLElement =>
    h(
      'div',
      { class: 'mlops-method' },
      ...lines.map(line =>
        h('p', {}, report.performance.some(row => line.startsWith(row.metric)) ? line : sentence(line))
      )
    );
  const notes = report.notes.map(each => dated(each, report.periods));
  const rest = notes.splice(NOTES);
  const more = rest.length > 0 && fold(plural(rest.length, 'more note'), [sentences(rest)]);
  const how = h('section', { class: 'mlops-part' }, fold('How this was decided', [sentences(report.method)]));
  return [notes.length > 0 && part('Notes', null, [sentences(notes), more]), report.method.length > 0 && how];
}
