/** The one way to follow what Python synchronises. */

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
}

/** Show a trait now and after each change, until the signal ends it. */
export function observe<T>(model: Model, trait: string, signal: AbortSignal, show: (value: T) => void): void {
  const event = `change:${trait}`;
  const follow = (): void => show(model.get(trait) as T);
  model.on(event, follow);
  signal.addEventListener('abort', () => model.off(event, follow), { once: true });
  follow();
}
