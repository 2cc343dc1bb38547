/** An anywidget model without a kernel: the only fake. */

import type { Model } from '../src/observe';

type Callback = (...args: never[]) => void;

export class FakeModel implements Model {
  readonly sent: { id: number; verb: string; args: Record<string, unknown> }[] = [];
  saved = 0;
  private readonly heard = new Map<string, Set<Callback>>();

  constructor(private readonly traits: Record<string, unknown>) {}

  get(name: string): unknown {
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.traits[name] = value;
  }

  save_changes(): void {
    this.saved += 1;
  }

  on(event: string, callback: Callback): void {
    this.heard.set(event, (this.heard.get(event) ?? new Set()).add(callback));
  }

  off(event: string, callback: Callback): void {
    this.heard.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    this.sent.push(content as (typeof this.sent)[number]);
  }

  /** Act as Python: change a trait. */
  push(name: string, value: unknown): void {
    this.set(name, value);
    this.emit(`change:${name}`);
  }

  /** Act as Python: answer the last question. */
  answer(reply: { ok: boolean; result?: unknown; error?: string; problems?: unknown }): void {
    this.emit('msg:custom', { id: this.sent.at(-1)?.id, ...reply });
  }

  /** Act as Python: answer the question with this number. */
  reply(id: number, result: unknown): void {
    this.emit('msg:custom', { id, ok: true, result });
  }

  get listeners(): number {
    return [...this.heard.values()].reduce((sum, callbacks) => sum + callbacks.size, 0);
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.heard.get(event) ?? [])]) (callback as (...given: unknown[]) => void)(...args);
  }
}

/** Return the last button with exactly this name, as a reader hears it; what was opened last comes last. */
export function named(root: Element, name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll('button')].findLast(one => called(one) === name);
  if (!found) throw new Error(`no button ${name} among ${names(root).join(', ')}`);
  return found;
}

/** Return the names of the buttons. */
export function names(root: Element): string[] {
  return [...root.querySelectorAll('button')].map(called);
}

function called(button: Element): string {
  return button.getAttribute('aria-label') ?? button.textContent ?? '';
}

/** Open a menu and press a line of it. */
export function choose(root: Element, menu: string, line: string): void {
  named(root, menu).click();
  named(root, line).click();
}

/** Let promises settle. */
export const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
