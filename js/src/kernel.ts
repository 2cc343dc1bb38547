/** Asks Python one question at a time by name, and says when the kernel lets us wait. */

import type { Model } from './observe';

const PATIENCE_MS = 1000;

interface Reply {
  readonly id: number;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: string;
}

type Settle = (reply: Reply) => void;

export class Kernel {
  private readonly open = new Map<number, Settle>();
  private last = 0;

  constructor(
    private readonly model: Model,
    signal: AbortSignal
  ) {
    const hear = (content: Reply): void => this.open.get(content.id)?.(content);
    model.on('msg:custom', hear);
    signal.addEventListener('abort', () => model.off('msg:custom', hear), { once: true });
  }

  /** Ask for one verb; `waiting` is called when no answer came within a second. */
  ask<T>(verb: string, args: Record<string, unknown> = {}, waiting?: () => void): Promise<T> {
    const id = ++this.last;
    const timer = waiting ? setTimeout(waiting, PATIENCE_MS) : undefined;
    return new Promise<T>((resolve, reject) => {
      this.open.set(id, reply => {
        clearTimeout(timer);
        this.open.delete(id);
        if (reply.ok) resolve(reply.result as T);
        else reject(new Error(reply.error ?? 'no reason was given'));
      });
      this.model.send({ id, verb, args });
    });
  }
}
