import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Position } from '../tx.js';

const CHANNEL = 'leasehold_journal';
/** Hints of this long go out as one: NOTIFY serializes commits in PostgreSQL, so it never rides in a command. */
const GATHER_MS = 20;
const RECONNECT_MS = 1_000;
/** PostgreSQL refuses a payload of 8000 bytes. */
const MOST_ACCOUNTS = 50;

type Told = (positions: readonly Position[]) => void;

/** Tells this node's listeners of commits on every node. Only a hint: what is lost here is found by the reader's own
 * cursor, and an empty list says that something may have been missed. */
export class CommitHints {
  readonly #url: string;
  readonly #pool: pg.Pool;
  readonly #node = randomUUID();
  readonly #listeners = new Set<Told>();
  readonly #gathered = new Map<string, Position>();
  #sending: NodeJS.Timeout | undefined;
  #reconnecting: NodeJS.Timeout | undefined;
  #client: pg.Client | undefined;
  #closed = false;

  constructor(url: string, pool: pg.Pool) {
    this.#url = url;
    this.#pool = pool;
  }

  subscribe(told: Told): () => void {
    this.#listeners.add(told);
    if (this.#client === undefined && this.#reconnecting === undefined) this.#listen();
    return () => this.#listeners.delete(told);
  }

  /** A commit of this node. */
  tell(positions: readonly Position[]): void {
    if (positions.length === 0) return;
    this.#hear(positions);
    for (const position of positions) this.#gathered.set(position.account, position);
    this.#sending ??= setTimeout(() => this.#send(), GATHER_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reconnecting);
    clearTimeout(this.#sending);
    if (this.#gathered.size > 0) await this.#notify();
    await this.#client?.end().catch(() => undefined);
  }

  #hear(positions: readonly Position[]): void {
    for (const told of this.#listeners) told(positions);
  }

  #send(): void {
    this.#sending = undefined;
    void this.#notify();
  }

  async #notify(): Promise<void> {
    const positions = this.#gathered.size > MOST_ACCOUNTS ? [] : [...this.#gathered.values()];
    this.#gathered.clear();
    const payload = JSON.stringify({ node: this.#node, positions });
    await this.#pool.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]).catch(() => undefined);
  }

  #listen(): void {
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true });
    this.#client = client;
    let lost = false;
    const again = (): void => {
      if (lost || this.#closed) return;
      lost = true;
      this.#reconnecting = setTimeout(() => this.#listen(), RECONNECT_MS);
      this.#reconnecting.unref();
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ({ payload }) => {
      const { node, positions } = JSON.parse(payload ?? '{}') as { node?: string; positions?: Position[] };
      if (node !== this.#node) this.#hear(positions ?? []);
    });
    client
      .connect()
      .then(() => client.query(`LISTEN ${CHANNEL}`))
      .then(() => this.#hear([]), again);
  }
}
