import pg from 'pg';
import { LeaseholdError } from '@leasehold/protocol';
import { contended, isLost, unavailable } from '../problems.js';
import { RunAgain, type Tx } from '../tx.js';
import { numberTypes, PostgresTx } from './postgres-tx.js';

/** What is acknowledged is on disk, also where the server is set to answer before that. Stronger settings stay. */
const DURABLE = `SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off'`;

/** Whose connections: of a serving node; or of migrations and maintenance, where an index over a million rows takes as long as
 * it takes. */
export type Work = 'serving' | 'patient';

/** Time limits of PostgreSQL, ms, whatever is set for the role or the database; 0: none. A serving node that hangs or is cut off
 * must not hold rows that the others wait for, nor wait for ever itself. What is idle in a pool is so for good reason. */
const LIMITS: Readonly<Record<Work, Readonly<Record<string, number>>>> = {
  serving: {
    statement_timeout: 30_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    idle_session_timeout: 0,
    transaction_timeout: 0,
  },
  patient: {
    statement_timeout: 0,
    lock_timeout: 0,
    idle_in_transaction_session_timeout: 0,
    idle_session_timeout: 0,
    transaction_timeout: 0,
  },
};
/** And that of the driver, above them: for a server that answers no more. */
const ANSWERS_WITHIN = 35_000;

/** As statements, because poolers refuse them at the start of a connection; of those that this version knows. */
function setLimits(work: Work): string {
  const limits = Object.entries(LIMITS[work]).map(([name, ms]) => `('${name}', '${ms}')`);
  return `SELECT set_config(name, ms, false) FROM pg_settings JOIN (VALUES ${limits.join(', ')}) AS own (name, ms) USING (name)`;
}

/** Where PostgreSQL asks for a password and there is none, the connection is left open at our end: the process would wait
 * until the server gives it up, a minute later. */
class Client extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(told: Connected): void;
  override connect(told?: Connected): Promise<pg.Client> | void {
    if (told === undefined) return super.connect();
    super.connect((error: Error | null, client?: pg.Client) => {
      if (error) void this.end();
      (told as (error: Error | null, client?: pg.Client) => void)(error, client);
    });
  }
}
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** What a connection broke with: the next statement is told only that it did. */
const brokenBy = new WeakMap<pg.ClientBase, Error>();

/** Connections, each to come about within so many milliseconds. */
export function openPool(url: string, size: number, connectWithin: number, work: Work): pg.Pool {
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    max: size,
    types: numberTypes,
    onConnect: async (client) => void (await client.query(`${DURABLE}; ${setLimits(work)}`)),
    connectionTimeoutMillis: connectWithin,
    keepAlive: true,
    ...(work === 'serving' ? { query_timeout: ANSWERS_WITHIN } : {}),
  });
  // A connection that breaks fails its own statement, or is replaced at its next use when it was idle. Both also emit an
  // error, which would end the process if nobody listened.
  pool.on('error', () => undefined);
  pool.on('connect', (client) =>
    client.on('error', (error) => {
      if (!brokenBy.has(client)) brokenBy.set(client, error);
    }),
  );
  return pool;
}

/** Runs `work` in one transaction; what it throws rolls back. */
export async function inTransaction<T>(pool: pg.Pool, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  const tx = new PostgresTx(client);
  try {
    await client.query(begin);
    const value = await work(tx);
    tx.end();
    await commit(client);
    return value;
  } catch (thrown) {
    tx.end();
    broken = !(await rolledBack(client, thrown));
    throw LeaseholdError.is(thrown) ? thrown : (brokenBy.get(client) ?? thrown);
  } finally {
    client.release(broken);
  }
}

/** A commit that PostgreSQL warns about stands here, but its synchronous replica did not confirm it, because the wait was
 * cancelled or timed out: a failover may lose it, so it is not acknowledged. */
async function commit(client: pg.PoolClient): Promise<void> {
  let warning: unknown;
  const heed = (notice: { readonly code?: string | undefined }): void => {
    if (notice.code?.startsWith('01') === true) warning = notice; // SQLSTATE class 01
  };
  client.on('notice', heed);
  try {
    await client.query('COMMIT');
  } finally {
    client.off('notice', heed);
  }
  if (warning !== undefined) throw unavailable('The replica of PostgreSQL did not confirm the commit.', warning);
}

/** A replica says `on` whatever is set. */
const PROBE = `SELECT extract(epoch FROM clock_timestamp()) * 1000 AS clock,
  current_setting('transaction_read_only') AS read_only`;

/** What the server's clock says, epoch ms, and whether it takes no changes; then that connection goes, too. */
export async function probe(pool: pg.Pool): Promise<{ readonly clock: number; readonly isReadOnly: boolean }> {
  const client = await pool.connect();
  let broken = true;
  try {
    const { rows } = await client.query<{ clock: string; read_only: string }>(PROBE);
    const isReadOnly = rows[0]!.read_only === 'on';
    broken = isReadOnly;
    return { clock: Number(rows[0]!.clock), isReadOnly };
  } finally {
    client.release(broken);
  }
}

/** How often a transaction runs before the store gives up and answers OVERLOADED. One of those that collide always
 * wins, so this many losses in a row mean more contention than the database can serve. */
const ATTEMPTS = 40;
const LONGEST_PAUSE_MS = 100;

/** Runs the whole transaction again when another one took its ground. A lost connection is not repeated: its commit may
 * have happened, and only the caller knows how to ask for that. */
export async function repeatOnCollision<T>(transaction: () => Promise<T>, random: () => number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (thrown) {
      if (!isCollision(thrown)) throw thrown;
      if (attempt === ATTEMPTS) throw contended(thrown);
      const longest = Math.min(LONGEST_PAUSE_MS, 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, random() * longest));
    }
  }
}

/** A connection that is gone, that leads to where nothing can be written (SQLSTATE 25006: another one may lead to the primary
 * by now), or that cannot even roll back, does not return to the pool. */
async function rolledBack(client: pg.PoolClient, thrown: unknown): Promise<boolean> {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  if (!LeaseholdError.is(thrown) && (code === '25006' || isLost(code, message))) return false;
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
