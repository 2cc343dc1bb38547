/** How a feature is distributed in the reference and in the chosen periods. */

import { h, svg } from '../dom';
import type { Distribution } from '../wire';
import type { Range } from './periods';

const BAR_PIXELS = 60;

/** Return the reference's and the current shares of a feature, bar beside bar. */
export function distribution(found: Distribution, range: Range): HTMLElement {
  const current = found.bars.map((_, bar) => found.current.reduce((sum, counts, place) => sum + (place >= range.from && place <= range.to ? (counts[bar] ?? 0) : 0), 0));
  const [reference, now] = [shares(found.reference), shares(current)];
  const top = Math.max(...reference, ...now, 1e-9);
  const width = Math.min(28, Math.max(4, 640 / (2 * found.bars.length)));
  const bars = found.bars.flatMap((name, place) => [
    bar('mlops-reference', (2 * place + 0.1) * width, width * 0.85, (reference[place] ?? 0) / top, `${name}: reference ${percent(reference[place])}`),
    bar('mlops-current', (2 * place + 0.95) * width, width * 0.85, (now[place] ?? 0) / top, `${name}: current ${percent(now[place])}`),
  ]);
  const label = `Distribution of ${found.feature}: reference and current in ${found.bars.length} bars`;
  return h(
    'figure',
    { style: 'margin:0' },
    svg('svg', { width: 2 * width * found.bars.length, height: BAR_PIXELS, role: 'img', 'aria-label': label }, ...bars),
    h('figcaption', { class: 'mlops-muted' }, `${found.bars[0] ?? ''} … ${found.bars.at(-1) ?? ''}; grey: reference, orange: current`)
  );
}

function bar(kind: string, x: number, width: number, share: number, title: string): SVGElement {
  const height = Math.max(0.5, share * BAR_PIXELS);
  return svg('rect', { class: kind, x: x.toFixed(1), y: (BAR_PIXELS - height).toFixed(1), width: width.toFixed(1), height: height.toFixed(1) }, svg('title', {}, title));
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map(count => count / total);
}

function percent(share: number | undefined): string {
  return `${(100 * (share ?? 0)).toFixed(1)} %`;
}
