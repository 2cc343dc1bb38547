/** A time axis: from moments to percent of the width, and the moments that are worth a mark. */

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEAR = 365 * DAY;
const STEPS = [1, 5, 15, 60, 180, 720, 1440, 2880, 10_080, 20_160, 43_200, 131_400, 262_800, 525_600].map(
  each => each * MINUTE
);
const MOST_TICKS = 7;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface Axis {
  readonly start: number;
  readonly end: number;
  readonly x: (moment: number) => number;
  readonly moment: (x: number) => number;
  readonly ticks: readonly { readonly x: number; readonly words: string }[];
}

/** Return the axis of the moments `start` to `end`, in milliseconds since 1970. */
export function axis(start: number, end: number): Axis {
  const span = Math.max(MINUTE, end - start);
  const x = (moment: number): number => (100 * (moment - start)) / span;
  const step = STEPS.find(each => span / each <= MOST_TICKS) ?? Math.ceil(span / MOST_TICKS);
  const shift = new Date(start).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((start - shift) / step) * step + shift;
  const count = Math.max(0, Math.floor((start + span - first) / step) + 1);
  const moments = Array.from({ length: count }, (_, place) => first + place * step);
  return {
    start,
    end: start + span,
    x,
    moment: share => start + (span * share) / 100,
    ticks: moments.map(moment => ({ x: x(moment), words: words(moment, step, span > YEAR) })),
  };
}

/** Return a moment as the axis writes it: the day, with its year on a long axis, or the time where marks are closer than days. */
function words(moment: number, step: number, dated: boolean): string {
  const date = new Date(moment);
  const day = `${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}${dated ? ` ${date.getFullYear()}` : ''}`;
  if (step >= DAY) return day;
  const time = clock(moment);
  return time === '0:00' ? day : time;
}

/** Return the local time of day. */
export function clock(moment: number): string {
  const date = new Date(moment);
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** Return the local day in words, *Today* and *Yesterday* where it is. */
export function dayOf(moment: number, now: number): string {
  const date = new Date(moment);
  const midnight = (each: Date): number => new Date(each.getFullYear(), each.getMonth(), each.getDate()).getTime();
  const days = Math.round((midnight(new Date(now)) - midnight(date)) / DAY);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const weekday = date.toLocaleDateString('en-GB', { weekday: 'long' });
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${weekday}, ${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}${year}`;
}
