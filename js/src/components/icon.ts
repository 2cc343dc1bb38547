/** Icons on a grid of 16, in the colour of the words beside them. */

import { svg } from '../dom';

/** Paths of an icon: stroked, filled, tinted and stroked, dashed, or faint. */
export type Shape = Readonly<Partial<Record<'s' | 'f' | 't' | 'd' | 'o', string>>>;

const STROKE = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': 1.5,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
};
const DRESS: Readonly<Record<string, object>> = {
  s: STROKE,
  f: { fill: 'currentColor', 'fill-rule': 'evenodd' },
  t: { ...STROKE, fill: 'currentColor', 'fill-opacity': 0.22 },
  d: { ...STROKE, 'stroke-dasharray': '2.2 2.4' },
  o: { ...STROKE, opacity: 0.55 },
};

/** Return an icon; without a label it is decoration, which readers pass over. */
export function icon(
  shape: Shape,
  { size = 16, label = '', kind = '' }: { size?: number; label?: string; kind?: string } = {}
): SVGSVGElement {
  const told = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' };
  const style = size === 16 ? null : `--i:${size}px`;
  const paths = Object.entries(shape).map(([dress, d]) => svg('path', { ...DRESS[dress], d }));
  return svg('svg', { class: kind ? `mlops-i ${kind}` : 'mlops-i', viewBox: '0 0 16 16', style, ...told }, ...paths);
}
