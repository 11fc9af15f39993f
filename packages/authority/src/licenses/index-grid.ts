import { within } from '../companies/reach.js';
import { nextPlace, sortedBy } from '../serving/sorting.js';
import type { Reader, SqlValue } from '../store/index.js';
import { fewFound, foundByWord, foundInOrder, wordsFound } from './found-pages.js';
import { ALL_VIEW, companyView, FACET } from './license-index.js';
import type { Grid, GridPage, LicenseAsk } from './list.js';
import { licensesInOrder, type Shown } from './pages-in-order.js';
import { SORTS } from './sort-columns.js';

type Filter = 'kind' | 'validity' | 'usage' | 'autoRenew';

/** Companies whose counts are told at once: the first by id, and the one that is shown. Each has dozens of counters. */
const COMPANIES_COUNTED = 100;
interface Count {
  readonly type: string;
  readonly facet: number;
  readonly n: number;
}

const unset = (value: string | null): boolean => value === null || value === '' || value.toLowerCase() === 'all';

/** The grid over any number of licenses, from the license index: each page is a few ranges of one key, the counts are
 * read. With a search, words are found by their beginnings, in the order of the words; where it finds many, its counts are
 * those of the filters alone. */
export class IndexGrid implements Grid {
  readonly #reader: Reader;
  readonly #ask: LicenseAsk;
  /** What the caller sees at all, and what of it is shown. */
  readonly #whole: string;
  readonly #view: string;
  readonly #counts = new Map<string, Promise<Count[]>>();
  #words: Promise<number> | undefined;

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

  async page(): Promise<GridPage> {
    const { search, sort, after, limit } = this.#ask;
    const shown = await this.#shown();
    const isSearched = search !== null && search.trim() !== '';
    if (isSearched && sort === null) return foundByWord(this.#reader, shown, { search, after, limit });
    const sorted = sortedBy(SORTS, this.#ask, 'type');
    if (isSearched)
      return foundInOrder(this.#reader, shown, { search, words: await this.#wordsOf(search), limit }, sorted);
    const rows = await licensesInOrder(this.#reader, shown, sorted, limit);
    return { ids: rows.map(({ id }) => id), next: nextPlace(rows, limit, sorted) };
  }

  async groups(): Promise<{ type: string; count: number; used: number }[]> {
    const shown = await this.#left();
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

  async #shown(): Promise<Shown> {
    const { account, type } = this.#ask;
    return { account, view: this.#view, type: unset(type) ? null : type, stretches: await this.#left() };
  }

  /** What the filters leave, but for the search, counted by type and facet. */
  async #left(): Promise<Count[]> {
    const facets = new Set(this.#facets());
    const counts = await this.#viewCounts();
    return counts.filter(({ facet, type, n }) => n > 0 && facets.has(facet) && this.#typed(type));
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
    const few = await this.#found();
    const shared = `${ofType.length > 0 ? 'AND type = ?' : ''} AND view > ? AND ${own.sql} GROUP BY view ORDER BY view LIMIT ?`;
    const more = [...ofType, ALL_VIEW, ...own.params, COMPANIES_COUNTED];
    const ofFacet = `SELECT * FROM (SELECT view, sum(n) AS n FROM license_counts WHERE account = ? AND facet = ? ${shared}) AS facet_`;
    const [sql, params] =
      few === undefined
        ? [
            `SELECT view, sum(n) AS n FROM (${facets.map((facet) => ofFacet + facet).join(' UNION ALL ')}) AS facets
               GROUP BY view ORDER BY view LIMIT ?`,
            [...facets.flatMap((facet) => [account, facet, ...more]), COMPANIES_COUNTED],
          ]
        : [
            `SELECT view, count(*) AS n FROM ${few.sql} AND facet IN (${facets.join(', ')}) ${shared}`,
            [...few.params, ...more],
          ];
    const rows = await this.#reader.all<{ view: string; n: number }>(sql, params);
    const kept = new Set(facets);
    const counts = Object.fromEntries(rows.map(({ view, n }) => [view.slice(companyView('').length), n]));
    const fits = (count: Count): boolean => kept.has(count.facet) && this.#typed(count.type);
    const shown = unset(this.#ask.company)
      ? {}
      : { [this.#ask.company!]: sum((await this.#viewCounts()).filter(fits)) };
    return { ...counts, ...shown, all: sum((await this.#foundOf(this.#whole)).filter(fits)) };
  }

  #viewCounts(): Promise<Count[]> {
    return this.#foundOf(this.#view);
  }

  /** With a search that finds few, these alone. */
  async #foundOf(view: string): Promise<Count[]> {
    const few = await this.#found();
    if (few === undefined) return this.#countsOf(view);
    return this.#once(
      `found ${view}`,
      `SELECT v.type AS type, v.facet AS facet, count(*) AS n FROM ${few.sql} AND v.view = ? GROUP BY v.type, v.facet`,
      [...few.params, view],
    );
  }

  /** Rows of `license_views v` of what a search finds; undefined: everything, or too much to be counted. */
  async #found(): Promise<ReturnType<typeof fewFound>> {
    const { account, search } = this.#ask;
    if (search === null || search.trim() === '') return undefined;
    return fewFound(account, search, await this.#wordsOf(search));
  }

  #wordsOf(search: string): Promise<number> {
    return (this.#words ??= wordsFound(this.#reader, this.#ask.account, search));
  }

  #countsOf(view: string): Promise<Count[]> {
    const sql = 'SELECT type, facet, n FROM license_counts WHERE account = ? AND view = ?';
    return this.#once(view, sql, [this.#ask.account, view]);
  }

  #once(name: string, sql: string, params: readonly SqlValue[]): Promise<Count[]> {
    const counts = this.#counts.get(name) ?? this.#reader.all<Count>(sql, params);
    this.#counts.set(name, counts);
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
      ...(unset(usage) ? {} : { usage: ['used', usage === 'used'] }),
      ...(['true', 'only', '1'].includes(autoRenew ?? '') ? { autoRenew: ['autoRenew', true] } : {}),
    };
    const kept = Object.entries(wanted).filter(([filter]) => filter !== without);
    const all = Array.from({ length: 16 }, (_, facet) => facet);
    // MSP-7.4: a trial is not asked whether it is used.
    const isIgnored = (filter: string, facet: number): boolean => filter === 'usage' && has(facet, 'trial');
    return all.filter((facet) =>
      kept.every(([filter, [bit, set]]) => isIgnored(filter, facet) || has(facet, bit) === set),
    );
  }
}

function has(facet: number, bit: keyof typeof FACET): boolean {
  return (facet & FACET[bit]) !== 0;
}

function sum(counts: readonly { readonly n: number }[]): number {
  return counts.reduce((total, { n }) => total + n, 0);
}
