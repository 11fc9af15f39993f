import { readPlace } from './place.js';
import type { SqlValue } from '../store/index.js';

/** What a list is sorted by: SQL that is never null, and what it gives. */
export type Sorts = Readonly<Record<string, { readonly sql: string; readonly is: 'number' | 'string' }>>;

/** The parts of a statement that gives one page in an order: rows that are equal stand by their ids. */
export interface Keyset {
  /** Stands among the columns. */
  readonly place: string;
  /** Follows the conditions: `AND …`, or nothing on the first page. */
  readonly beyond: string;
  readonly params: readonly SqlValue[];
  readonly order: string;
}

/** `sort` is one of the columns, with a minus for downwards; the server has checked it (answering.ts). */
export function keysetOf(
  columns: Sorts,
  { sort, after }: { readonly sort: string | null; readonly after: string | null },
  otherwise: string,
  id = 'id',
): Keyset {
  const { sql, is } = columns[sort?.replace(/^-/, '') ?? otherwise]!;
  const [beyond, direction] = sort?.startsWith('-') === true ? ['<', 'DESC'] : ['>', 'ASC'];
  const place = readPlace(after, is);
  const single = sql === id;
  return {
    place: `${sql} AS place`,
    beyond: place === undefined ? '' : single ? `AND ${id} ${beyond} ?` : `AND (${sql}, ${id}) ${beyond} (?, ?)`,
    params: place === undefined ? [] : single ? [place[1]] : place,
    order: single ? `ORDER BY ${id} ${direction}` : `ORDER BY ${sql} ${direction}, ${id} ${direction}`,
  };
}

/** Where the page after these rows begins; null: they are the last. */
export function nextPlace(
  rows: readonly { readonly id: string; readonly place: SqlValue }[],
  limit: number,
): string | null {
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? null : JSON.stringify([last.place, last.id]);
}
