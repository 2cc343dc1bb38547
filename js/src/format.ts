/** Values as people read them; `widgets/format.py` writes the same, and `tests/wire/formats.json` holds both to it. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const SHORT_ID = 5;

export type Metrics = Readonly<Record<string, number | null>>;

/** Return bytes in the largest unit that leaves a digit before the point, with three digits. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${UNITS[unit] ?? ''}`;
}

/** Return a number with a real minus, and commas between thousands. */
function written(text: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
  return whole === '' ? text : `${sign && '−'}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest.replace('e-', 'e−')}`;
}

/** Return a number with four digits, a whole one with all of its own, a dash where there is none. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return written(String(Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(4))));
}

/** Return how many decimals tell these numbers apart: three for shares, fewer for large ones, more where they are close. */
export function decimals(values: readonly (number | null | undefined)[]): number {
  const known = values.filter((value): value is number => typeof value === 'number');
  const most = Math.max(...known.map(Math.abs), 0);
  const range = known.length ? Math.max(...known) - Math.min(...known) : 0;
  const usual = most < 1 ? 3 : most < 100 ? 2 : most < 1000 ? 1 : 0;
  const needed = range > 0 ? Math.ceil(-Math.log10(range)) + 1 : 0;
  return Math.min(6, Math.max(usual, needed));
}

/** Return a number with so many decimals; one that they would make 0 with three digits, a dash where there is none. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return '–';
  const text = value.toFixed(digits);
  const lost = value !== 0 && Number(text) === 0;
  return written(lost || Math.abs(value) >= 1e15 ? String(Number(value.toPrecision(3))) : text);
}

/** Return a difference with its sign. */
export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 ? `+${text}` : value === 0 ? `±${text}` : text;
}

/** Return a count with commas, from a million on as `1.24 M`. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return value >= 1e6 ? `${Number((value / 1e6).toPrecision(3))} M` : written(String(Math.round(value)));
}

/** Return a count with its noun: `1 row`, `2 rows`. */
export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${written(String(value))} ${value === 1 ? noun : many}`;
}

/** Return the short name of a version: its number, or the end of its id where the number is not known. */
export function shortName(version: string, number: number | null | undefined): string {
  return number ? `v${number}` : version.slice(-SHORT_ID);
}

/** Return a share as a percentage with one decimal. */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? '–' : `${written((100 * share).toFixed(digits))}%`;
}

/** Return metrics as `accuracy 0.971, f1 0.968`. */
export function metrics(values: Metrics): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
}

/** Return milliseconds with two digits. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const told = Number(value.toPrecision(2));
  if (value >= 100) return written(String(Math.round(value)));
  return told >= 10 || told < 1 ? String(told) : told.toFixed(1);
}

/** Return milliseconds with their unit, a dash where there are none. */
export function latency(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${milliseconds(value)} ms`;
}

/** Return a moment that Python wrote; NaN for words that are none. */
export function moment(text: string | null | undefined): number {
  const iso = (text ?? '').replace(' ', 'T');
  return Date.parse(/T[\d:.]+$/.test(iso) ? `${iso}Z` : iso);
}

/** Return how long ago a moment was: minutes, hours, days, then the date. */
export function age(text: string, now = Date.now()): string {
  const then = moment(text);
  if (Number.isNaN(then)) return text;
  const seconds = Math.max(0, (now - then) / 1000);
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  if (days === 1) return 'yesterday';
  return days < 7 ? `${days} d ago` : date(text, now);
}

/** Return the day of a moment in UTC; its year where it is another one. */
export function date(text: string, now = Date.now()): string {
  const then = new Date(moment(text));
  if (Number.isNaN(then.getTime())) return text;
  const year = then.getUTCFullYear() === new Date(now).getUTCFullYear() ? '' : ` ${then.getUTCFullYear()}`;
  return `${then.getUTCDate()} ${MONTHS[then.getUTCMonth()] ?? ''}${year}`;
}

/** Return the whole moment, to the second, in UTC. */
export function exact(text: string | null | undefined): string {
  const then = new Date(moment(text));
  return Number.isNaN(then.getTime()) ? (text ?? '') : `${then.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Return the label of a period as people say it: days and months in words, everything else as it is. */
export function period(label: string): string {
  const [, year = '', month = '', day = '', time = ''] =
    /^(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d))?)?$/.exec(label) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (name === undefined) return label;
  return day ? `${Number(day)} ${name}${time && ` ${time}`}` : `${name} ${year}`;
}

/** Return the label of a period among others, with its year where their days span more than one. */
export function among(label: string, periods: readonly { readonly label: string }[]): string {
  const [first, last] = [periods[0], periods.at(-1)].map(each => Date.parse(each?.label ?? ''));
  const dated = Number(last) - Number(first) > 366_000 * DAY && /^\d{4}-\d\d-/.test(label);
  return period(label) + (dated ? ` ${label.slice(0, 4)}` : '');
}

const UNITS_OF_TIME: readonly (readonly [string, number, RegExp])[] = [
  ['week', 7 * DAY, /^\d{4}-\d\d-\d\d$/],
  ['day', DAY, /^\d{4}-\d\d-\d\d$/],
  ['hour', HOUR, /^\d{4}-\d\d-\d\dT\d\d:00$/],
];

/** Return how long the periods of a report are: `week`, `day`, `hour` or `month`, else `period`. */
export function unit(labels: readonly string[]): string {
  if (labels.length > 1 && labels.every(label => /^\d{4}-\d\d$/.test(label))) return 'month';
  const times = labels.map(label => Date.parse(`${label}Z`) / 1000);
  const apart = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  const found = UNITS_OF_TIME.find(
    ([, seconds, shape]) =>
      apart.length > 0 && labels.every(label => shape.test(label)) && apart.every(each => each % seconds === 0)
  );
  return found?.[0] ?? 'period';
}

/** Return when something was, by one of the periods of a report. */
export function within(label: string, labels: readonly string[]): string {
  const found = unit(labels);
  return `${found === 'week' ? 'in the week of' : found === 'day' ? 'on' : 'in'} ${period(label)}`;
}

/** Return a sentence in which the labels of periods are as people say them. */
export function dated(words: string, periods: readonly { readonly label: string }[]): string {
  return periods.reduce((said, { label }) => said.replaceAll(label, among(label, periods)), words);
}

/** Return a p-value: two digits, nothing below a thousandth. */
export function probability(p: number | null | undefined): string {
  if (p === null || p === undefined) return '–';
  return p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2)));
}

/** Return an effect with two decimals. */
export function effect(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return written(Math.abs(value) < 1000 ? value.toFixed(2) : String(Math.round(value)));
}

/** Return an effect as a multiple of its floor. */
export function times(floors: number): string {
  return floors < 10 ? `${floors.toFixed(1)}×` : `${count(floors)}×`;
}

/** Return a duration in its largest unit, from an hour on in its two largest. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  const hours = Math.floor(seconds / HOUR);
  return hours < 48
    ? `${hours} h ${Math.floor((seconds % HOUR) / MINUTE)} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Return words with a capital at the beginning, but for a name of code, and a full stop at the end. */
export function sentence(words: string): string {
  const told = /^[a-z]+(\s|$)/.test(words) ? words.slice(0, 1).toUpperCase() + words.slice(1) : words;
  return /[.!?]$/.test(told) ? told : `${told}.`;
}

/** Return the end of each id: five letters, more where two of them share these. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  const [seen, twice] = [new Set<string>(), new Set<string>()];
  for (const id of ids.length > 1 ? new Set(ids) : ids) {
    const end = id.slice(-SHORT_ID);
    if (seen.has(end)) twice.add(end);
    else seen.add(end);
  }
  return id => (twice.has(id.slice(-SHORT_ID)) ? id : id.slice(-SHORT_ID));
}

/** Return any value of a record as people read it. */
export function readable(value: unknown): string {
  return typeof value === 'number' ? number(value) : text(value);
}

/** Return any value of a record as text that says it exactly. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
