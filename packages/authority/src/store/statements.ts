import type { SqlParams } from './tx.js';

/** The two dialects differ in one thing: PostgreSQL counts its parameters (`$1`), SQLite has `?`. */
export function toPostgres(sql: string): string {
  let count = 0;
  return sql.replace(/'(?:[^']|'')*'|\?/g, (found) => {
    if (found !== '?') return found;
    count += 1;
    return `$${count}`;
  });
}

/** Refuses what the engines would read differently or, in SQLite's binding, end the process over (a boolean). */
export function checkParams(sql: string, params: SqlParams): void {
  const wrong = params.findIndex((value) => value !== null && typeof value !== 'string' && !Number.isFinite(value));
  if (wrong !== -1) throw new TypeError(`Parameter ${wrong + 1} is ${typeof params[wrong]} in: ${sql}`);
}
