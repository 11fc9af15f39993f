import { accessSync, constants, statSync } from 'node:fs';
import { LeaseholdError } from '@leasehold/protocol';
import { openSqlite } from './engines/sqlite-client.js';
import { emptyFile, noSuchFile, readOnlyFile } from './problems.js';
import type { CommandInput, CommandOutcome, QueryAnswer, QueryInput, Registry } from './registry.js';
import type { Position } from './tx.js';

/** What a command gave, and the last journal position that it wrote in each account (often one, sometimes none). */
export interface Executed<Outcome> {
  readonly outcome: Outcome;
  readonly positions: readonly Position[];
}

export interface StoreHealth {
  readonly engine: 'sqlite' | 'postgres';
  /** It answers. */
  readonly ok: boolean;
  /** Commands and queries that wait for the engine. */
  readonly waiting: number;
  /** What the clock of a database server says, epoch ms. */
  readonly clock?: number;
  /** Why it does not answer, or where it does, why it takes no changes; for an operator: code and sentence. */
  readonly problem?: LeaseholdError;
}

export interface Store<R extends Registry = Registry> {
  readonly engine: 'sqlite' | 'postgres';
  /** Runs a command; resolves after its commit is on disk. Rejects with what the command threw, which then changed
   * nothing, or with a storage problem (DISK_FULL, DATABASE_UNAVAILABLE, OVERLOADED). */
  execute<N extends keyof R['commands'] & string>(
    name: N,
    input: CommandInput<R, N>,
    now: number,
  ): Promise<Executed<CommandOutcome<R, N>>>;
  /** Asks a query, between commits. */
  read<N extends keyof R['queries'] & string>(name: N, input: QueryInput<R, N>): Promise<QueryAnswer<R, N>>;
  /** Told after each commit that wrote to a journal, here or (PostgreSQL) on another node. A hint, never the data: a
   * reader keeps its own cursor and asks for what came after it; an empty list says that some may have been missed.
   * Answers how to stop. */
  onCommit(told: (positions: readonly Position[]) => void): () => void;
  health(): Promise<StoreHealth>;
  /** SQLite only: the database file stays as it is while `work` runs (commits go to the write-ahead log alone), so
   * that file and log can be copied one after the other. */
  withStillFile(work: (file: string) => Promise<void>): Promise<void>;
  /** Finishes what waits, then closes. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Connections to PostgreSQL of this node. */
  readonly poolSize?: number;
  /** Milliseconds that a connection to PostgreSQL may take to come about; after that it cannot be reached. */
  readonly connectWithin?: number;
  /** PostgreSQL: statements take as long as they take. For maintenance, which may go through all there is; nobody waits
   * for it, and a time limit would break it off half-way. */
  readonly patient?: boolean;
  /** How many calls may wait before the store answers OVERLOADED. */
  readonly maxWaiting?: number;
  /** SQLite: how many commands may share one commit. */
  readonly commitSize?: number;
  /** In [0, 1): spreads retries. */
  readonly random?: () => number;
  /** SQLite: makes the file when there is none (the default). Tools that look at what is there say false. */
  readonly create?: boolean;
  /** When it is opened, epoch milliseconds: dates the migrations. */
  readonly now?: number;
}

/** Opens the database, bringing its schema up to date first. `url` is `sqlite:PATH` or `postgres://…`.
 * Rejects with DATABASE_IN_USE, READ_ONLY_FOLDER, DISK_FULL, DATABASE_UNAVAILABLE, UNSUPPORTED_VERSION,
 * OPTIONS_INVALID or, with `create: false`, NOT_FOUND and STATE_DAMAGED for an empty file. */
export async function openStore<R extends Registry>(
  url: string,
  registry: R,
  options: StoreOptions = {},
): Promise<Store<R>> {
  const settings = {
    poolSize: 16,
    connectWithin: 5_000,
    patient: false,
    maxWaiting: 8192,
    commitSize: 64,
    create: true,
    random: Math.random,
    now: Date.now(),
    ...options,
  };
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path !== undefined) {
    assertUsable(path, settings.create);
    return openSqlite(path, registry, settings);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Loaded where it is used: the storage worker and an authority on SQLite do without its driver.
    const { openPostgres } = await import('./engines/postgres.js');
    return openPostgres(url, registry, settings);
  }
  throw new LeaseholdError('OPTIONS_INVALID', 'The database is neither sqlite:PATH nor postgres://…', {
    path: 'db',
    remedy: 'Name the database as sqlite:/var/lib/leasehold/authority.db or postgres://user@host/database.',
  });
}

/** Before SQLite touches the file: of one that is empty it would make a database without an account, and one that may not
 * be written it reports as a disk that fails. */
function assertUsable(path: string, create: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    if (!create) throw noSuchFile(path);
    return;
  }
  if (!create && found.isFile() && found.size === 0) throw emptyFile(path);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw readOnlyFile(path, cause);
  }
}

/** A slice of a longer answer; `next` is where the following slice begins, null at the end. */
export interface Slice<Row, After> {
  readonly rows: readonly Row[];
  readonly next: After | null;
}

/** Walks a list slice by slice: `slice(after)` asks the store for one. Commits go in between, so a report over a
 * million rows holds up no check-in and stands in memory one slice at a time. */
export async function* readAll<Row, After>(
  slice: (after: After | null) => Promise<Slice<Row, After>>,
): AsyncGenerator<Row, void, undefined> {
  let after: After | null = null;
  do {
    const { rows, next }: Slice<Row, After> = await slice(after);
    yield* rows;
    after = next;
  } while (after !== null);
}
