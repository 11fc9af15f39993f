/** Does its work again and again, a given time apart, and never twice at once. */
export class Rounds {
  readonly #work: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  start(seconds: number): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#work().finally(() => (this.#running = undefined));
    }, seconds * 1000);
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
