/** From counts that are read one after the other to requests per second. */

export type Meter = (requests: number) => number | null;

/** Return a meter that has read nothing yet: its first reading is unknown, and so is one in the same moment. */
export function meter(): Meter {
  let before: { readonly requests: number; readonly time: number } | null = null;
  return requests => {
    const [last, now] = [before, { requests, time: Date.now() }];
    before = now;
    return last && now.time > last.time
      ? Math.max(0, (1000 * (requests - last.requests)) / (now.time - last.time))
      : null;
  };
}
