import type Database from 'libsql';

/** Rows of a table, and of an account in it, as every statement is planned. */
const ROWS = 1_000_000;
const ROWS_OF_ACCOUNT = 100_000;

/** Tells SQLite how the values of an index are spread. Without statistics it takes whatever stands first in an index for
 * ten rows: an account, and so it would rather walk through an account than seek what is asked of it. Not gathered by
 * ANALYZE, which reads every table: what is said here holds for any site, and gives all of them the same plans
 * (sqlite.org/fileformat2.html, 2.6.3). Nothing is written where it stands already. */
export function tellStatistics(db: Database.Database): void {
  db.exec('ANALYZE sqlite_schema'); // makes the table of them, where there is none
  const wanted = statistics(db);
  const told = rows<Statistic>(db, 'SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx');
  if (JSON.stringify(wanted) === JSON.stringify(told)) return;
  db.exec('BEGIN IMMEDIATE');
  db.exec('DELETE FROM sqlite_stat1');
  const insert = db.prepare('INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)');
  for (const { tbl, idx, stat } of wanted) insert.run([tbl, idx, stat]);
  db.exec('COMMIT');
  db.exec('ANALYZE sqlite_schema'); // reads it
}

interface Statistic {
  readonly tbl: string;
  readonly idx: string;
  readonly stat: string;
}

interface Column {
  readonly tbl: string;
  readonly idx: string;
  readonly column: string;
  readonly isUnique: number;
}

function statistics(db: Database.Database): Statistic[] {
  const columns = rows<Column>(
    db,
    `SELECT t.name AS tbl, i.name AS idx, c.name AS "column", i."unique" AS "isUnique"
       FROM sqlite_schema t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, i.name, c.seqno`,
  );
  const byIndex = new Map<string, Column[]>();
  for (const column of columns) byIndex.set(column.idx, [...(byIndex.get(column.idx) ?? []), column]);
  return [...byIndex.values()].map((own) => ({ tbl: own[0]!.tbl, idx: own[0]!.idx, stat: spread(own) }));
}

/** Columns that have few values in an account: each of them leaves a tenth of what stands before it. Any other leaves ten
 * rows at most. */
const FEW_VALUES: ReadonlySet<string> = new Set(
  'auto_renew bound_type caller company_id edition facet kind state status subscription_id type view'.split(' '),
);

/** Rows in all, and those that have one value of the first column, of the first two, and so on. */
function spread(columns: readonly Column[]): string {
  let left = ROWS;
  const counts = columns.map(({ column, isUnique }, at) => {
    if (column === 'account') left = ROWS_OF_ACCOUNT;
    else left = FEW_VALUES.has(column) ? Math.max(left / 10, 2) : Math.min(left, 10);
    return at === columns.length - 1 && isUnique === 1 ? 1 : left;
  });
  return [ROWS, ...counts].join(' ');
}

function rows<Row>(db: Database.Database, sql: string): Row[] {
  return db.prepare(sql).all([]) as Row[];
}
