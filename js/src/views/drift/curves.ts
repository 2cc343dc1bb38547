/** ROC, precision and recall, calibration and residuals: small pictures of few points. */

import { key, part } from '../../components/layout';
import { dot, line, type Point, plot, rule, type Scale, scale, stretch, words } from '../../components/picture';
import { h } from '../../dom';
import { number, plural } from '../../format';
import type { ReportCurve } from '../../wire';

const SIDE = 140; // pixels of the square
const HUES = 6;
const TITLES: Readonly<Record<string, readonly [string, string, string]>> = {
  roc: ['ROC', 'true positives', 'false positives'],
  pr: ['Precision, recall', 'precision', 'recall'],
  calibration: ['Calibration', 'share that came true', 'predicted probability'],
  residuals: ['Residuals', 'truth less prediction', 'prediction'],
};

/** Return the curves that there are, side by side. */
export function curves(all: readonly ReportCurve[]): HTMLElement[] {
  const views = Object.keys(TITLES).filter(name => all.some(curve => curve.view === name));
  if (views.length === 0) return [];
  const several = new Set(all.map(curve => curve.label)).size > 1;
  const names = [...new Set(all.map(curve => curve.label))];
  const figures = views.map(name =>
    figure(
      name,
      all.filter(curve => curve.view === name),
      names,
      several
    )
  );
  const marks = names.map(
    (name, place) => [h('i', { class: 'mlops-swatch', style: `background:${hue(place, several)}` }), name] as const
  );
  return [
    part('Curves', 'on the rows whose truth is known', [
      h('div', { class: 'mlops-squares' }, ...figures),
      several ? key(...marks) : null,
    ]),
  ];
}

function hue(place: number, several: boolean): string {
  return several ? `var(--m-v${(place % HUES) + 1})` : 'var(--m-cur)';
}

function figure(name: string, held: readonly ReportCurve[], names: readonly string[], several: boolean): HTMLElement {
  const [title, up, across] = TITLES[name] ?? [name, '', ''];
  const residuals = name === 'residuals';
  const [left, right] = residuals ? extent(held.flatMap(curve => curve.x)) : [0, 1];
  const [bottom, top] = residuals
    ? extent(held.flatMap(curve => [...curve.y, ...curve.lower, ...curve.upper, 0]))
    : [0, 1];
  const [x, y] = [scale(left, right, 0, 100), scale(bottom, top, SIDE, 0)];
  const guide = name === 'pr' ? null : residuals ? rule(0, y(0), 100, y(0), 'is-rule') : null;
  const diagonal =
    residuals || name === 'pr'
      ? null
      : line(
          [
            [0, SIDE],
            [100, 0],
          ],
          'is-ref is-dash',
          'stroke-width:1'
        );
  const lines = residuals
    ? []
    : held.map(curve => line(points(curve, name, x, y), '', `stroke:${hue(names.indexOf(curve.label), several)}`));
  const marks =
    name === 'calibration' || residuals
      ? held.flatMap(curve => dots(curve, x, y, residuals, hue(names.indexOf(curve.label), several)))
      : [];
  const label = `${title}: ${up} over ${across}${held.length > 1 ? ` of ${held.map(curve => curve.label).join(', ')}` : ''}`;
  return h(
    'figure',
    { class: 'mlops-figure' },
    h('figcaption', {}, title, ' ', h('small', {}, residuals ? `${up}, ${number(bottom)} to ${number(top)}` : up)),
    plot(
      SIDE + 18,
      label,
      rule(0, SIDE, 100, SIDE, 'is-axis'),
      rule(0, 0, 0, SIDE, 'is-axis'),
      guide,
      stretch(SIDE, diagonal, ...lines),
      ...marks,
      words(0, SIDE + 14, number(left)),
      words(100, SIDE + 14, number(right), { anchor: 'end' }),
      words(50, SIDE + 14, across, { anchor: 'middle' })
    )
  );
}

/** Return a curve's points; precision falls in steps. */
function points(curve: ReportCurve, name: string, x: Scale, y: Scale): Point[] {
  return curve.x.flatMap((at, k): Point[] => {
    const here: Point = [x(at), y(curve.y[k] ?? 0)];
    return name === 'pr' && k > 0 ? [[x(curve.x[k - 1] ?? at), y(curve.y[k] ?? 0)], here] : [here];
  });
}

/** Draw each point with its rows; of residuals also where the inner four fifths are. */
function dots(curve: ReportCurve, x: Scale, y: Scale, residuals: boolean, colour: string): SVGElement[] {
  return curve.x.flatMap((at, k) => {
    const title = `${number(at)}: ${number(curve.y[k])}, ${plural(curve.n[k] ?? 0, 'row')}`;
    const bar = residuals
      ? [
          rule(
            x(at),
            y(curve.lower[k] ?? 0),
            x(at),
            y(curve.upper[k] ?? 0),
            '',
            `stroke:${colour};stroke-width:3;stroke-opacity:.35`
          ),
        ]
      : [];
    return [...bar, dot(x(at), y(curve.y[k] ?? 0), { r: 3, title, style: `fill:${colour}` })];
  });
}

function extent(values: readonly number[]): [number, number] {
  return values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
