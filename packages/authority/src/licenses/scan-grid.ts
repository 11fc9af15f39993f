import { within } from '../companies/reach.js';
import { containing } from '../serving/searching.js';
import { keysetOf, nextPlace, sortedBy, type Placed } from '../serving/sorting.js';
import type { Reader, SqlValue } from '../store/index.js';
import { ALL_VIEW, companyView } from './license-index.js';
import type { Grid, GridPage, LicenseAsk } from './list.js';
import { SORTS } from './sort-columns.js';

/** Licenses of both tables in the columns that are filtered. Its parameters: account, four times. */
const BOTH = `(
  SELECT l.id, 'aip' AS profile, l.edition AS type, CASE WHEN l.term = 'trial' THEN 'trial' ELSE 'commercial' END AS kind,
    l.company_id, l.ends_at, 0 AS auto_renew, l.used AS used, coalesce(l.bound_id, '') AS assigned_to, '' AS computer_name,
    '' AS user_name, NULL AS user_company
    FROM machine_licenses l WHERE l.account = ?
  UNION ALL
  SELECT l.id, 'msp', l.type, l.kind, l.company_id, l.ends_at, l.auto_renew,
    CASE WHEN l.assigned_to IS NULL THEN 0 ELSE 1 END, coalesce(l.assigned_to, ''), coalesce(l.computer_name, ''),
    coalesce(l.user_name, ''), i.company_id
    FROM instance_licenses l LEFT JOIN instances i ON i.account = l.account AND i.id = l.assigned_to WHERE l.account = ?
) AS t LEFT JOIN companies c ON c.account = ? AND c.id = t.company_id
  JOIN license_views v ON v.account = ? AND v.id = t.id AND v.view = '${ALL_VIEW}'`;

/** Seen at a company: what its own view holds, which has the licenses of all below it (license-index.ts). */
const UNDER = `(t.company_id = ? OR t.id IN (SELECT v.id FROM license_views v WHERE v.account = ? AND v.view = ?))`;

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}
type Filter = 'scope' | 'search' | 'company' | 'kind' | 'validity' | 'usage' | 'autoRenew' | 'type';

/** One condition for each filter that is set; the same meaning as terms' `listLicenses`, row for row (a test holds them
 * against each other). */
function conditionsOf(ask: LicenseAsk): Partial<Record<Filter, Condition>> {
  const kind = ask.kind === 'trial' ? 'trial' : 'commercial';
  const all = (value: string | null): boolean => value === null || value === '' || value.toLowerCase() === 'all';
  return {
    kind: { sql: 't.kind = ?', params: [kind] },
    scope: under(ask, ask.scope),
    ...(all(ask.company) ? {} : { company: under(ask, ask.company) }),
    ...(all(ask.validity) ? {} : { validity: validity(ask.validity === 'expired', ask.now) }),
    // MSP-7.4: a trial is not asked.
    ...(all(ask.usage)
      ? {}
      : { usage: { sql: `(t.kind = 'trial' OR t.used ${ask.usage === 'used' ? '>' : '='} 0)`, params: [] } }),
    ...(['true', 'only', '1'].includes(ask.autoRenew ?? '')
      ? { autoRenew: { sql: 't.auto_renew = 1', params: [] } }
      : {}),
    ...(all(ask.type) ? {} : { type: { sql: 't.type = ?', params: [ask.type] } }),
    ...(ask.search === null || ask.search.trim() === '' ? {} : { search: containing(SEARCHED, ask.search) }),
  };
}

function under({ account }: LicenseAsk, company: string | null): Condition {
  if (company === null) return { sql: '1 = 1', params: [] };
  return { sql: UNDER, params: [company, account, companyView(company)] };
}

function validity(expired: boolean, now: number): Condition {
  const sql = expired ? 't.ends_at IS NOT NULL AND t.ends_at <= ?' : '(t.ends_at IS NULL OR t.ends_at > ?)';
  return { sql, params: [now] };
}

const SEARCHED = [
  't.id',
  't.type',
  't.computer_name',
  "coalesce(t.company_id, '')",
  "coalesce(c.name, '')",
  't.assigned_to',
  't.user_name',
];

/** A search in an account of ordinary size, which finds anywhere in the fields: by looking at every license. */
export class ScanGrid implements Grid {
  readonly #reader: Reader;
  readonly #ask: LicenseAsk;
  readonly #conditions: Partial<Record<Filter, Condition>>;

  constructor(reader: Reader, ask: LicenseAsk) {
    this.#reader = reader;
    this.#ask = ask;
    this.#conditions = conditionsOf(ask);
  }

  async page(): Promise<GridPage> {
    const { limit } = this.#ask;
    const sorted = sortedBy(SORTS, this.#ask, 'type');
    const { place, beyond, params: from, order } = keysetOf(sorted, 'v.id');
    const { where, params } = this.#where();
    const rows = await this.#reader.all<Placed>(
      `SELECT t.id, ${place} FROM ${BOTH} WHERE ${where} ${beyond} ${order} LIMIT ?`,
      [...params, ...from, limit],
    );
    return { ids: rows.map((row) => row.id), next: nextPlace(rows, limit, sorted) };
  }

  async groups(): Promise<{ type: string; count: number; used: number }[]> {
    const { where, params } = this.#where();
    const rows = await this.#reader.all<{ type: string; n: number; used: number }>(
      `SELECT t.type, count(*) AS n, sum(CASE WHEN t.used > 0 THEN 1 ELSE 0 END) AS used FROM ${BOTH} WHERE ${where}
         GROUP BY t.type ORDER BY t.type`,
      params,
    );
    return rows.map(({ type, n, used }) => ({ type, count: n, used }));
  }

  /** Types ever requested of the kind shown, before any other filter (MSP-10, A-33). */
  async requested(): Promise<string[]> {
    const { where, params } = this.#where((filter) => filter === 'kind' || filter === 'scope');
    const rows = await this.#reader.all<{ type: string }>(
      `SELECT DISTINCT t.type FROM ${BOTH} WHERE ${where} ORDER BY t.type`,
      params,
    );
    return rows.map(({ type }) => type);
  }

  async counts(): Promise<Record<string, Record<string, number>>> {
    const { now } = this.#ask;
    const past = `CASE WHEN t.ends_at IS NOT NULL AND t.ends_at <= ${now} THEN 'expired' ELSE 'valid' END`;
    return {
      kind: await this.#countBy('kind', 't.kind'),
      company: await this.#companies(),
      validity: await this.#countBy('validity', past),
      usage: await this.#countBy('usage', "CASE WHEN t.used > 0 THEN 'used' ELSE 'unused' END"),
      autoRenew: await this.#countBy('autoRenew', "CASE WHEN t.auto_renew = 1 THEN 'only' ELSE 'other' END"),
    };
  }

  /** Each company counts what its view holds: its own, what its machines use, and all below it. */
  async #companies(): Promise<Record<string, number>> {
    const { account } = this.#ask;
    const { where, params } = this.#where((other) => other !== 'company');
    const company = `substr(w.view, ${companyView('').length + 1})`;
    const own = within(company, this.#ask);
    const rows = await this.#reader.all<{ name: string; n: number }>(
      `SELECT ${company} AS name, count(*) AS n FROM ${BOTH}
         JOIN license_views w ON w.account = ? AND w.id = t.id AND w.view <> '${ALL_VIEW}'
         WHERE ${own.sql} AND ${where} GROUP BY w.view`,
      [...params.slice(0, 4), account, ...own.params, ...params.slice(4)],
    );
    const { all } = await this.#countBy('company', 't.kind');
    return { ...Object.fromEntries(rows.map(({ name, n }) => [name, n])), all: all! };
  }

  async #countBy(filter: Filter, option: string): Promise<Record<string, number>> {
    const { where, params } = this.#where((other) => other !== filter);
    const rows = await this.#reader.all<{ name: string; n: number }>(
      `SELECT ${option} AS name, count(*) AS n FROM ${BOTH} WHERE ${where} GROUP BY ${option}`,
      params,
    );
    const counts = Object.fromEntries(rows.map(({ name, n }) => [name, n]));
    return { ...counts, all: rows.reduce((sum, { n }) => sum + n, 0) };
  }

  #where(keeps: (filter: Filter) => boolean = () => true): { where: string; params: SqlValue[] } {
    const kept = Object.entries(this.#conditions).filter(([name]) => keeps(name as Filter));
    const { account } = this.#ask;
    return {
      where: kept.length === 0 ? '1 = 1' : kept.map(([, { sql }]) => sql).join(' AND '),
      params: [account, account, account, account, ...kept.flatMap(([, { params }]) => params)],
    };
  }
}
