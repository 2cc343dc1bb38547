/** A time axis: from moments to pixels, and the moments that are worth a mark. */

const MINUTE = 60_000;
const STEPS = [1, 5, 15, 60, 180, 720, 1440, 2880, 10_080, 43_200, 129_600, 525_600].map(minutes => minutes * MINUTE);
const TICK_PIXELS = 115; // wide enough for its words

export interface Axis {
  readonly x: (moment: number) => number;
  readonly ticks: readonly { readonly x: number; readonly words: string }[];
}

/** Return the axis of the moments `start` to `end` (milliseconds since 1970) on the pixels `left` to `right`. */
export function axis(start: number, end: number, left: number, right: number): Axis {
  const span = Math.max(MINUTE, end - start);
  const x = (moment: number): number => left + ((right - left) * (moment - start)) / span;
  const most = Math.max(1, Math.floor((right - left) / TICK_PIXELS));
  const step = STEPS.find(each => span / each <= most) ?? Math.ceil(span / most);
  const shift = new Date(start).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((start - shift) / step) * step + shift;
  const moments = Array.from(
    { length: Math.max(0, Math.floor((start + span - first) / step) + 1) },
    (_, place) => first + place * step
  );
  return { x, ticks: moments.map(moment => ({ x: x(moment), words: words(moment, step) })) };
}

function words(moment: number, step: number): string {
  const date = new Date(moment);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return step >= 1440 * MINUTE ? day : `${day.slice(5)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
