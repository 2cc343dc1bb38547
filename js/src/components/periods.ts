/** A brush over time: drag over the bars (rows in each period), or choose the first and the last period. */

import { h, svg } from '../dom';
import type { Report } from '../wire';

/** The periods that are looked at: from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 28;
const WIDEST = 40; // pixels of a bar
const WHOLE = 560; // pixels of all bars

/** Return the brush; nothing where there is only one period. */
export function brush(report: Report, signal: AbortSignal, look: (range: Range) => void): HTMLElement | null {
  if (report.periods.length < 2) return null;
  const options = (): HTMLElement[] =>
    report.periods.map((period, place) => h('option', { value: place }, period.label));
  const chosen = (): Range => ({ from: Number(from.value), to: Number(to.value) });
  const choose = (range: Range): void => {
    [from.value, to.value] = [String(range.from), String(range.to)];
    bars.show(range);
    look(range);
  };
  const from: HTMLSelectElement = h(
    'select',
    {
      'aria-label': 'First period',
      signal,
      on: { change: () => choose({ from: chosen().from, to: Math.max(chosen().from, chosen().to) }) },
    },
    ...options()
  );
  const to: HTMLSelectElement = h(
    'select',
    {
      'aria-label': 'Last period',
      signal,
      on: { change: () => choose({ from: Math.min(chosen().from, chosen().to), to: chosen().to }) },
    },
    ...options()
  );
  const bars = strip(report, signal, choose);
  to.value = String(report.periods.length - 1);
  bars.show(chosen());
  const hint = h('span', { class: 'mlops-muted' }, 'rows in each period: drag over the bars to look at some of them');
  return h('div', {}, bars.node, h('div', { class: 'mlops-row' }, 'from', from, 'to', to, hint));
}

/** Draw a bar for each period; pressing on one begins a range, moving over others stretches it. */
function strip(
  report: Report,
  signal: AbortSignal,
  choose: (range: Range) => void
): { node: SVGSVGElement; show(range: Range): void } {
  const most = Math.max(...report.periods.map(period => period.n), 1);
  const width = Math.min(WIDEST, WHOLE / report.periods.length);
  let anchor: number | null = null;
  const bars = report.periods.map((period, place) => {
    const height = Math.max(1, (period.n / most) * (HEIGHT - 2));
    const over = (): void => {
      if (anchor !== null) choose({ from: Math.min(anchor, place), to: Math.max(anchor, place) });
    };
    const press = (): void => {
      anchor = place;
      over();
    };
    const area = svg(
      'rect',
      {
        class: 'mlops-touch',
        x: place * width,
        y: 0,
        width,
        height: HEIGHT,
        signal,
        on: { pointerdown: press, pointerenter: over },
      },
      svg('title', {}, `${period.label}: ${period.n} rows`)
    );
    return {
      bar: svg('rect', { x: place * width + 1, y: HEIGHT - height, width: Math.max(1, width - 2), height }),
      area,
    };
  });
  window.addEventListener('pointerup', () => (anchor = null), { signal });
  const label = `Rows in ${report.periods.length} periods; the choices below cut a range out`;
  const node = svg(
    'svg',
    { class: 'mlops-strip', width: width * bars.length, height: HEIGHT, role: 'img', 'aria-label': label },
    ...bars.flatMap(({ bar, area }) => [bar, area])
  );
  const show = (range: Range): void =>
    bars.forEach(({ bar }, place) =>
      bar.setAttribute('class', place >= range.from && place <= range.to ? 'mlops-inside' : 'mlops-outside')
    );
  return { node, show };
}
