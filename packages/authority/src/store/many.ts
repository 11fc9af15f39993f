import type { Reader, SqlValue, Tx } from './tx.js';

/** Values in one statement at most: both engines take more, and no statement grows with the site. */
const CHUNK = 400;

function* chunks<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < values.length; at += CHUNK) yield values.slice(at, at + CHUNK);
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Reads the rows of many names. `sql` has `IN (*)` for each of `times` places of the list, after the account. */
export async function allOf<Row>(
  reader: Reader,
  sql: string,
  account: string,
  names: readonly string[],
  times = 1,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const part of chunks(names)) {
    const params = Array.from({ length: times }, () => [account, ...part]).flat();
    rows.push(...(await reader.all<Row>(sql.replaceAll('IN (*)', `IN (${marks(part)})`), params)));
  }
  return rows;
}

/** Runs one statement for many names: `IN (*)` stands for them, after the other parameters. */
export async function runFor(
  tx: Tx,
  sql: string,
  params: readonly SqlValue[],
  names: readonly string[],
): Promise<void> {
  for (const part of chunks(names)) await tx.run(sql.replace('IN (*)', `IN (${marks(part)})`), [...params, ...part]);
}

/** Inserts rows: `VALUES *` stands for them. */
export async function insertAll(tx: Tx, sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  for (const part of chunks(rows)) {
    const places = part.map((row) => `(${marks(row)})`).join(', ');
    await tx.run(sql.replace('VALUES *', `VALUES ${places}`), part.flat());
  }
}
