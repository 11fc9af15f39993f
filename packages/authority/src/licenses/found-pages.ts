import { readPlace, writePlace } from '../serving/place.js';
import { nextPlace, keysetOf, type Placed, type Sorted } from '../serving/sorting.js';
import type { Reader } from '../store/index.js';
import type { GridPage } from './list.js';
import { stepInOrder, type Shown } from './pages-in-order.js';
import { termRange, type TermRange } from './search-terms.js';

/** How many found terms one page of a search looks at: bounds its time when a common beginning meets a rare filter. */
const TERMS_LOOKED_AT = 200;
/** How many of them in one statement: most pages are full long before. */
const TERMS_AT_ONCE = 100;
/** Up to so many terms are gathered and their licenses sorted; of more, every five hundredth license has one where the
 * account has a million, and the order is walked from the page's place on. */
const GATHERED = 2_000;
/** How many licenses of the order one page looks at. */
const WALKED = 800;
/** How many of them at once: most pages are full long before. */
const WALKED_AT_ONCE = 400;

interface Term {
  readonly term: string;
  readonly id: string;
  readonly first: string | null;
}

/** The order of the words that are found; its places are no others'. */
const BY_WORD = 'word';

/** What was found, ordered by its word. A page may be short of `limit`, even empty, and yet have a next one. */
export async function foundByWord(
  reader: Reader,
  shown: Shown,
  { search, after, limit }: { readonly search: string; readonly after: string | null; readonly limit: number },
): Promise<GridPage> {
  const range = termRange(search);
  let place = readPlace(after, BY_WORD, 'string') ?? [range.from, ''];
  const found: Term[] = [];
  for (let looked = 0; looked < TERMS_LOOKED_AT; looked += TERMS_AT_ONCE) {
    const terms = await termsFrom(reader, shown, range, place);
    // A license that has two words of this beginning is shown at the first of them alone.
    found.push(...terms.filter(({ term, first }) => first === term));
    const last = terms.at(-1);
    if (found.length > limit) return pageTo(found.slice(0, limit), found[limit - 1]);
    if (terms.length < TERMS_AT_ONCE || last === undefined) return pageTo(found, undefined);
    place = [last.term, last.id];
  }
  return pageTo(found, { term: String(place[0]), id: place[1] });
}

/** Up to so many words what was found is counted; of more the counts are those of the filters alone. */
const COUNTED = 500;

/** How many words begin with what was typed; of more than are ever gathered, one more than that. */
export async function wordsFound(reader: Reader, account: string, search: string): Promise<number> {
  const { from, to } = termRange(search);
  const words = await reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT term FROM license_terms WHERE account = ? AND term >= ? AND term < ?
       ORDER BY term, id LIMIT ?) AS words`,
    [account, from, to, GATHERED + 1],
  );
  return words!.n;
}

/** The rows of `license_views v` of what a search finds; undefined: too many words to be counted. */
export function fewFound(
  account: string,
  search: string,
  words: number,
): { readonly sql: string; readonly params: readonly string[] } | undefined {
  if (words > COUNTED) return undefined;
  const { from, to } = termRange(search);
  const sql = `(SELECT DISTINCT id FROM license_terms WHERE account = ? AND term >= ? AND term < ?) AS t
    CROSS JOIN license_views v WHERE v.account = ? AND v.id = t.id`;
  return { sql, params: [account, from, to, account] };
}

/** A page of what was found; the next one goes on after `last`. */
function pageTo(page: readonly Term[], last: Pick<Term, 'term' | 'id'> | undefined): GridPage {
  return { ids: page.map(({ id }) => id), next: last === undefined ? null : writePlace(BY_WORD, [last.term, last.id]) };
}

/** Terms of the range from a place on. `first`: the first one of the license that has this, null where the filters leave
 * it out. */
function termsFrom(
  reader: Reader,
  shown: Shown,
  { from, to }: TermRange,
  place: NonNullable<ReturnType<typeof readPlace>>,
): Promise<Term[]> {
  const { account, view } = shown;
  const fits = fitting(shown);
  return reader.all<Term>(
    `SELECT t.term AS term, t.id AS id, CASE WHEN v.id IS NOT NULL THEN (
         SELECT min(o.term) FROM license_terms o WHERE o.account = v.account AND o.id = v.id AND o.term >= ?
           AND o.term < ?) END AS first
       FROM (SELECT term, id FROM license_terms WHERE account = ? AND term < ? AND (term, id) > (?, ?)
         ORDER BY term, id LIMIT ?) AS t
       LEFT JOIN license_views v ON v.account = ? AND v.id = t.id AND v.view = ? AND ${fits.sql} ORDER BY t.term, t.id`,
    [from, to, account, to, ...place, TERMS_AT_ONCE, account, view, ...fits.params],
  );
}

/** What was found, in an order of the list. Few are gathered and sorted. Of many, the order itself is walked, a bounded
 * part for each page: one may be short of `limit`, even empty, and yet have a next one. */
export async function foundInOrder(
  reader: Reader,
  shown: Shown,
  { search, words, limit }: { readonly search: string; readonly words: number; readonly limit: number },
  sorted: Sorted,
): Promise<GridPage> {
  const range = termRange(search);
  if (words > GATHERED) return walked(reader, shown, range, sorted, limit);
  const rows = await gathered(reader, shown, range, sorted, limit);
  return { ids: rows.map(({ id }) => id), next: nextPlace(rows, limit, sorted) };
}

/** CROSS JOIN keeps SQLite to that order: it would begin with every license of the view. */
function gathered(
  reader: Reader,
  shown: Shown,
  { from, to }: TermRange,
  sorted: Sorted,
  limit: number,
): Promise<Placed[]> {
  const { account, view } = shown;
  const fits = fitting(shown);
  const { place, beyond, params, order } = keysetOf(sorted, 'v.id');
  return reader.all<Placed>(
    `SELECT ${place}, v.id AS id FROM (
         SELECT DISTINCT id FROM license_terms WHERE account = ? AND term >= ? AND term < ?) AS t
       CROSS JOIN license_views v WHERE v.account = ? AND v.id = t.id AND v.view = ? AND ${fits.sql} ${beyond} ${order} LIMIT ?`,
    [account, from, to, account, view, ...fits.params, ...params, limit],
  );
}

async function walked(
  reader: Reader,
  shown: Shown,
  range: TermRange,
  sorted: Sorted,
  limit: number,
): Promise<GridPage> {
  const found: Placed[] = [];
  let here = sorted;
  for (let looked = 0; looked < WALKED; looked += WALKED_AT_ONCE) {
    const { licenses, ends } = await stepInOrder(reader, shown, here, WALKED_AT_ONCE, range);
    found.push(...licenses.filter(({ first }) => first !== null));
    const page = found.slice(0, limit);
    if (found.length >= limit) return { ids: page.map(({ id }) => id), next: nextPlace(page, limit, sorted) };
    const last = licenses.at(-1);
    if (ends || last === undefined) return { ids: page.map(({ id }) => id), next: null };
    here = { ...sorted, place: [last.place, last.id] };
  }
  return { ids: found.map(({ id }) => id), next: writePlace(sorted.name, here.place!) };
}

/** The filters, of `license_views v`. */
function fitting({ stretches, type }: Shown): { readonly sql: string; readonly params: readonly string[] } {
  const facets = [...new Set(stretches.map(({ facet }) => facet))];
  return {
    // Where nothing is left: a facet that no license has.
    sql: `v.facet IN (${facets.length === 0 ? -1 : facets.join(', ')}) ${type === null ? '' : 'AND v.type = ?'}`,
    params: type === null ? [] : [type],
  };
}
