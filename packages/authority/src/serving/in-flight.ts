import type { ServerResponse } from 'node:http';

/** How long an answer that is under way may hold up the end of the process, ms. */
const PATIENCE = 10_000;

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

  /** Resolves when there is none, or when patience ends. */
  async none(): Promise<void> {
    if (this.#open === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      timer = setTimeout(resolve, PATIENCE);
    });
    clearTimeout(timer);
  }
}
