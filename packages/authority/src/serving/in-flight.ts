import type { ServerResponse } from 'node:http';
import type { Settings } from '../options.js';

/** Of the time in which an authority ends: what follows on its calls needs some too. */
const SHARE = 0.75;

/** Counts answers that are under way, so that a process ends as soon as they are given. */
export class InFlight {
  #open = 0;
  #done: (() => void) | undefined;

  add(response: ServerResponse): void {
    this.#open += 1;
    response.once('close', () => {
      this.#open -= 1;
      if (this.#open === 0) this.#done?.();
    });
  }

  /** Resolves when there is none, or when the time for them is over; then the log says how many there still are. */
  async end({ stopSeconds, log }: Pick<Settings, 'stopSeconds' | 'log'>): Promise<void> {
    if (this.#open === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      timer = setTimeout(resolve, stopSeconds * 1000 * SHARE);
    });
    clearTimeout(timer);
    if (this.#open > 0) log({ level: 'warn', event: 'calls.cut', calls: this.#open });
  }
}
