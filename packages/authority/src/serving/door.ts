import type { Server } from 'node:net';

/** Connections that are taken up before those who are in are served. */
const MOST = 256;

/** Who comes is looked at before who is in is served. Node takes up one connection in a turn of the event loop: where each
 * turn also serves, a herd stands at the system's door, where nobody can tell it when to come back. So while somebody
 * comes, turns of the loop do nothing else. */
export class Door {
  #came = 0;
  #inside: (() => void)[] = [];

  watch(server: Server): void {
    server.on('connection', () => {
      this.#came += 1;
    });
  }

  /** Has `serve` run in a later turn of the event loop: the next one, where nobody comes. */
  afterNewcomers(serve: () => void): void {
    if (this.#inside.push(serve) === 1) setImmediate(() => this.#look(0));
  }

  #look(turns: number): void {
    if (this.#came > 0 && turns < MOST) {
      this.#came = 0;
      setImmediate(() => this.#look(turns + 1));
      return;
    }
    const inside = this.#inside;
    this.#inside = [];
    for (const serve of inside) serve();
  }
}
