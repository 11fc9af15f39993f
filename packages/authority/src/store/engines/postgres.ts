import type pg from 'pg';
import { LeaseholdError } from '@leasehold/protocol';
import { writeTail } from '../journal.js';
import { migrate } from '../migrate.js';
import { overloaded, postgresProblem, readOnly, unavailable } from '../problems.js';
import { memberOf, type Registry } from '../registry.js';
import type { Executed, Store, StoreHealth } from '../store.js';
import type { Position } from '../tx.js';
import { CommitHints } from './postgres-hints.js';
import { inTransaction, openPool, probe, repeatOnCollision } from './postgres-pool.js';
import { Turns } from './turns.js';

interface Settings {
  readonly poolSize: number;
  readonly connectWithin: number;
  readonly patient: boolean;
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
  await prepare(url, registry, settings);
  const pool = openPool(url, settings.poolSize, settings.connectWithin, settings.patient ? 'patient' : 'serving');
  return new PostgresStore(pool, registry, settings, new CommitHints(url, pool));
}

/** Brings the schema up to date, on a connection that may take its time. */
async function prepare(url: string, registry: Registry, settings: Settings): Promise<void> {
  const { now, random, connectWithin } = settings;
  const pool = openPool(url, 1, connectWithin, 'patient');
  try {
    const { rows } = await pool.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    if (rows[0]!.version < 150_000)
      throw new LeaseholdError('UNSUPPORTED_VERSION', 'PostgreSQL 15 or newer is needed.', {
        remedy: 'Upgrade the PostgreSQL server, or name another with --db.',
      });
    const transact = <T>(work: Parameters<typeof inTransaction<T>>[2]): Promise<T> =>
      repeatOnCollision(() => inTransaction(pool, 'BEGIN', work), random);
    await migrate(transact, registry.migrations, now);
  } catch (thrown) {
    throw postgresProblem(thrown);
  } finally {
    await pool.end();
  }
}

class PostgresStore implements Store {
  readonly engine = 'postgres';
  readonly #pool: pg.Pool;
  readonly #registry: Registry;
  readonly #settings: Settings;
  readonly #hints: CommitHints;
  readonly #turns: Turns;
  #waiting = 0;
  #closed = false;

  constructor(pool: pg.Pool, registry: Registry, settings: Settings, hints: CommitHints) {
    this.#pool = pool;
    this.#registry = registry;
    this.#settings = settings;
    this.#hints = hints;
    this.#turns = new Turns(settings.poolSize);
  }

  async execute(name: string, input: unknown, now: number): Promise<Executed<never>> {
    const command = memberOf(this.#registry.commands, name);
    const transaction = (): Promise<Executed<never>> =>
      inTransaction(this.#pool, 'BEGIN', async (tx) => {
        const outcome = (await command(tx, input, now)) as never;
        return { outcome, positions: await writeTail(tx, this.#registry.project, now) };
      });
    const executed = await this.#admit(() => repeatOnCollision(transaction, this.#settings.random));
    this.#hints.tell(executed.positions);
    return executed;
  }

  async read(name: string, input: unknown): Promise<never> {
    const query = memberOf(this.#registry.queries, name);
    // One snapshot for all statements of a query, as the single connection of SQLite gives it.
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return (await this.#admit(() => inTransaction(this.#pool, begin, (tx) => query(tx, input)))) as never;
  }

  onCommit(told: (positions: readonly Position[]) => void): () => void {
    return this.#hints.subscribe(told);
  }

  async health(): Promise<StoreHealth> {
    const known = { engine: this.engine, waiting: this.#waiting } as const;
    try {
      const { clock, isReadOnly } = await probe(this.#pool);
      return { ...known, ok: true, clock, ...(isReadOnly && { problem: readOnly() }) };
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
      return await this.#turns.take(work);
    } catch (thrown) {
      throw postgresProblem(thrown);
    } finally {
      this.#waiting -= 1;
    }
  }
}
