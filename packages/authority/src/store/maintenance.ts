import { tableShapes, type TableShape } from './engines/table-shapes.js';
import { fitting } from './by-bytes.js';
import { archivable, dropArchived, eraseSubject, linesAbout, markArchived, putCheckpoint } from './journal-archive.js';
import { appendJournal, journalAfter, journalHead } from './journal.js';
import { defineRegistry } from './registry.js';
import type { Reader, SqlRow, SqlValue, Tx } from './tx.js';
import { journalStart, verifyJournal, type VerifiedUpTo } from './verify-journal.js';

/** What the store does with itself, whatever it holds: copying, checking, archiving. The offline tools open it with
 * this registry; a server spreads these members into its own. */

export interface OfAccount {
  readonly account: string;
}

async function accounts(reader: Reader): Promise<string[]> {
  const rows = await reader.all<{ account: string }>('SELECT account FROM journal_heads ORDER BY account');
  return rows.map((row) => row.account);
}

async function tables(reader: Reader, { engine }: { engine: 'sqlite' | 'postgres' }): Promise<TableShape[]> {
  return tableShapes(reader, engine);
}

async function countRows(reader: Reader, { table }: { table: string }): Promise<number> {
  return (await reader.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))!.n;
}

interface Page {
  readonly table: TableShape;
  readonly after: readonly SqlValue[] | null;
  readonly limit: number;
}

/** The rows of a table that follow the key `after`, in the order of the key: fewer than `limit` where they are long. */
async function pageOfTable(reader: Reader, { table, after, limit }: Page): Promise<SqlRow[]> {
  const key = table.key.join(', ');
  const onwards = after === null ? '' : `WHERE (${key}) > (${marks(after)})`;
  const page = `FROM ${table.name} ${onwards} ORDER BY ${key} LIMIT ?`;
  const bytes = ['0', ...table.texts.map((column) => `coalesce(octet_length(${column}), 0)`)].join(' + ');
  const sizes = await reader.all<{ size: number }>(`SELECT ${bytes} AS size ${page}`, [...(after ?? []), limit]);
  return reader.all(`SELECT ${table.columns.join(', ')} ${page}`, [...(after ?? []), fitting(sizes)]);
}

/** The rows that have one of these keys. */
async function rowsByKey(
  reader: Reader,
  { table, keys }: { table: TableShape; keys: readonly (readonly SqlValue[])[] },
): Promise<SqlRow[]> {
  // Equalities, because PostgreSQL takes parameters in a list of VALUES for text.
  const one = `(${table.key.map((column) => `${column} = ?`).join(' AND ')})`;
  return reader.all(
    `SELECT ${table.columns.join(', ')} FROM ${table.name} WHERE ${keys.map(() => one).join(' OR ')}`,
    keys.flat(),
  );
}

async function insertRows(tx: Tx, { table, rows }: { table: TableShape; rows: readonly SqlRow[] }): Promise<number> {
  const values = rows.map((row) => table.columns.map((column) => row[column] ?? null));
  const list = values.map((row) => `(${marks(row)})`).join(', ');
  return tx.run(`INSERT INTO ${table.name} (${table.columns.join(', ')}) VALUES ${list}`, values.flat());
}

/** Lets PostgreSQL take stock of its tables, which it else does some time after a large load: until then it may walk a
 * table where an index would serve. SQLite plans by what it was told (engines/sqlite-statistics.ts). */
async function takeStock(tx: Tx): Promise<void> {
  if (!tx.alone) await tx.run('ANALYZE');
}

/** SQLite only: what its own check of pages, indexes and constraints finds; `['ok']` when nothing is wrong. */
async function integrity(reader: Reader): Promise<string[]> {
  const rows = await reader.all<{ integrity_check: string }>('PRAGMA integrity_check');
  return rows.map((row) => row.integrity_check);
}

/** More grants than one license gives in an epoch: the fences of an epoch begin above all of the one before. */
export const FENCES_OF_EPOCH = 1_000_000;

/** Begins a new epoch after a restore: numbers that were given out after the backup was taken are never given out
 * again, of the feed because they are (epoch, seq), of fencing because it jumps. `above` is the highest epoch known
 * outside the database (the keyring's copy); the new one is higher than both. */
async function raiseEpoch(tx: Tx, input: OfAccount & { above: number; actor: string }): Promise<{ epoch: number }> {
  const raised = await tx.get<{ epoch: number }>(
    `UPDATE journal_heads SET epoch = 1 + CASE WHEN epoch < ? THEN ? ELSE epoch END WHERE account = ? RETURNING epoch`,
    [input.above, input.above, input.account],
  );
  await tx.run('UPDATE technician_seats SET fencing = fencing + ? WHERE account = ?', [FENCES_OF_EPOCH, input.account]);
  appendJournal(tx, input.account, {
    type: 'authority.restored',
    subject: { type: 'account', id: input.account },
    actor: input.actor,
    details: { epoch: raised?.epoch ?? 0 },
    rows: [],
  });
  return { epoch: raised?.epoch ?? 0 };
}

export const maintenanceCommands = {
  insertRows,
  takeStock,
  raiseEpoch,
  putCheckpoint,
  markArchived,
  dropArchived,
  eraseSubject,
};

export const maintenanceQueries = {
  accounts,
  tables,
  countRows,
  pageOfTable,
  rowsByKey,
  integrity,
  journalStart,
  archivable,
  linesAbout,
  head: (reader: Reader, { account }: OfAccount) => journalHead(reader, account),
  journalPage: (reader: Reader, input: OfAccount & { after: number; limit: number }) =>
    journalAfter(reader, input.account, input.after, input.limit),
  verifyJournal: (reader: Reader, input: OfAccount & { from: VerifiedUpTo; limit: number }) =>
    verifyJournal(reader, input.account, input.from, input.limit),
};

function marks(values: readonly SqlValue[]): string {
  return values.map(() => '?').join(', ');
}

export const registry = defineRegistry(import.meta.url, maintenanceCommands, maintenanceQueries);
