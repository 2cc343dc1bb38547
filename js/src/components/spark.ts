/** A small line of one number over time. */

import { svg } from '../dom';
import { number } from '../format';

const WIDTH = 220;
const HEIGHT = 36;
const EDGE = 3;

export function spark(name: string, values: readonly (number | null)[]): SVGSVGElement {
  const known = values.filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (place: number): number => EDGE + (place * (WIDTH - 2 * EDGE)) / Math.max(1, values.length - 1);
  const y = (value: number): number => HEIGHT - EDGE - ((value - low) * (HEIGHT - 2 * EDGE)) / (high - low || 1);
  const points = values.flatMap((value, place) => (value === null ? [] : [`${x(place).toFixed(1)},${y(value).toFixed(1)}`]));
  const label = known.length ? `${name} over time, from ${number(known[0])} to ${number(known.at(-1))}` : `${name}: not measured`;
  const lastPoint = points.at(-1)?.split(',');
  return svg(
    'svg',
    { width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': label },
    svg('polyline', { class: 'mlops-line', points: points.join(' ') }),
    lastPoint ? svg('circle', { cx: lastPoint[0], cy: lastPoint[1], r: 2.5, fill: 'currentColor' }) : null
  );
}
