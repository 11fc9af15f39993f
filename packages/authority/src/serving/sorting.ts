import { readPlace, writePlace, type Place } from './place.js';
import type { SqlValue } from '../store/index.js';

/** What a list is sorted by: SQL that is never null, and what it gives. */
export type Sorts = Readonly<Record<string, SortColumn>>;
export interface SortColumn {
  readonly sql: string;
  readonly is: 'number' | 'string';
}

/** The order that was asked for, and where its page begins. */
export interface Sorted {
  /** As it was asked for, with its minus: a page goes on in this order alone. */
  readonly name: string;
  readonly column: SortColumn;
  readonly isDown: boolean;
  readonly place: Place | undefined;
}

/** The parts of a statement that gives one page in an order: rows that are equal stand by their ids. */
export interface Keyset {
  /** Stands among the columns. */
  readonly place: string;
  /** Follows the conditions: `AND …`, or nothing on the first page. */
  readonly beyond: string;
  readonly params: readonly SqlValue[];
  readonly order: string;
}

export interface Asked {
  readonly sort: string | null;
  readonly after: string | null;
}

/** A row's place in the order that was asked for. */
export interface Placed {
  readonly id: string;
  readonly place: SqlValue;
}

/** `sort` is one of the columns, with a minus for downwards; the server has checked it (answering.ts).
 * @throws LeaseholdError INPUT_INVALID for a page of another order */
export function sortedBy(columns: Sorts, { sort, after }: Asked, otherwise: string): Sorted {
  const name = sort ?? otherwise;
  const column = columns[name.replace(/^-/, '')]!;
  return { name, column, isDown: name.startsWith('-'), place: readPlace(after, name, column.is) };
}

export function keysetOf({ column: { sql }, isDown, place }: Sorted, id = 'id'): Keyset {
  const [beyond, direction] = isDown ? ['<', 'DESC'] : ['>', 'ASC'];
  const single = sql === id;
  return {
    place: `${sql} AS place`,
    beyond: place === undefined ? '' : single ? `AND ${id} ${beyond} ?` : `AND (${sql}, ${id}) ${beyond} (?, ?)`,
    params: place === undefined ? [] : single ? [place[1]] : place,
    order: single ? `ORDER BY ${id} ${direction}` : `ORDER BY ${sql} ${direction}, ${id} ${direction}`,
  };
}

/** Where the page after these rows begins; null: they are the last. */
export function nextPlace(rows: readonly Placed[], limit: number, { name }: Pick<Sorted, 'name'>): string | null {
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? null : writePlace(name, [last.place, last.id]);
}
