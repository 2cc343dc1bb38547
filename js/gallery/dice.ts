/** Numbers that are the same at each drawing, so that pictures of the gallery can be compared. */

export interface Dice {
  readonly next: () => number;
  readonly normal: (mean?: number, deviation?: number) => number;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (mean = 0, deviation = 1): number =>
    mean + deviation * Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
  return { next, normal };
}

/** The moment at which every picture of the gallery is taken. */
export const NOW = Date.parse('2026-11-29T09:30:00Z');

export function before(days: number): string {
  return new Date(NOW - days * 86_400_000).toISOString();
}
