/** A small line of one number over time, with the band in which it is known and the limits it should keep. */

import { svg } from '../dom';
import { number } from '../format';

const WIDTH = 220;
const HEIGHT = 36;
const EDGE = 3;

export interface Band {
  readonly lower: number | null;
  readonly upper: number | null;
}

export function spark(
  name: string,
  values: readonly (number | null)[],
  bands: readonly Band[] = [],
  width = WIDTH,
  limits: readonly (number | null)[] = []
): SVGSVGElement {
  const held = bands.flatMap((band, place) =>
    band.lower === null || band.upper === null ? [] : [{ place, lower: band.lower, upper: band.upper }]
  );
  const known = [...values, ...limits, ...held.flatMap(band => [band.lower, band.upper])].filter(
    (value): value is number => value !== null
  );
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (place: number): number => EDGE + (place * (width - 2 * EDGE)) / Math.max(1, values.length - 1);
  const y = (value: number): number => HEIGHT - EDGE - ((value - low) * (HEIGHT - 2 * EDGE)) / (high - low || 1);
  const points = values.flatMap((value, place) =>
    value === null ? [] : [`${x(place).toFixed(1)},${y(value).toFixed(1)}`]
  );
  const measured = values.filter(value => value !== null);
  const label = measured.length
    ? `${name} over time, from ${number(measured[0])} to ${number(measured.at(-1))}`
    : `${name}: not measured`;
  const outline = [
    ...held.map(band => `${x(band.place).toFixed(1)},${y(band.upper).toFixed(1)}`),
    ...held.map(band => `${x(band.place).toFixed(1)},${y(band.lower).toFixed(1)}`).reverse(),
  ];
  const lastPoint = points.at(-1)?.split(',');
  return svg(
    'svg',
    { width, height: HEIGHT, role: 'img', 'aria-label': label },
    outline.length ? svg('polygon', { class: 'mlops-band', points: outline.join(' ') }) : null,
    ...limits.flatMap(limit =>
      limit === null
        ? []
        : [svg('line', { class: 'mlops-limit', x1: EDGE, x2: width - EDGE, y1: y(limit), y2: y(limit) })]
    ),
    svg('polyline', { class: 'mlops-line', points: points.join(' ') }),
    lastPoint ? svg('circle', { cx: lastPoint[0], cy: lastPoint[1], r: 2.5, fill: 'currentColor' }) : null
  );
}
