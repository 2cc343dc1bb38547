/** ROC, precision and recall, calibration and residuals: small pictures of few points. */

import { h, svg } from '../dom';
import { number } from '../format';
import type { ReportCurve } from '../wire';

const SIDE = 180; // pixels of the square
const EDGE = 30; // left of it and below it, for the ends of the axes
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '4 2 1 2', '10 4'];
const TITLES: Readonly<Record<string, readonly [string, string, string]>> = {
  roc: ['ROC', 'false positive rate', 'true positive rate'],
  pr: ['Precision and recall', 'recall', 'precision'],
  calibration: ['Calibration', 'mean probability', 'share that came true'],
  residuals: ['Residuals by tenth of the rows', 'mean prediction', 'truth less prediction'],
};

type Scale = (value: number) => number;

/** Return the views for which there are curves, side by side; nothing without any. */
export function curves(all: readonly ReportCurve[]): HTMLElement | null {
  const views = Object.keys(TITLES).filter(view => all.some(curve => curve.view === view));
  return views.length
    ? h(
        'div',
        { class: 'mlops-curves' },
        ...views.map(view =>
          drawn(
            view,
            all.filter(curve => curve.view === view)
          )
        )
      )
    : null;
}

function drawn(view: string, held: readonly ReportCurve[]): HTMLElement {
  const [title, across, up] = TITLES[view] ?? [view, '', ''];
  const residuals = view === 'residuals';
  const [left, right] = residuals ? extent(held.flatMap(curve => curve.x)) : [0, 1];
  const [bottom, top] = residuals
    ? extent(held.flatMap(curve => [...curve.y, ...curve.lower, ...curve.upper, 0]))
    : [0, 1];
  const x: Scale = value => EDGE + ((value - left) / (right - left || 1)) * SIDE;
  const y: Scale = value => 6 + SIDE - ((value - bottom) / (top - bottom || 1)) * SIDE;
  const lines = held.flatMap((curve, place) => (residuals ? points(curve, x, y) : line(curve, place, view, x, y)));
  const label = `${title}${held.length > 1 ? ` of ${held.map(curve => curve.label).join(', ')}` : ''}`;
  return h(
    'figure',
    {},
    h('figcaption', {}, title),
    svg(
      'svg',
      { width: EDGE + SIDE + 12, height: SIDE + EDGE + 6, role: 'img', 'aria-label': label },
      frame(x, y, [left, right], [bottom, top]),
      guide(view, x, y, [left, right]),
      ...lines
    ),
    h('div', { class: 'mlops-muted' }, `${up}, over ${across}`),
    held.length > 1
      ? h(
          'div',
          { class: 'mlops-muted' },
          ...held.map((curve, place) => h('div', {}, sample(place), ` ${curve.label}`))
        )
      : null
  );
}

function line(curve: ReportCurve, place: number, view: string, x: Scale, y: Scale): SVGElement[] {
  const steps = curve.x.flatMap((at, k) => {
    const here = `${x(at).toFixed(1)},${y(curve.y[k] ?? 0).toFixed(1)}`;
    return view === 'pr' && k > 0
      ? [`${x(curve.x[k - 1] ?? at).toFixed(1)},${y(curve.y[k] ?? 0).toFixed(1)}`, here]
      : [here];
  });
  const dots =
    view === 'calibration'
      ? curve.x.map((at, k) =>
          dot(x(at), y(curve.y[k] ?? 0), `${number(at)}: ${number(curve.y[k])} of ${curve.n[k] ?? 0} rows`)
        )
      : [];
  return [
    svg('polyline', {
      class: `mlops-line mlops-class-${place % DASHES.length}`,
      'stroke-dasharray': DASHES[place % DASHES.length],
      points: steps.join(' '),
    }),
    ...dots,
  ];
}

/** Draw each tenth as a point, and the inner four fifths of its residuals as a bar. */
function points(curve: ReportCurve, x: Scale, y: Scale): SVGElement[] {
  return curve.x.flatMap((at, k) => [
    svg('line', {
      class: 'mlops-axis',
      'stroke-width': 3,
      x1: x(at),
      x2: x(at),
      y1: y(curve.lower[k] ?? 0),
      y2: y(curve.upper[k] ?? 0),
    }),
    dot(
      x(at),
      y(curve.y[k] ?? 0),
      `${number(at)}: ${number(curve.y[k])}, from ${number(curve.lower[k])} to ${number(curve.upper[k])}, ${curve.n[k] ?? 0} rows`
    ),
  ]);
}

function dot(cx: number, cy: number, title: string): SVGElement {
  return svg('circle', { class: 'mlops-dot', cx: cx.toFixed(1), cy: cy.toFixed(1), r: 3 }, svg('title', {}, title));
}

function frame(
  x: Scale,
  y: Scale,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number]
): SVGElement {
  const word = (at: number, down: number, anchor: string, value: number): SVGElement =>
    svg('text', { class: 'mlops-tick', x: at, y: down, 'text-anchor': anchor }, number(value));
  return svg(
    'g',
    {},
    svg('path', { class: 'mlops-axis', fill: 'none', d: `M${x(left)},${y(top)}V${y(bottom)}H${x(right)}` }),
    word(x(left), y(bottom) + 14, 'start', left),
    word(x(right), y(bottom) + 14, 'end', right),
    word(x(left) - 4, y(bottom), 'end', bottom),
    word(x(left) - 4, y(top) + 8, 'end', top)
  );
}

/** Draw what chance, a perfect calibration or no residual would look like. */
function guide(view: string, x: Scale, y: Scale, [left, right]: readonly [number, number]): SVGElement | null {
  if (view === 'pr') return null;
  const level = view === 'residuals';
  return svg('line', { class: 'mlops-guide', x1: x(left), x2: x(right), y1: y(0), y2: y(level ? 0 : 1) });
}

function sample(place: number): SVGElement {
  return svg(
    'svg',
    { width: 28, height: 8, 'aria-hidden': 'true' },
    svg('line', {
      class: `mlops-line mlops-class-${place % DASHES.length}`,
      'stroke-dasharray': DASHES[place % DASHES.length],
      x1: 0,
      x2: 28,
      y1: 4,
      y2: 4,
    })
  );
}

function extent(values: readonly number[]): [number, number] {
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
