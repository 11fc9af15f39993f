import type Database from 'libsql';
import { LRUCache } from 'lru-cache';
import { checkParams } from '../statements.js';
import type { SqlParams, SqlRow, SqlValue } from '../tx.js';

/** What runs on one connection: each statement is prepared when it first comes, and kept. Answers at once, and throws what
 * SQLite says. */
export class SqliteStatements {
  readonly #db: Database.Database;
  readonly #prepared = new LRUCache<string, Prepared>({ max: 512 });

  constructor(db: Database.Database) {
    this.#db = db;
  }

  all(sql: string, params: SqlParams = []): SqlRow[] {
    const { statement, rowOf } = this.#prepare(sql, params);
    return (statement.all(params) as SqlValue[][]).map(rowOf);
  }

  get(sql: string, params: SqlParams = []): SqlRow | undefined {
    const { statement, rowOf } = this.#prepare(sql, params);
    const values = statement.get(params) as SqlValue[] | undefined;
    return values === undefined ? undefined : rowOf(values);
  }

  /** Answers how many rows it changed. */
  run(sql: string, params: SqlParams = []): number {
    return this.#prepare(sql, params).statement.run(params).changes;
  }

  /** Keeps nothing of what was prepared: after a migration the columns may be others. */
  forget(): void {
    this.#prepared.clear();
  }

  #prepare(sql: string, params: SqlParams): Prepared {
    checkParams(sql, params);
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      prepared = prepare(this.#db, sql);
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }
}

/** A statement, and how its values become a row. The driver looks every name up again for each row that it makes: half of
 * what reading costs. So it gives bare values, and the names are set here, always in one order. */
interface Prepared {
  readonly statement: Database.Statement;
  readonly rowOf: (values: readonly SqlValue[]) => SqlRow;
}

function prepare(db: Database.Database, sql: string): Prepared {
  const statement = db.prepare(sql);
  if (!statement.reader) return { statement, rowOf: () => ({}) };
  const names = statement.columns().map(({ name }) => name);
  const empty: SqlRow = Object.fromEntries(names.map((name) => [name, null]));
  const rowOf = (values: readonly SqlValue[]): SqlRow => {
    const row = { ...empty };
    for (let at = 0; at < names.length; at += 1) row[names[at]!] = values[at]!;
    return row;
  };
  return { statement: statement.raw(true), rowOf };
}
