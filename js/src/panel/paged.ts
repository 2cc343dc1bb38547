/** A long list of which only some pages are here: those that somebody looked at last. */

/** Some items of a list, and how many there are. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** Items of one page: about three screens of a tall sidebar. More would make the reader wait, fewer the server busy. */
export const PAGE_ROWS = 100;
const MOST_PAGES = 12;

export class Paged<T> {
  total = 0;
  private readonly pages = new Map<number, readonly T[]>(); // the one that was looked at last comes last
  private readonly outdated = new Set<number>();
  private readonly underway = new Set<number>();
  private sight: readonly number[] = [0];
  private changes = 0;

  /** Return an item, or undefined while its page is not here. */
  at(place: number): T | undefined {
    return this.pages.get(Math.floor(place / PAGE_ROWS))?.[place % PAGE_ROWS];
  }

  /** Return where the items are that are wanted, of those that are here. */
  places(wanted: (item: T) => boolean): number[] {
    const found = [...this.pages].flatMap(([page, items]) =>
      items.flatMap((item, at) => (wanted(item) ? [page * PAGE_ROWS + at] : []))
    );
    return found.sort((a, b) => a - b);
  }

  /** Return the page that has to be fetched so that this place can be shown as it is now, or null. */
  lacks(place: number): number | null {
    const page = Math.floor(place / PAGE_ROWS);
    const here = this.pages.has(page) && !this.outdated.has(page);
    return here || this.underway.has(page) ? null : page;
  }

  /** These places are in sight: their pages are kept longest, and fetched first after a change. */
  look(places: readonly number[]): void {
    this.sight = [...new Set(places.map(place => Math.floor(place / PAGE_ROWS)))];
    for (const page of this.sight) {
      const here = this.pages.get(page);
      if (here === undefined) continue;
      this.pages.delete(page);
      this.pages.set(page, here);
    }
  }

  /** Take what is here for outdated: it is shown until it is replaced. Return the pages to fetch at once: those in sight, and those of the items that are wanted. */
  outdate(wanted: (item: T) => boolean): ReadonlySet<number> {
    this.changes += 1;
    for (const page of this.pages.keys()) this.outdated.add(page);
    return new Set([...this.sight, ...this.places(wanted).map(place => Math.floor(place / PAGE_ROWS))]);
  }

  /** Fetch a page; what was here stays until it is replaced. */
  async fetch(page: number, get: (offset: number, limit: number) => Promise<Page<T>>): Promise<void> {
    const asked = this.changes;
    this.underway.add(page);
    try {
      this.put(page, await get(page * PAGE_ROWS, PAGE_ROWS));
      if (asked !== this.changes) this.outdated.add(page);
    } finally {
      this.underway.delete(page);
    }
  }

  private put(page: number, { items, total }: Page<T>): void {
    this.total = total;
    this.outdated.delete(page);
    this.pages.delete(page);
    this.pages.set(page, items);
    for (const oldest of [...this.pages.keys()].slice(0, -MOST_PAGES)) this.pages.delete(oldest);
  }
}
