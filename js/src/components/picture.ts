/**
 * Pictures that need no script to fit their place: x in percent of the width, y in pixels.
 *
 * Paths lie in a nested svg that is stretched; words, dots and bars are never scaled. `widgets/pictures.py` draws the
 * same markup.
 */

import { type Child, svg } from '../dom';

export type Scale = (value: number) => number;
export type Point = readonly [x: number, y: number | null] | null;

/** Return a number with at most two decimals, as paths have it. */
export function short(value: number): number {
  return Math.round(value * 100) / 100 || 0;
}

/** Return the linear scale from one range to another. */
export function scale(low: number, high: number, from: number, to: number): Scale {
  return value => from + ((value - low) / (high - low || 1)) * (to - from);
}

/** Return round numbers within a range, about as many as `parts`. */
export function niceTicks(low: number, high: number, parts = 3): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [];
  const span = high - low || Math.abs(high) || 1;
  const raw = span / parts;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find(each => each * unit >= raw) ?? 10) * unit;
  const first = Math.ceil(low / step - 1e-9) * step;
  return Array.from({ length: parts + 2 }, (_, k) => Number((first + k * step).toPrecision(12))).filter(
    tick => tick <= high + 1e-9 * span
  );
}

/** Return the frame of a picture; the label says what is seen. */
export function plot(height: number, label: string, ...contents: Child[]): SVGSVGElement {
  const told = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' };
  return svg('svg', { class: 'mlops-plot', style: `height:${height}px`, ...told }, ...contents);
}

/** Stretch paths in x, from 0…100 to the width. */
export function stretch(height: number, ...paths: Child[]): SVGSVGElement {
  return svg(
    'svg',
    { x: 0, y: 0, width: '100%', height, viewBox: `0 0 100 ${height}`, preserveAspectRatio: 'none' },
    ...paths
  );
}

/** Draw a line, with gaps where a point is missing. */
export function line(points: readonly Point[], kind = '', style: string | null = null): SVGPathElement {
  let d = '';
  let pen = false;
  for (const point of points) {
    if (point === null || point[1] === null) pen = false;
    else {
      d += `${pen ? 'L' : 'M'}${short(point[0])} ${short(point[1])}`;
      pen = true;
    }
  }
  return svg('path', { class: kind || null, d, style });
}

/** Draw the outline of bars. */
export function steps(edges: readonly number[], tops: readonly number[], foot: number, kind = ''): SVGPathElement {
  const d = tops.map((y, place) => `V${short(y)}H${short(edges[place + 1] ?? 100)}`).join('');
  return svg('path', { class: kind || null, d: `M${short(edges[0] ?? 0)} ${foot}${d}V${foot}` });
}

/** Fill what lies between two lines: each point is x, one y and the other. */
export function band(
  points: readonly (readonly [number, number, number])[],
  kind = 'is-band',
  style: string | null = null
): SVGPathElement | null {
  if (points.length === 0) return null;
  const there = points.map(([x, y]) => `${short(x)} ${short(y)}`).join('L');
  const back = [...points]
    .reverse()
    .map(([x, , y]) => `${short(x)} ${short(y)}`)
    .join('L');
  return svg('path', { class: kind, d: `M${there}L${back}Z`, style });
}

export interface Words {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly kind?: string;
  readonly dx?: number;
}

/** Write words; `wide` are those that a narrow place has no room for. */
export function words(
  x: number,
  y: number,
  content: string,
  { anchor = 'start', kind = '', dx = 0 }: Words = {},
  wide = ''
): SVGTextElement {
  return svg(
    'text',
    {
      x: `${short(x)}%`,
      y: short(y),
      dx: dx || null,
      'text-anchor': anchor === 'start' ? null : anchor,
      class: kind || null,
    },
    content,
    wide && svg('tspan', { class: 'mlops-wide' }, wide)
  );
}

export function dot(
  x: number,
  y: number,
  {
    kind = 'is-dot',
    r = 3.5,
    title = '',
    style = null,
  }: { kind?: string; r?: number; title?: string; style?: string | null } = {}
): SVGCircleElement {
  return svg('circle', { class: kind, cx: `${short(x)}%`, cy: short(y), r, style }, title && svg('title', {}, title));
}

export const TRIANGLE = 'M0 -5 5.2 4H-5.2Z';
export const SQUARE = 'M-3.2 -3.2H3.2V3.2H-3.2Z';

/** Draw a shape of fixed size at a place. */
export function mark(
  x: number,
  y: number,
  d: string,
  { kind = 'is-fill', title = '', style = null }: { kind?: string; title?: string; style?: string | null } = {}
): SVGSVGElement {
  return svg(
    'svg',
    { x: `${short(x)}%`, y: short(y) },
    svg('path', { class: kind || null, d, style }, title && svg('title', {}, title))
  );
}

export function rule(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  kind = '',
  style: string | null = null
): SVGLineElement {
  return svg('line', {
    class: kind || null,
    x1: `${short(x1)}%`,
    y1: short(y1),
    x2: `${short(x2)}%`,
    y2: short(y2),
    style,
  });
}

export interface Box {
  readonly kind?: string;
  readonly title?: string;
  readonly style?: string | null;
  readonly rx?: number;
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  { kind = '', title = '', style = null, rx = 0 }: Box = {}
): SVGRectElement {
  return svg(
    'rect',
    {
      class: kind || null,
      x: `${short(x)}%`,
      y: short(y),
      width: `${short(Math.max(0, width))}%`,
      height: short(Math.max(0, height)),
      rx: rx || null,
      style,
    },
    title && svg('title', {}, title)
  );
}

/** Draw a line of a few numbers beside words; the last one is a dot. */
export function spark(
  values: readonly (number | null)[],
  label: string,
  { height = 24, area = true, low, high }: { height?: number; area?: boolean; low?: number; high?: number } = {}
): SVGSVGElement {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return plot(height, `${label}: nothing measured`);
  const y = scale(low ?? Math.min(...known), high ?? Math.max(...known, low ?? -Infinity), height - 3, 3);
  const points = values.map(
    (value, place): Point =>
      value === null ? null : [values.length > 1 ? (100 * place) / (values.length - 1) : 50, y(value)]
  );
  const drawn = points.filter((point): point is readonly [number, number] => point !== null);
  const last = drawn.at(-1);
  const fill = area && drawn.length > 1 ? band(drawn.map(([x, top]) => [x, top, height])) : null;
  return plot(height, label, stretch(height, fill, line(points)), last ? dot(last[0], last[1], { r: 2.5 }) : null);
}

/** Return counts as shares of their sum. */
export function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, value) => sum + value, 0) || 1;
  return counts.map(value => value / total);
}

/** Draw two distributions in one: grey bars are the reference, the outline is what came now, new bars are filled. */
export function histogram(
  reference: readonly number[],
  current: readonly number[],
  label: string,
  { height = 24, fresh = [] }: { height?: number; fresh?: readonly number[] } = {}
): SVGSVGElement {
  const [a, b] = [shares(reference), shares(current)];
  const y = scale(0, Math.max(...a, ...b, 1e-12), height - 0.5, 1.5);
  const width = 100 / Math.max(1, a.length);
  const gap = width / 12;
  const edges = [...a.map((_, place) => width * place), 100];
  const bar = (values: readonly number[], place: number, kind: string, style: string): SVGRectElement =>
    box((edges[place] ?? 0) + gap, y(values[place] ?? 0), width - 2 * gap, height - y(values[place] ?? 0), {
      kind,
      style,
    });
  const bars = a.map((_, place) => bar(a, place, 'is-ref', 'fill-opacity:.5'));
  const news = fresh.map(place => bar(b, place, 'is-alert', 'fill-opacity:.8'));
  return plot(height, label, ...bars, ...news, stretch(height, steps(edges, b.map(y), height - 0.5)));
}

/** Draw an effect against the least that matters: the tick is the floor, the bar what was found. */
export function bullet(value: number, floor: number, most: number, drifted: boolean, label: string): SVGSVGElement {
  const x = scale(0, most, 0, 100);
  return plot(
    14,
    label,
    box(0, 3, 100, 8, { style: 'fill:var(--m-wash2)', rx: 2 }),
    box(0, 3, Math.min(100, x(value)), 8, { kind: drifted ? 'is-alert' : 'is-ref', rx: 2 }),
    rule(Math.min(100, x(floor)), 0, Math.min(100, x(floor)), 14, '', 'stroke:var(--m-ink);stroke-width:1.5')
  );
}

/** Draw a difference left and right of nothing, with its interval. */
export function diverging(
  value: number,
  most: number,
  kind: string,
  label: string,
  interval: readonly [number, number] | null = null
): SVGSVGElement {
  const x = scale(-most, most, 0, 100);
  const [from, to] = [x(Math.min(0, value)), x(Math.max(0, value))];
  const whisker = interval && rule(x(interval[0]), 8, x(interval[1]), 8, '', 'stroke:var(--m-ink);stroke-width:1.5');
  return plot(16, label, rule(50, 0, 50, 16, 'is-axis'), box(from, 3, to - from, 10, { kind, rx: 1.5 }), whisker);
}

/** Return the triangle of what is outside, for the explanation of marks. */
export function svgMark(): SVGSVGElement {
  const shape = svg('path', { d: TRIANGLE, style: 'fill:var(--m-hot);stroke:none' });
  return svg('svg', { width: 12, height: 12, viewBox: '-6 -6 12 12', 'aria-hidden': 'true' }, shape);
}
