import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** Of `Retry-After`, seconds. */
  readonly retryAfter: number;
  readonly body: string;
}

/** All bytes of a proven request of an agent. */
export function requestOf(url: string, body: string, proof: string): Buffer {
  const { host, pathname } = new URL(url);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `leasehold-proof: ${proof}`,
    'leasehold-protocol: 2',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Keep-alive connections that send requests whose bytes were made before: the agents share the processor with the
 * authority here, so they must cost next to nothing for it to be the one that is overloaded. */
export class Lines {
  readonly #port: number;
  readonly #most: number;
  readonly #all: Set<Line> = new Set();
  readonly #free: Line[] = [];
  readonly #waiting: ((line: Line) => void)[] = [];

  constructor(url: string, most: number) {
    this.#port = Number(new URL(url).port);
    this.#most = most;
  }

  async send(request: Buffer): Promise<Reply> {
    const line = await this.#take();
    const reply = await line.send(request);
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(line);
    else next(line);
    return reply;
  }

  close(): void {
    for (const line of this.#all) line.close();
  }

  async #take(): Promise<Line> {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (free.isOpen) return free;
      this.#all.delete(free); // idle for longer than the authority waits
    }
    if (this.#all.size >= this.#most) return new Promise((resolve) => this.#waiting.push(resolve));
    const line = new Line(this.#port);
    this.#all.add(line);
    await line.opened();
    return line;
  }
}

/** One request at a time. */
class Line {
  readonly #socket: Socket;
  #read = '';
  #under: { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void } | undefined;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#more(text));
    this.#socket.on('error', (error) => this.#under?.reject(error));
    this.#socket.on('close', () => this.#under?.reject(new Error('The authority closed a connection.')));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  async opened(): Promise<void> {
    await once(this.#socket, 'connect');
  }

  send(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#under = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #more(text: string): void {
    this.#read += text;
    const end = this.#read.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#read.slice(0, end).toLowerCase();
    const body = this.#read.slice(end + 4);
    if (body.length < numberOf(head, 'content-length')) return;
    const under = this.#under;
    this.#under = undefined;
    this.#read = '';
    under?.resolve({ status: Number(head.slice(9, 12)), retryAfter: numberOf(head, 'retry-after'), body });
  }
}

function numberOf(head: string, name: string): number {
  return Number(new RegExp(`\r\n${name}: (\\d+)`).exec(head)?.[1] ?? 0);
}
