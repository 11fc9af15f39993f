import { inspect } from 'node:util';
import { LeaseholdError } from '@leasehold/protocol';

/** Listeners by event. What a listener throws is the vendor's own and must not stop a check-in: it becomes a warning of
 * the process, as Node does with what nobody catches in a background task. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners: { [K in keyof Events]?: Set<(value: Events[K]) => void> } = {};
  readonly #names: readonly (keyof Events & string)[];

  constructor(names: readonly (keyof Events & string)[]) {
    this.#names = names;
  }

  /** Returns what ends the listening. Throws INPUT_INVALID for an event that never comes. */
  on<K extends keyof Events>(event: K, listener: (value: Events[K]) => void): () => void {
    if (!this.#names.includes(event as never)) {
      const remedy = `There are ${this.#names.join(' and ')}.`;
      throw new LeaseholdError('INPUT_INVALID', `There is no event "${String(event)}".`, { path: 'event', remedy });
    }
    if (typeof listener !== 'function') {
      const remedy = 'Give what is to be called.';
      throw new LeaseholdError('INPUT_INVALID', 'The listener is no function.', { path: 'listener', remedy });
    }
    const listeners = (this.#listeners[event] ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Does anybody listen? */
  hears(event: keyof Events): boolean {
    return (this.#listeners[event]?.size ?? 0) > 0;
  }

  emit<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of this.#listeners[event] ?? []) {
      try {
        listener(value);
      } catch (error) {
        // As text: of a test runner's realm, which is not ours, Node takes no error for one, and throws.
        process.emitWarning(`A listener of the license threw: ${inspect(error)}`);
      }
    }
  }
}
