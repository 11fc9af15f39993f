import { closeSync, existsSync, openSync } from 'node:fs';
import Database from 'libsql';
import { writeTail } from '../journal.js';
import { migrate } from '../migrate.js';
import { sqliteProblem } from '../problems.js';
import type { Projection, Registry } from '../registry.js';
import { newTail, type Position, type Reader, type SqlParams, type Tx } from '../tx.js';
import { SqliteStatements } from './sqlite-statements.js';
import { tellStatistics } from './sqlite-statistics.js';

/** One command on its way: what it will answer is settled by the engine after the commit. */
export interface Job {
  readonly run: (tx: Tx) => Promise<unknown>;
  readonly now: number;
}

export type Done =
  | { readonly ok: true; readonly value: unknown; readonly positions: readonly Position[] }
  | { readonly ok: false; readonly problem: unknown };

/** The log is folded into the file at about 16 MB: each page that many commits touched is then written once. */
const CHECKPOINT_PAGES = 4_000;

/** So many commits take savepoints after one had to be repeated: whoever sends what fails late makes one in a hundred run
 * twice, and not every one. */
const APART_COMMITS = 100;

/** SQLite in one connection of one process (a second is refused), inside the storage worker. Durable at each commit:
 * WAL with synchronous=FULL. `locking_mode` comes before anything touches the file, so that no shared memory is made. */
export class SqliteEngine implements Reader {
  readonly #db: Database.Database;
  readonly #project: Projection | undefined;
  readonly #statements: SqliteStatements;
  /** Commits to come whose commands stand in savepoints. */
  #apart = 0;

  static async open(path: string, { migrations, project }: Registry, now: number): Promise<SqliteEngine> {
    try {
      const engine = new SqliteEngine(path, project);
      await migrate((work) => engine.#afresh(work), migrations, now);
      tellStatistics(engine.#db);
      return engine;
    } catch (thrown) {
      throw sqliteProblem(thrown);
    }
  }

  private constructor(path: string, project: Projection | undefined) {
    this.#project = project;
    createForOwner(path);
    this.#db = new Database(path);
    this.#statements = new SqliteStatements(this.#db);
    this.#db.exec('PRAGMA locking_mode = EXCLUSIVE');
    this.#db.prepare('PRAGMA journal_mode = WAL').all([]);
    this.#db.exec('PRAGMA synchronous = FULL');
    this.#db.exec('PRAGMA cache_size = -24576'); // 24 MiB: the system caches the file as well
    this.holdStill(false);
    // The lock is taken by the first write; take it here, so that a second process is refused at its start.
    this.#db.exec('BEGIN IMMEDIATE');
    this.#db.exec('COMMIT');
  }

  async all<Row>(sql: string, params?: SqlParams): Promise<Row[]> {
    return this.#statements.all(sql, params) as Row[];
  }

  async get<Row>(sql: string, params?: SqlParams): Promise<Row | undefined> {
    return this.#statements.get(sql, params) as Row | undefined;
  }

  /** Runs commands in one commit: one that throws is rolled back alone. A savepoint copies every page that is changed after
   * it, and few commands throw once they have written: so there are none, until one does. Then all are rolled back and run
   * again, each in a savepoint of its own, and so do those of the next commits. */
  async commit(jobs: readonly Job[]): Promise<Done[]> {
    try {
      const together = this.#apart > 0 ? undefined : await this.#commitAll(jobs, false);
      if (together !== undefined) return together;
      this.#apart = this.#apart > 0 ? this.#apart - 1 : APART_COMMITS;
      return (await this.#commitAll(jobs, true))!;
    } catch (thrown) {
      this.#rollBack();
      const problem = sqliteProblem(thrown);
      return jobs.map(() => ({ ok: false, problem }));
    }
  }

  /** While it is still, nothing moves from the write-ahead log into the file. */
  holdStill(still: boolean): void {
    if (still) this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
    this.#db.prepare(`PRAGMA wal_autocheckpoint = ${still ? 0 : CHECKPOINT_PAGES}`).all([]);
  }

  close(): void {
    this.#db.close();
  }

  /** Undefined, and nothing done, where one failed that was not `apart`, in a savepoint, and had written. */
  async #commitAll(jobs: readonly Job[], apart: boolean): Promise<Done[] | undefined> {
    this.#db.exec('BEGIN IMMEDIATE');
    const done: Done[] = [];
    for (const job of jobs) {
      const one = await this.#run(job, apart);
      if (one === undefined) {
        this.#rollBack();
        return undefined;
      }
      done.push(one);
    }
    this.#db.exec('COMMIT');
    return done;
  }

  async #run(job: Job, apart: boolean): Promise<Done | undefined> {
    const tx = new SqliteTx(this.#statements);
    if (apart) this.#statements.run('SAVEPOINT command');
    try {
      const value = await settled(job.run(tx));
      const positions = await writeTail(tx, this.#project, job.now);
      if (apart) this.#statements.run('RELEASE command');
      return { ok: true, value, positions };
    } catch (thrown) {
      // A full disk or a failed read ends the whole transaction by itself; then the neighbors are lost with it.
      if (!this.#db.inTransaction) throw thrown;
      if (!apart && tx.wrote) return undefined;
      if (apart) {
        this.#statements.run('ROLLBACK TO command');
        this.#statements.run('RELEASE command');
      }
      return { ok: false, problem: sqliteProblem(thrown) };
    } finally {
      tx.end();
    }
  }

  async #transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const [done] = await this.commit([{ run: work, now: 0 }]);
    if (done?.ok) return done.value as T;
    throw done?.problem;
  }

  /** As above, with nothing kept of statements that were prepared: the columns they name may be others afterwards. */
  async #afresh<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await this.#transact(work);
    } finally {
      this.#statements.forget();
    }
  }

  #rollBack(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
  }
}

/** The transaction as one command sees it. It ends with the command: a straggler can no longer write. */
class SqliteTx implements Tx {
  readonly alone = true;
  readonly tail: Tx['tail'] = newTail();
  readonly #statements: SqliteStatements;
  #ended = false;
  #wrote = false;

  constructor(statements: SqliteStatements) {
    this.#statements = statements;
  }

  async all<Row>(sql: string, params?: SqlParams): Promise<Row[]> {
    this.#begin(sql);
    return this.#statements.all(sql, params) as Row[];
  }

  async get<Row>(sql: string, params?: SqlParams): Promise<Row | undefined> {
    this.#begin(sql);
    return this.#statements.get(sql, params) as Row | undefined;
  }

  async run(sql: string, params?: SqlParams): Promise<number> {
    this.#begin(sql);
    return this.#statements.run(sql, params);
  }

  /** May there be something to roll back? */
  get wrote(): boolean {
    return this.#wrote;
  }

  end(): void {
    this.#ended = true;
  }

  #begin(sql: string): void {
    if (this.#ended) throw new Error('The command went on after its transaction had ended.');
    this.#wrote ||= !sql.startsWith('SELECT');
  }
}

/** A new database is its owner's alone, as its write-ahead log is then: the secrets of webhooks stand in it. One that is
 * there keeps its mode, and is not touched: closing it here would drop the locks that SQLite holds on it. */
function createForOwner(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // Why not, SQLite says next.
  }
}

/** A command or query awaits nothing but the store, whose answers are there at once, so it is over before the event
 * loop turns. One that is not would hold up all others: it is refused instead. */
export async function settled<T>(running: Promise<T>): Promise<T> {
  let turn: NodeJS.Immediate | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    turn = setImmediate(() => reject(new Error('It awaited something other than the store.')));
  });
  try {
    return await Promise.race([running, tooLate]);
  } finally {
    clearImmediate(turn);
  }
}
