import type { ServerResponse } from 'node:http';

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

  /** Resolves when there is none, or when patience ends, ms; answers how many there still are. */
  async none(patience: number): Promise<number> {
    if (this.#open === 0) return 0;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      timer = setTimeout(resolve, patience);
    });
    clearTimeout(timer);
    return this.#open;
  }
}
