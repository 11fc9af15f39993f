import type { Migration } from './migrations/migration.js';
import { newerSchema } from './problems.js';
import { RunAgain, type Reader, type Tx } from './tx.js';

/** How an engine runs one transaction, for the migrations alone. */
export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Brings the schema forward, one transaction for each migration, so that a kill at any line leaves whole migrations
 * only and the next start goes on from there. Several nodes may start at once: the row that names a migration is its
 * claim, and the unique key makes the others wait for the first and then find it done. Answers the schema's number;
 * rejects with UNSUPPORTED_VERSION when the database is newer than this program. */
export async function migrate(transact: Transact, migrations: readonly Migration[], now: number): Promise<number> {
  await transact((tx) =>
    tx.run(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         id bigint NOT NULL PRIMARY KEY, name text NOT NULL, progress text, started_at bigint NOT NULL,
         finished_at bigint)`,
    ),
  );
  const newest = migrations.at(-1)!.id;
  const found = await transact((tx) => schemaNumber(tx));
  if (found > newest) throw newerSchema(found, newest);
  for (const migration of migrations) {
    await transact((tx) => applyStatements(tx, migration, now));
    while (migration.backfill !== undefined && !(await transact((tx) => backfillSlice(tx, migration, now)))) continue;
  }
  return newest;
}

/** The newest migration that was begun; 0 for an empty database. */
export async function schemaNumber(reader: Reader): Promise<number> {
  const row = await reader.get<{ id: number | null }>('SELECT max(id) AS id FROM schema_migrations');
  return row?.id ?? 0;
}

async function applyStatements(tx: Tx, migration: Migration, now: number): Promise<void> {
  const finished = migration.backfill === undefined ? now : null;
  const claimed = await tx.run(
    `INSERT INTO schema_migrations (id, name, started_at, finished_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    [migration.id, migration.name, now, finished],
  );
  if (claimed === 0) return;
  for (const statement of migration.statements) await tx.run(statement);
}

/** True when there is nothing left to fill. A slice and the place it reached are committed together. */
async function backfillSlice(tx: Tx, migration: Migration, now: number): Promise<boolean> {
  const row = await tx.get<{ progress: string | null; finished_at: number | null }>(
    'SELECT progress, finished_at FROM schema_migrations WHERE id = ?',
    [migration.id],
  );
  if (row === undefined || row.finished_at !== null) return true;
  const progress = await migration.backfill!(tx, row.progress);
  const moved = await tx.run(
    `UPDATE schema_migrations SET progress = ?, finished_at = ?
       WHERE id = ? AND finished_at IS NULL AND coalesce(progress, '') = ?`,
    [progress, progress === null ? now : null, migration.id, row.progress ?? ''],
  );
  // Another node filled the same slice first: drop this one and look again.
  if (moved === 0) throw new RunAgain();
  return progress === null;
}
