import { within } from '../companies/reach.js';
import type { Reader } from '../store/index.js';
import { ALL_VIEW, companyView, FACET } from './license-index.js';
import type { Grid, GridPage, LicenseAsk } from './list.js';
import { readPlace } from '../serving/place.js';
import { termRange } from './search-terms.js';

type Filter = 'kind' | 'validity' | 'usage' | 'autoRenew';

/** Companies whose counts are told at once: the first by id, and the one that is shown. Each has dozens of counters. */
const COMPANIES_COUNTED = 100;
/** How many found terms one page of a search looks at: bounds its time when a common beginning meets a rare filter. */
const TERMS_LOOKED_AT = 200;
/** How many of them in one statement: most pages are full long before. */
const TERMS_AT_ONCE = 100;

interface Term {
  readonly term: string;
  readonly id: string;
  readonly first: string | null;
}

interface Count {
  readonly type: string;
  readonly facet: number;
  readonly n: number;
}

const unset = (value: string | null): boolean => value === null || value === '' || value.toLowerCase() === 'all';

/** The grid over any number of licenses, from the license index: each page is a few ranges of one key, the counts are
 * read. With a search, words are found by their beginnings, in the order of the words; its counts are those of the
 * filters alone. */
export class IndexGrid implements Grid {
  readonly #reader: Reader;
  readonly #ask: LicenseAsk;
  /** What the caller sees at all, and what of it is shown. */
  readonly #whole: string;
  readonly #view: string;
  readonly #counts = new Map<string, Promise<Count[]>>();

  constructor(reader: Reader, ask: LicenseAsk) {
    this.#reader = reader;
    this.#ask = ask;
    this.#whole = ask.scope === null ? ALL_VIEW : companyView(ask.scope);
    this.#view = unset(ask.company) ? this.#whole : companyView(ask.company!);
  }

  /** How many licenses the caller sees. */
  async owned(): Promise<number> {
    return sum(await this.#countsOf(this.#whole));
  }

  page(): Promise<GridPage> {
    const { search } = this.#ask;
    return search === null || search.trim() === '' ? this.#inOrder() : this.#found(search);
  }

  async groups(): Promise<{ type: string; count: number; used: number }[]> {
    const facets = new Set(this.#facets());
    const shown = (await this.#viewCounts()).filter(
      ({ facet, type, n }) => facets.has(facet) && this.#typed(type) && n > 0,
    );
    const types = [...new Set(shown.map(({ type }) => type))].sort();
    return types.map((type) => {
      const own = shown.filter((count) => count.type === type);
      return { type, count: sum(own), used: sum(own.filter(({ facet }) => has(facet, 'used'))) };
    });
  }

  /** Types ever requested of the kind shown, before any other filter (MSP-10, A-33): their counters stay, also at 0. */
  async requested(): Promise<string[]> {
    const trial = this.#ask.kind === 'trial';
    const counts = await this.#countsOf(this.#whole);
    return [...new Set(counts.filter(({ facet }) => has(facet, 'trial') === trial).map(({ type }) => type))].sort();
  }

  async counts(): Promise<Record<string, Record<string, number>>> {
    return {
      kind: await this.#options('kind', 'trial', ['trial', 'commercial']),
      company: await this.#companies(),
      validity: await this.#options('validity', 'expired', ['expired', 'valid']),
      usage: await this.#options('usage', 'used', ['used', 'unused']),
      autoRenew: await this.#options('autoRenew', 'autoRenew', ['only', 'other']),
    };
  }

  /** Ordered by type, then id: the order of the groups. */
  async #inOrder(): Promise<GridPage> {
    const { account, after, limit, type } = this.#ask;
    const place = readPlace(after) ?? ['', ''];
    // With a type, its ids alone are in order: asked for by both, SQLite sorts every license of the type for each page.
    const ofType = unset(type) ? undefined : ([type!, place[0] === type ? place[1] : ''] as const);
    const range = `SELECT * FROM (SELECT type, id FROM license_views WHERE account = ? AND view = ? AND facet = ?
      AND ${ofType === undefined ? '(type, id) > (?, ?)' : 'type = ? AND id > ?'} ORDER BY type, id LIMIT ?) AS facet_`;
    const facets = this.#facets();
    const rows = await this.#reader.all<{ type: string; id: string }>(
      `${facets.map((facet) => range + facet).join(' UNION ALL ')} ORDER BY type, id LIMIT ?`,
      [...facets.flatMap((facet) => [account, this.#view, facet, ...(ofType ?? place), limit]), limit],
    );
    const last = rows.at(-1);
    const next = rows.length < limit || last === undefined ? null : JSON.stringify([last.type, last.id]);
    return { ids: rows.map((row) => row.id), next };
  }

  /** Ordered by the word that was found. A page may be short of `limit`, even empty, and yet have a next one. */
  async #found(search: string): Promise<GridPage> {
    const { limit } = this.#ask;
    const range = termRange(search);
    let place = readPlace(this.#ask.after) ?? [range.from, ''];
    const shown: Term[] = [];
    for (let looked = 0; looked < TERMS_LOOKED_AT; looked += TERMS_AT_ONCE) {
      const terms = await this.#terms(range, place);
      // A license that has two words of this beginning is shown at the first of them alone.
      shown.push(...terms.filter(({ term, first }) => first === term));
      const last = terms.at(-1);
      if (shown.length > limit) return pageTo(shown.slice(0, limit), shown[limit - 1]);
      if (terms.length < TERMS_AT_ONCE || last === undefined) return pageTo(shown, undefined);
      place = [last.term, last.id];
    }
    return pageTo(shown, { term: place[0], id: place[1] });
  }

  /** Terms of the range from a place on. `first`: the first one of the license that has this, null where the filters leave
   * it out. */
  #terms({ from, to }: ReturnType<typeof termRange>, place: readonly string[]): Promise<Term[]> {
    const { account, type } = this.#ask;
    const ofType = unset(type) ? [] : [type!];
    return this.#reader.all<Term>(
      `SELECT t.term AS term, t.id AS id, CASE WHEN v.id IS NOT NULL THEN (
           SELECT min(o.term) FROM license_terms o WHERE o.account = v.account AND o.id = v.id AND o.term >= ?
             AND o.term < ?) END AS first
         FROM (SELECT term, id FROM license_terms WHERE account = ? AND term < ? AND (term, id) > (?, ?)
           ORDER BY term, id LIMIT ?) AS t
         LEFT JOIN license_views v ON v.account = ? AND v.id = t.id AND v.view = ? AND v.facet IN (${this.#facets().join(', ')})
           ${ofType.length > 0 ? 'AND v.type = ?' : ''} ORDER BY t.term, t.id`,
      [from, to, account, to, ...place, TERMS_AT_ONCE, account, this.#view, ...ofType],
    );
  }

  /** For each option of a filter, how many licenses it would leave with all other filters kept. */
  async #options(
    filter: Filter,
    bit: keyof typeof FACET,
    [set, clear]: [string, string],
  ): Promise<Record<string, number>> {
    const facets = new Set(this.#facets(filter));
    const left = (await this.#viewCounts()).filter(({ facet, type }) => facets.has(facet) && this.#typed(type));
    const withBit = sum(left.filter(({ facet }) => has(facet, bit)));
    return { [set]: withBit, [clear]: sum(left) - withBit, all: sum(left) };
  }

  /** Added up by the database, for each facet by itself: its indexes have all that this takes, in this order. Companies
   * follow the view of all, `*`, in any order of letters. */
  async #companies(): Promise<Record<string, number>> {
    const { account, type } = this.#ask;
    const own = within(`substr(view, ${companyView('').length + 1})`, this.#ask);
    const facets = this.#facets();
    const ofType = unset(type) ? [] : [type!];
    const ofFacet = `SELECT * FROM (SELECT view, sum(n) AS n FROM license_counts WHERE account = ? AND facet = ?
      ${ofType.length > 0 ? 'AND type = ?' : ''} AND view > ? AND ${own.sql} GROUP BY view ORDER BY view LIMIT ?) AS facet_`;
    const rows = await this.#reader.all<{ view: string; n: number }>(
      `SELECT view, sum(n) AS n FROM (${facets.map((facet) => ofFacet + facet).join(' UNION ALL ')}) AS facets
         GROUP BY view ORDER BY view LIMIT ?`,
      [
        ...facets.flatMap((facet) => [account, facet, ...ofType, ALL_VIEW, ...own.params, COMPANIES_COUNTED]),
        COMPANIES_COUNTED,
      ],
    );
    const kept = new Set(facets);
    const counts = Object.fromEntries(rows.map(({ view, n }) => [view.slice(companyView('').length), n]));
    const fits = (count: Count): boolean => kept.has(count.facet) && this.#typed(count.type);
    const shown = unset(this.#ask.company)
      ? {}
      : { [this.#ask.company!]: sum((await this.#viewCounts()).filter(fits)) };
    return { ...counts, ...shown, all: sum((await this.#countsOf(this.#whole)).filter(fits)) };
  }

  #viewCounts(): Promise<Count[]> {
    return this.#countsOf(this.#view);
  }

  #countsOf(view: string): Promise<Count[]> {
    const known = this.#counts.get(view);
    if (known !== undefined) return known;
    const sql = 'SELECT type, facet, n FROM license_counts WHERE account = ? AND view = ?';
    const counts = this.#reader.all<Count>(sql, [this.#ask.account, view]);
    this.#counts.set(view, counts);
    return counts;
  }

  #typed(type: string): boolean {
    return unset(this.#ask.type) || this.#ask.type === type;
  }

  /** The facets that the filters leave (MSP-7.2 to MSP-7.5), or those that they would leave without one of them. */
  #facets(without?: Filter): number[] {
    const { validity, usage, autoRenew } = this.#ask;
    const trial = this.#ask.kind === 'trial';
    const wanted: Partial<Record<Filter, readonly [keyof typeof FACET, boolean]>> = {
      kind: ['trial', trial],
      ...(unset(validity) ? {} : { validity: ['expired', validity === 'expired'] }),
      // MSP-7.4: looked at in the commercial view only.
      ...(unset(usage) || trial ? {} : { usage: ['used', usage === 'used'] }),
      ...(['true', 'only', '1'].includes(autoRenew ?? '') ? { autoRenew: ['autoRenew', true] } : {}),
    };
    const kept = Object.entries(wanted).filter(([filter]) => filter !== without);
    const all = Array.from({ length: 16 }, (_, facet) => facet);
    return all.filter((facet) => kept.every(([, [bit, set]]) => has(facet, bit) === set));
  }
}

/** A page of what was found; the next one goes on after `last`. */
function pageTo(page: readonly Term[], last: Pick<Term, 'term' | 'id'> | undefined): GridPage {
  return { ids: page.map(({ id }) => id), next: last === undefined ? null : JSON.stringify([last.term, last.id]) };
}

function has(facet: number, bit: keyof typeof FACET): boolean {
  return (facet & FACET[bit]) !== 0;
}

function sum(counts: readonly { readonly n: number }[]): number {
  return counts.reduce((total, { n }) => total + n, 0);
}
