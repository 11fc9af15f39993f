import { keysetOf, type Keyset, type Placed, type Sorted } from '../serving/sorting.js';
import type { Reader, SqlValue } from '../store/index.js';
import type { TermRange } from './search-terms.js';
import { FACET_OF, SORTS } from './sort-columns.js';

/** Licenses of one facet and, but for the order by type, of one type: an index has them in every order that is asked for. */
export interface Stretch {
  readonly facet: number;
  readonly type: string;
  /** How many there are. */
  readonly n: number;
}

/** What the filters leave of a view, but for the search. */
export interface Shown {
  readonly account: string;
  readonly view: string;
  /** The one type that is shown, or null for all. */
  readonly type: string | null;
  /** Those that have a license. */
  readonly stretches: readonly Stretch[];
}

/** Stretches of one statement: below what SQLite takes in a compound, and what PostgreSQL plans in a few milliseconds. */
const STRETCHES_AT_ONCE = 100;
/** The least that is read of a stretch where each gives its share. */
const LEAST = 4;
/** More than any step reads. */
const MOST = 100_000;

/** The next licenses in an order, up to `limit`: as many of each stretch, and of those the first. What this reads depends
 * on the page, on the facets and on the types, never on how many licenses there are or where the matching ones stand. */
export function licensesInOrder(
  reader: Reader,
  shown: Shown,
  sorted: Sorted,
  limit: number,
): Promise<readonly Placed[]> {
  return merged(reader, shown, sorted, () => limit, limit);
}

/** About `rows` of the next licenses in an order, each with its `first` term of the range, for who looks through them: of
 * each stretch its share, so that next to nothing is read that does not count. `ends`: there are no more. */
export async function stepInOrder(
  reader: Reader,
  shown: Shown,
  sorted: Sorted,
  rows: number,
  { from, to }: TermRange,
): Promise<{ readonly licenses: readonly InStretch[]; readonly ends: boolean }> {
  const all = shown.stretches.reduce((total, { n }) => total + n, 0);
  const share = ({ n }: Page): number => LEAST + Math.ceil((rows * n) / all);
  const licenses = await merged(reader, shown, sorted, share, MOST, {
    sql: `, (SELECT min(t.term) FROM license_terms t WHERE t.account = ? AND t.id = s.id AND t.term >= ? AND t.term < ?)
       AS first`,
    params: [shown.account, from, to],
  });
  const lasts = new Map<number, { at: number; left: number }>();
  for (const [at, { stretch }] of licenses.entries())
    lasts.set(stretch, { at, left: (lasts.get(stretch)?.left ?? 0) + 1 });
  // A stretch of which not all was read ends what is known of the order.
  const cut = pagesOf(shown, sorted).flatMap((page) => {
    const last = lasts.get(page.stretch);
    return last !== undefined && last.left >= share(page) ? [last.at] : [];
  });
  return { licenses: licenses.slice(0, Math.min(...cut, licenses.length - 1) + 1), ends: cut.length === 0 };
}

/** The first of each stretch, in their order: `limitOf` each, up to `most` in all; `more`: a further column of each. */
async function merged(
  reader: Reader,
  shown: Shown,
  sorted: Sorted,
  limitOf: (page: Page) => number,
  most: number,
  more: { readonly sql: string; readonly params: readonly SqlValue[] } = { sql: '', params: [] },
): Promise<readonly InStretch[]> {
  const pages = pagesOf(shown, sorted);
  const parts: InStretch[] = [];
  for (let from = 0; from < pages.length; from += STRETCHES_AT_ONCE) {
    const some = pages.slice(from, from + STRETCHES_AT_ONCE);
    parts.push(
      ...(await reader.all<InStretch>(
        `SELECT s.*${more.sql} FROM (${some.map(({ sql }, index) => `SELECT * FROM (${sql} LIMIT ?) AS stretch_${index}`).join(' UNION ALL ')}) AS s
           ${orderOf(sorted)} LIMIT ?`,
        [...more.params, ...some.flatMap((page) => [...page.params, limitOf(page)]), most],
      )),
    );
  }
  return pages.length <= STRETCHES_AT_ONCE ? parts : inOneOrder(reader, shown, sorted, parts, most);
}

interface InStretch extends Placed {
  readonly stretch: number;
  readonly first?: string | null;
}
/** One stretch from the place on. */
interface Page {
  readonly stretch: number;
  /** Licenses in it, before the place too. */
  readonly n: number;
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** For each stretch, what gives it from the place on; none for those that lie before the place. */
function pagesOf(shown: Shown, sorted: Sorted): Page[] {
  const { account, view } = shown;
  return stretchesOf(shown, sorted).flatMap(({ facet, type, n }, stretch) => {
    const keyset = keysetIn({ facet, type }, sorted);
    if (keyset === undefined) return [];
    const { place, beyond, params, order } = keyset;
    const ofType = type === null ? [] : [type];
    const sql = `SELECT ${stretch} AS stretch, ${place}, v.id AS id FROM license_views v WHERE v.account = ? AND v.view = ?
      AND v.facet = ? ${ofType.length > 0 ? 'AND v.type = ?' : ''} ${beyond} ${order}`;
    return [{ stretch, n, sql, params: [account, view, facet, ...ofType, ...params] }];
  });
}

/** In the order by type the key of the table has all types of a facet as they are asked for. */
function stretchesOf({ type, stretches }: Shown, { column }: Sorted): readonly (Omit<Stretch, 'type'> & OfType)[] {
  if (column !== SORTS['type'] || type !== null) return stretches;
  const facets = new Map<number, number>();
  for (const { facet, n } of stretches) facets.set(facet, (facets.get(facet) ?? 0) + n);
  return [...facets].map(([facet, n]) => ({ facet, n, type: null }));
}
interface OfType {
  readonly type: string | null;
}

/** Where all of a stretch stands at one place of the order, its ids alone are in order: asked for by both, SQLite sorts
 * the whole stretch for each page. */
function keysetIn({ facet, type }: OfType & Pick<Stretch, 'facet'>, sorted: Sorted): Keyset | undefined {
  const { column, isDown, place } = sorted;
  const bit = FACET_OF.get(column);
  const all = bit !== undefined ? (facet & bit) / bit : column === SORTS['type'] ? type : null;
  if (all === null) return keysetOf(sorted, 'v.id');
  const from = place?.[0] ?? null;
  if (from !== null && all !== from && all < from !== isDown) return undefined;
  const ids = keysetOf({ ...sorted, column: SORTS['id']!, place: all === from ? place : undefined }, 'v.id');
  return { ...ids, place: `${column.sql} AS place` };
}

/** What several statements gave, put in order by the database, whose letters have an order of their own. */
async function inOneOrder(
  reader: Reader,
  { account, view }: Shown,
  sorted: Sorted,
  parts: readonly InStretch[],
  most: number,
): Promise<readonly InStretch[]> {
  if (parts.length === 0) return [];
  const rows = await reader.all<Placed>(
    `SELECT ${sorted.column.sql} AS place, v.id AS id FROM license_views v WHERE v.account = ? AND v.view = ?
       AND v.id IN (${parts.map(() => '?').join(', ')}) ${orderOf(sorted)} LIMIT ?`,
    [account, view, ...parts.map(({ id }) => id), most],
  );
  const known = new Map(parts.map((part) => [part.id, part]));
  return rows.map(({ id }) => known.get(id)!);
}

function orderOf({ isDown }: Sorted): string {
  const direction = isDown ? 'DESC' : 'ASC';
  return `ORDER BY place ${direction}, id ${direction}`;
}
