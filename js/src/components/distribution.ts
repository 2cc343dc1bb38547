/** How a feature is distributed in the reference and in the chosen periods. */

import { h, svg } from '../dom';
import type { Histogram } from '../wire';
import type { Range } from './periods';

const BAR_PIXELS = 60;
const HATCH = 'mlops-hatch'; // several views have the same one

/** Return the reference's and the current shares of a feature, bar beside bar; new categories are hatched, missing values have a bar of their own. */
export function distribution(found: Histogram, range: Range): HTMLElement {
  const within = (counts: readonly number[]): number =>
    counts.slice(range.from, range.to + 1).reduce((sum, count) => sum + count, 0);
  const missing = found.missing ?? [];
  const lacking = missing.some(count => count > 0);
  const names = [...found.bars, ...(lacking ? ['(missing)'] : [])];
  const reference = shares([...found.reference, ...(lacking ? [missing[0] ?? 0] : [])]);
  const now = shares([
    ...found.bars.map((_, place) => within(found.current.map(counts => counts[place] ?? 0))),
    ...(lacking ? [within(missing.slice(1))] : []),
  ]);
  const top = Math.max(...reference, ...now, 1e-9);
  const width = Math.min(28, Math.max(4, 640 / (2 * names.length)));
  const fresh = (name: string): boolean => found.new?.includes(name) ?? false;
  const bars = names.flatMap((name, place) => [
    bar(
      'mlops-reference',
      (2 * place + 0.1) * width,
      width * 0.85,
      (reference[place] ?? 0) / top,
      `${name}: reference ${percent(reference[place])}`
    ),
    bar(
      'mlops-current',
      (2 * place + 0.95) * width,
      width * 0.85,
      (now[place] ?? 0) / top,
      `${name}${fresh(name) ? ' (new)' : ''}: current ${percent(now[place])}`,
      fresh(name)
    ),
  ]);
  const label = `Histogram of ${found.feature}: reference and current in ${names.length} bars`;
  const more = [
    found.scale === 'log' ? 'logarithmic bars' : '',
    found.new?.length ? `hatched: new (${found.new.join(', ')})` : '',
    lacking ? 'last: missing' : '',
  ];
  const words = [
    `${found.bars[0] ?? ''} … ${found.bars.at(-1) ?? ''}`,
    'grey: reference, blue: current',
    ...more,
  ].filter(Boolean);
  return h(
    'figure',
    { style: 'margin:0' },
    svg(
      'svg',
      { width: 2 * width * names.length, height: BAR_PIXELS, role: 'img', 'aria-label': label },
      hatch(),
      ...bars
    ),
    h('figcaption', { class: 'mlops-muted' }, words.join('; '))
  );
}

/** Return the pattern of what is new. */
function hatch(): SVGElement {
  const stripe = svg('rect', { class: 'mlops-current', width: 3, height: 6 });
  return svg(
    'defs',
    {},
    svg(
      'pattern',
      { id: HATCH, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      stripe
    )
  );
}

function bar(kind: string, x: number, width: number, share: number, title: string, hatched = false): SVGElement {
  const height = Math.max(0.5, share * BAR_PIXELS);
  return svg(
    'rect',
    {
      class: hatched ? 'mlops-hatched' : kind,
      x: x.toFixed(1),
      y: (BAR_PIXELS - height).toFixed(1),
      width: width.toFixed(1),
      height: height.toFixed(1),
    },
    svg('title', {}, title)
  );
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map(count => count / total);
}

function percent(share: number | undefined): string {
  return `${(100 * (share ?? 0)).toFixed(1)} %`;
}
