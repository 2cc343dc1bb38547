/** Values as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** Return bytes in the largest unit that leaves a digit before the point. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${UNITS[unit] ?? ''}`;
}

/** Return a number with four digits, a whole one with all of its own, a dash where there is none. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}

/** Return a number of rows as people say it. */
export function counted(rows: number): string {
  return `${rows.toLocaleString('en')} row${rows === 1 ? '' : 's'}`;
}

/** Return metrics as `accuracy 0.971, f1 0.968`. */
export function metrics(values: Readonly<Record<string, number | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
}

/** Return how long ago a moment was, in its largest unit. */
export function age(moment: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(moment.replace(' ', 'T'))) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
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

/** Return a moment to the minute, as ISO writes it, in UTC. */
export function when(moment: string | null | undefined): string {
  const parsed = new Date((moment ?? '').replace(' ', 'T'));
  return Number.isNaN(parsed.getTime())
    ? text(moment).slice(0, 16)
    : parsed.toISOString().slice(0, 16).replace('T', ' ');
}
