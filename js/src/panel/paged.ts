/** A long list of which only some pages are here: those that somebody looked at last. */

import { PAGE } from './api';
import type { Page } from './wire';

const MOST_PAGES = 6;

export class Paged<T> {
  total = 0;
  private readonly pages = new Map<number, readonly T[]>(); // the one that was looked at last comes last
  private readonly underway = new Set<number>();

  /** Return an item, or undefined while its page is not here. */
  at(place: number): T | undefined {
    return this.pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Return the page that has to be fetched so that this place can be shown, or null. */
  lacks(place: number): number | null {
    const page = Math.floor(place / PAGE);
    const here = this.pages.get(page);
    if (here === undefined) return this.underway.has(page) ? null : page;
    this.pages.delete(page);
    this.pages.set(page, here);
    return null;
  }

  /** Return the pages to fetch again after a change: the first, and the one that was looked at last. */
  get stale(): readonly number[] {
    return [...new Set([0, ...[...this.pages.keys()].slice(-1)])];
  }

  /** Fetch pages; what was here stays until it is replaced, what is not wanted any more is dropped. */
  async fetch(pages: readonly number[], get: (offset: number) => Promise<Page<T>>): Promise<void> {
    pages.forEach(page => this.underway.add(page));
    try {
      const found = await Promise.all(pages.map(page => get(page * PAGE)));
      found.forEach((each, place) => this.put(pages[place] ?? 0, each));
    } finally {
      pages.forEach(page => this.underway.delete(page));
    }
  }

  /** Drop every page but these. */
  keep(pages: readonly number[]): void {
    for (const page of [...this.pages.keys()]) if (!pages.includes(page)) this.pages.delete(page);
  }

  private put(page: number, { items, total }: Page<T>): void {
    this.total = total;
    this.pages.delete(page);
    this.pages.set(page, items);
    for (const oldest of [...this.pages.keys()].slice(0, -MOST_PAGES)) this.pages.delete(oldest);
  }
}
