import { LeaseholdError } from '@leasehold/protocol';
import type { TableShape } from './engines/table-shapes.js';
import { registry } from './maintenance.js';
import { openStore, type Store } from './store.js';
import type { SqlRow, SqlValue } from './tx.js';

export interface CopyProgress {
  readonly step: 'copy' | 'verify';
  readonly table: string;
  readonly rows: number;
}

export interface CopyReport {
  readonly tables: number;
  readonly rows: number;
}

/** Parameters of one statement: below the limits of SQLite (32766) and PostgreSQL (65535). */
const MOST_PARAMETERS = 8_000;
const MOST_ROWS = 400;

/** Copies a whole database into an empty one, of either engine, and compares it row by row afterwards: outgrowing one
 * machine is one command. The source is not changed and must not be in use by an authority; the target serves only
 * once this has resolved. Rejects with CONFLICT when the target is not empty, STATE_DAMAGED when a row differs. */
export async function copyDatabase(
  from: string,
  to: string,
  now: number,
  told: (progress: CopyProgress) => void = () => undefined,
): Promise<CopyReport> {
  const source = await openStore(from, registry, { now, create: false, patient: true });
  try {
    const target = await openStore(to, registry, { now, patient: true });
    try {
      return await copyBetween(source, target, now, told);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

type Database = Store<typeof registry>;

async function copyBetween(
  source: Database,
  target: Database,
  now: number,
  told: (progress: CopyProgress) => void,
): Promise<CopyReport> {
  const tables = await source.read('tables', { engine: source.engine });
  for (const table of tables) await assertEmpty(target, table);
  // Without its account nobody serves a database: that comes once all that belongs to it was compared, and what broke off
  // before is no authority that has lost a part.
  const isLast = ({ name }: TableShape): boolean => name === 'accounts';
  let total = 0;
  for (const some of [tables.filter((table) => !isLast(table)), tables.filter(isLast)]) {
    for (const table of some) await fillTable(source, target, table, now, told);
    await target.execute('takeStock', undefined, now);
    for (const table of some) total += await compareTable(source, target, table, told);
  }
  return { tables: tables.length, rows: total };
}

async function fillTable(
  source: Database,
  target: Database,
  table: TableShape,
  now: number,
  told: (progress: CopyProgress) => void,
): Promise<void> {
  for await (const { rows, count } of pages(source, table)) {
    await target.execute('insertRows', { table, rows }, now);
    told({ step: 'copy', table: table.name, rows: count });
  }
}

async function assertEmpty(target: Database, table: TableShape): Promise<void> {
  if ((await target.read('countRows', { table: table.name })) === 0) return;
  throw new LeaseholdError('CONFLICT', `The target has rows in ${table.name} already.`, {
    path: 'to',
    remedy: 'Name an empty database; a copy that was broken off is started over into a new one.',
  });
}

/** Walks a table of the source by its key. `count` is how many rows were seen so far. */
async function* pages(
  source: Database,
  table: TableShape,
): AsyncGenerator<{ readonly rows: SqlRow[]; readonly count: number }> {
  const limit = Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / table.columns.length));
  let after: readonly SqlValue[] | null = null;
  let count = 0;
  for (;;) {
    const rows: SqlRow[] = await source.read('pageOfTable', { table, after, limit });
    if (rows.length === 0) return;
    count += rows.length;
    yield { rows, count };
    after = keyOf(table, rows.at(-1)!);
  }
}

/** Each row of the source stands in the target with the same values, and the target has no other: equal counts. */
async function compareTable(
  source: Database,
  target: Database,
  table: TableShape,
  told: (progress: CopyProgress) => void,
): Promise<number> {
  let total = 0;
  for await (const { rows, count } of pages(source, table)) {
    const keys = rows.map((row) => keyOf(table, row));
    const copies = await target.read('rowsByKey', { table, keys });
    const found = new Map(copies.map((row) => [JSON.stringify(keyOf(table, row)), text(table, row)]));
    const wrong = rows.find((row) => found.get(JSON.stringify(keyOf(table, row))) !== text(table, row));
    if (wrong !== undefined) throw differs(table, JSON.stringify(keyOf(table, wrong)));
    total = count;
    told({ step: 'verify', table: table.name, rows: count });
  }
  const there = await target.read('countRows', { table: table.name });
  if (there !== total) throw differs(table, `${there} rows instead of ${total}`);
  return total;
}

function keyOf(table: TableShape, row: SqlRow): SqlValue[] {
  return table.key.map((column) => row[column] ?? null);
}

function text(table: TableShape, row: SqlRow): string {
  return JSON.stringify(table.columns.map((column) => row[column]));
}

function differs(table: TableShape, what: string): LeaseholdError {
  return new LeaseholdError('STATE_DAMAGED', `The copy differs from its source in ${table.name}: ${what}.`, {
    path: table.name,
    remedy: 'Make sure that nothing else uses either database, and copy into a new one.',
  });
}
