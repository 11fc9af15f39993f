import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A plain TCP balancer: each new connection goes to the next port in turn; one that refuses is passed over. It knows
 * nothing of HTTP, as the balancers before real nodes may not. Tests cut its lines: to one node, or all of them. */
export class TcpBalancer {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #ports: readonly number[];
  #turn = 0;
  #silent = false;
  #shouldLose: (reply: Buffer) => boolean = () => false;

  static async start(ports: readonly number[]): Promise<TcpBalancer> {
    const balancer = new TcpBalancer(ports);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((client) => this.#dial(client, this.#ports.length));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on new connections go to these; those to other ports break off. */
  useOnly(ports: readonly number[]): void {
    this.#ports = ports;
    for (const pair of this.#pairs) if (!ports.includes(pair.port)) end(pair);
  }

  /** The network is gone without a word: nothing is refused, nothing arrives. */
  goSilent(silent: boolean): void {
    this.#silent = silent;
    for (const { client, node } of this.#pairs)
      for (const socket of [client, node]) {
        if (silent) socket.pause();
        else socket.resume();
      }
  }

  /** Breaks a connection off where its node answers, each time that `shouldLose` says so: what was asked is done, and
   * nobody hears of it. */
  loseReplies(shouldLose: (reply: Buffer) => boolean): void {
    this.#shouldLose = shouldLose;
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #dial(client: Socket, tries: number): void {
    client.on('error', () => client.destroy());
    const port = this.#ports[this.#turn % this.#ports.length];
    this.#turn += 1;
    if (port === undefined || tries === 0) {
      client.destroy();
      return;
    }
    const node = connect(port, '127.0.0.1');
    const refused = (): void => this.#dial(client, tries - 1);
    node.once('error', refused);
    node.once('connect', () => {
      node.off('error', refused);
      this.#join({ client, node, port });
    });
  }

  #join(pair: Pair): void {
    const { client, node } = pair;
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, node],
      [node, client],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        if (from === node && this.#shouldLose(bytes)) end(pair);
        else if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (!this.#silent) from.resume();
      });
      from.on('error', () => end(pair));
      from.on('end', () => to.end());
      from.on('close', () => {
        this.#pairs.delete(pair);
        end(pair);
      });
      if (this.#silent) from.pause();
    }
  }
}

interface Pair {
  readonly client: Socket;
  readonly node: Socket;
  readonly port: number;
}

function end({ client, node }: Pair): void {
  client.destroy();
  node.destroy();
}
