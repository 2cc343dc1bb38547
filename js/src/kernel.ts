/** Calls Python by the name of a verb, and reports when the kernel does not answer at once. */

import type { Model } from './observe';

const PATIENCE: readonly (readonly [number, string])[] = [
  [1_000, 'Waiting for the kernel …'],
  [15_000, 'Still waiting: the kernel runs a cell. It answers when the cell has ended.'],
];

interface Reply {
  readonly id: number;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: string;
  /** The class of the error. */
  readonly kind?: string;
  /** What does not fit, by column. */
  readonly problems?: readonly { readonly column: string; readonly message: string }[];
}

type Settle = (reply: Reply) => void;

export class Kernel {
  private readonly open = new Map<number, Settle>();
  private last = 0;

  /** `say` is called when no answer came within a second, and again when that goes on. */
  constructor(
    private readonly model: Model,
    private readonly signal: AbortSignal,
    private readonly say: (words: string) => void
  ) {
    const hear = (content: Reply): void => this.open.get(content.id)?.(content);
    model.on('msg:custom', hear);
    signal.addEventListener('abort', () => model.off('msg:custom', hear), { once: true });
  }

  /** Ask for one verb. */
  ask<T>(verb: string, args: Record<string, unknown> = {}): Promise<T> {
    const id = ++this.last;
    const timers = PATIENCE.map(([pause, words]) => setTimeout(() => this.signal.aborted || this.say(words), pause));
    return new Promise<T>((resolve, reject) => {
      this.open.set(id, reply => {
        timers.forEach(clearTimeout);
        this.open.delete(id);
        if (reply.ok) resolve(reply.result as T);
        else
          reject(
            Object.assign(new Error(reply.error ?? 'No reason was given.'), {
              problems: reply.problems ?? [],
              kind: reply.kind,
            })
          );
      });
      this.model.send({ id, verb, args });
    });
  }
}
