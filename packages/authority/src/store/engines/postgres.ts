import pg from 'pg';
import { LeaseholdError } from '@leasehold/protocol';
import { writeJournal } from '../journal.js';
import { migrate } from '../migrate.js';
import { isLost, overloaded, postgresProblem, unavailable } from '../problems.js';
import { memberOf, type Registry } from '../registry.js';
import type { Executed, Store, StoreHealth } from '../store.js';
import { RunAgain, type Position, type Tx } from '../tx.js';
import { CommitHints } from './postgres-hints.js';
import { numberTypes, PostgresTx } from './postgres-tx.js';

/** How often a command runs before the store gives up and answers OVERLOADED. One of those that collide always wins,
 * so this many losses in a row mean more contention than the database can serve. */
const ATTEMPTS = 40;
const LONGEST_PAUSE_MS = 100;

/** What is acknowledged is on disk, also where the server is set to answer before that. Stronger settings stay. */
const DURABLE = `SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off'`;

interface Settings {
  readonly poolSize: number;
  readonly maxWaiting: number;
  readonly random: () => number;
  readonly now: number;
}

/** PostgreSQL 15 or newer, any number of stateless nodes. Transactions are READ COMMITTED: a command holds by its
 * conditional statements and unique keys, or by `serialize`, the same on both engines. */
export async function openPostgres<R extends Registry>(
  url: string,
  registry: R,
  settings: Settings,
): Promise<Store<R>> {
  const pool = new pg.Pool({
    connectionString: url,
    max: settings.poolSize,
    types: numberTypes,
    onConnect: async (client) => void (await client.query(DURABLE)),
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // A node that hangs or is cut off must not hold rows that the others wait for; nor wait for ever itself.
    idle_in_transaction_session_timeout: 10_000,
    lock_timeout: 5_000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
  });
  // A connection that breaks fails its own statement, or is replaced at its next use when it was idle. Both also emit an
  // error, which would end the process if nobody listened.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const store = new PostgresStore(pool, registry, settings, new CommitHints(url, pool));
  try {
    await store.prepare(settings.now);
    return store;
  } catch (thrown) {
    await pool.end();
    throw postgresProblem(thrown);
  }
}

class PostgresStore implements Store {
  readonly engine = 'postgres';
  readonly #pool: pg.Pool;
  readonly #registry: Registry;
  readonly #settings: Settings;
  readonly #hints: CommitHints;
  #waiting = 0;
  #closed = false;

  constructor(pool: pg.Pool, registry: Registry, settings: Settings, hints: CommitHints) {
    this.#pool = pool;
    this.#registry = registry;
    this.#settings = settings;
    this.#hints = hints;
  }

  async prepare(now: number): Promise<void> {
    const { rows } = await this.#pool.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    if (rows[0]!.version < 150_000)
      throw new LeaseholdError('UNSUPPORTED_VERSION', 'PostgreSQL 15 or newer is needed.', {
        remedy: 'Upgrade the PostgreSQL server, or name another with --db.',
      });
    await migrate((work) => this.#repeat(() => this.#inTransaction('BEGIN', work)), this.#registry.migrations, now);
  }

  async execute(name: string, input: unknown, now: number): Promise<Executed<never>> {
    const command = memberOf(this.#registry.commands, name);
    const executed = await this.#admit(() =>
      this.#repeat(() =>
        this.#inTransaction('BEGIN', async (tx) => {
          const outcome = (await command(tx, input, now)) as never;
          return { outcome, positions: await writeJournal(tx, now) };
        }),
      ),
    );
    this.#hints.tell(executed.positions);
    return executed;
  }

  async read(name: string, input: unknown): Promise<never> {
    const query = memberOf(this.#registry.queries, name);
    // One snapshot for all statements of a query, as the single connection of SQLite gives it.
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return (await this.#admit(() => this.#inTransaction(begin, (tx) => query(tx, input)))) as never;
  }

  onCommit(told: (positions: readonly Position[]) => void): () => void {
    return this.#hints.subscribe(told);
  }

  async health(): Promise<StoreHealth> {
    const known = { engine: this.engine, waiting: this.#waiting } as const;
    try {
      await this.#pool.query('SELECT 1');
      return { ...known, ok: true };
    } catch (thrown) {
      return { ...known, ok: false, problem: postgresProblem(thrown) };
    }
  }

  withStillFile(): Promise<void> {
    return Promise.reject(new LeaseholdError('OPTIONS_INVALID', 'A PostgreSQL database is no file of ours.'));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#hints.close();
    await this.#pool.end();
  }

  async #admit<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw unavailable('The store is closed.', undefined);
    if (this.#waiting >= this.#settings.maxWaiting) throw overloaded(this.#waiting);
    this.#waiting += 1;
    try {
      return await work();
    } catch (thrown) {
      throw postgresProblem(thrown);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Runs the whole transaction again when another one took its ground: 40001 serialization, 40P01 deadlock, a table
   * that another node creates at its start, or a journal that moved. A lost connection is not repeated: its commit may have happened, and only the caller knows
   * how to ask for that. */
  async #repeat<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (thrown) {
        if (!isCollision(thrown)) throw thrown;
        if (attempt === ATTEMPTS) throw overloaded(this.#waiting);
        const longest = Math.min(LONGEST_PAUSE_MS, 2 ** attempt);
        await new Promise((resolve) => setTimeout(resolve, this.#settings.random() * longest));
      }
    }
  }

  async #inTransaction<T>(begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = false;
    const tx = new PostgresTx(client);
    try {
      await client.query(begin);
      const value = await work(tx);
      tx.end();
      await client.query('COMMIT');
      return value;
    } catch (thrown) {
      tx.end();
      broken = !(await rolledBack(client, thrown));
      throw thrown;
    } finally {
      client.release(broken);
    }
  }
}

/** A connection that is gone, or that cannot even roll back, does not return to the pool. */
async function rolledBack(client: pg.PoolClient, thrown: unknown): Promise<boolean> {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  if (!LeaseholdError.is(thrown) && isLost(code, message)) return false;
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

/** SQLSTATE: serialization failure, deadlock, a lock that was not given in time; a type or table that another node
 * created in the same instant. */
const COLLISIONS: ReadonlySet<string | undefined> = new Set(['40001', '40P01', '55P03', '42710', '42P07']);

function isCollision(thrown: unknown): boolean {
  const { code, schema } = thrown as { code?: string; schema?: string };
  return thrown instanceof RunAgain || COLLISIONS.has(code) || (code === '23505' && schema === 'pg_catalog');
}
