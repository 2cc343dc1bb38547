/** A brush over time: drag over the bars (rows in each period), or choose the first and the last period. */

import { box, plot } from '../../components/picture';
import { h, svg } from '../../dom';
import { among, percent, plural, unit } from '../../format';
import type { Report } from '../../wire';

/** The periods that are looked at: from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 32;

/** Return the brush; nothing where there is only one period. */
export function brush(report: Report, signal: AbortSignal, look: (range: Range) => void): HTMLElement | null {
  const last = report.periods.length - 1;
  const labels = report.periods.map(each => each.label);
  if (last < 1) return null;
  const choice = (label: string, change: () => void): HTMLSelectElement =>
    h(
      'select',
      { class: 'mlops-input', 'aria-label': label, signal, on: { change } },
      ...report.periods.map((each, place) => h('option', { value: place }, among(each.label, report.periods)))
    );
  const now = (): Range => ({ from: Number(from.value), to: Number(to.value) });
  const choose = (range: Range): void => {
    [from.value, to.value] = [String(range.from), String(range.to)];
    bars.show(range);
    look(range);
  };
  const from = choice('First period', () => choose({ from: now().from, to: Math.max(now().from, now().to) }));
  const to = choice('Last period', () => choose({ from: Math.min(now().from, now().to), to: now().to }));
  const bars = strip(report, signal, choose);
  to.value = String(last);
  bars.show({ from: 0, to: last });
  return h(
    'div',
    { class: 'mlops-brush' },
    h('small', {}, `${plural(report.periods.length, unit(labels))}; drag to look at some of them only`),
    h('span', { class: 'mlops-line' }, from, h('small', {}, 'to'), to),
    bars.node
  );
}

/** Draw a bar for each period; pressing begins a range, moving stretches it. */
function strip(
  report: Report,
  signal: AbortSignal,
  choose: (range: Range) => void
): { node: SVGSVGElement; show(range: Range): void } {
  const most = Math.max(...report.periods.map(each => each.n), 1);
  const width = 100 / report.periods.length;
  const bars = report.periods.map((each, place) => {
    const height = Math.max(1, (each.n / most) * (HEIGHT - 6));
    const known = each.labelled > 0 ? `, truth known for ${percent(each.labelled / Math.max(1, each.n), 0)}` : '';
    const title = `${among(each.label, report.periods)}: ${plural(each.n, 'row')}${known}${each.partial ? ', not over yet' : ''}`;
    return box(width * place + width / 24, HEIGHT - 2 - height, width - width / 12, height, { rx: 2, title });
  });
  const ends = [0, 1].map(() =>
    svg(
      'svg',
      { y: 0, class: 'mlops-brush-end' },
      svg('rect', { x: -1, y: 0, width: 2, height: HEIGHT }),
      svg('rect', { x: -3, y: 9, width: 6, height: 14, rx: 3 })
    )
  );
  const label = `Rows in ${report.periods.length} periods; the choices beside it cut a range out`;
  const node = plot(HEIGHT, label, ...bars, ...ends);
  let anchor: number | null = null;
  const at = (event: PointerEvent): number => {
    const { left, width: wide } = node.getBoundingClientRect();
    const share = (event.clientX - left) / (wide || 1);
    return Math.max(0, Math.min(report.periods.length - 1, Math.floor(share * report.periods.length)));
  };
  const stretch = (event: PointerEvent): void => {
    if (anchor === null) return;
    const place = at(event);
    choose({ from: Math.min(anchor, place), to: Math.max(anchor, place) });
  };
  node.addEventListener(
    'pointerdown',
    event => {
      event.preventDefault();
      anchor = at(event);
      node.setPointerCapture?.(event.pointerId);
      stretch(event);
    },
    { signal }
  );
  node.addEventListener('pointermove', stretch, { signal });
  node.addEventListener('pointerup', () => (anchor = null), { signal });
  const show = (range: Range): void => {
    bars.forEach((bar, place) =>
      bar.setAttribute('class', place >= range.from && place <= range.to ? 'is-inside' : 'is-ref')
    );
    ends[0]?.setAttribute('x', `${width * range.from}%`);
    ends[1]?.setAttribute('x', `${width * (range.to + 1)}%`);
  };
  return { node, show };
}
