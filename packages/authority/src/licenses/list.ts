import { LeaseholdError, type Message } from '@leasehold/protocol';
import { contains } from '../instances/list.js';
import type { Reader, SqlValue } from '../store/index.js';
import type { InstanceLicenseRow } from './instance-license.js';
import type { MachineLicenseRow } from './machine-license.js';
import { instanceLicenseRow, machineLicenseRow, type LicenseRow, type Names } from './rows.js';

/** The search box and the filters above the grid (MSP-7 to MSP-7.5); null stands for the filter's default. */
export interface LicenseAsk {
  readonly account: string;
  readonly after: string | null;
  readonly limit: number;
  readonly search: string | null;
  readonly company: string | null;
  readonly kind: string | null;
  readonly validity: string | null;
  readonly usage: string | null;
  readonly autoRenew: string | null;
  readonly type: string | null;
  readonly now: number;
}

/** Licenses of both tables in the columns that are filtered. Its parameters: account, account. */
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
) AS t LEFT JOIN companies c ON c.account = ? AND c.id = t.company_id`;

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}
type Filter = 'search' | 'company' | 'kind' | 'validity' | 'usage' | 'autoRenew' | 'type';

/** One condition for each filter that is set; the same meaning as terms' `listLicenses`, row for row (a test holds them
 * against each other). */
function conditionsOf(ask: LicenseAsk): Partial<Record<Filter, Condition>> {
  const kind = ask.kind === 'trial' ? 'trial' : 'commercial';
  const all = (value: string | null): boolean => value === null || value === '' || value.toLowerCase() === 'all';
  return {
    kind: { sql: 't.kind = ?', params: [kind] },
    ...(all(ask.company)
      ? {}
      : { company: { sql: '(t.company_id = ? OR t.user_company = ?)', params: [ask.company, ask.company] } }),
    ...(all(ask.validity) ? {} : { validity: validity(ask.validity === 'expired', ask.now) }),
    // MSP-7.4: looked at in the commercial view only.
    ...(all(ask.usage) || kind === 'trial'
      ? {}
      : { usage: { sql: ask.usage === 'used' ? 't.used > 0' : 't.used = 0', params: [] } }),
    ...(['true', 'only', '1'].includes(ask.autoRenew ?? '')
      ? { autoRenew: { sql: 't.auto_renew = 1', params: [] } }
      : {}),
    ...(all(ask.type) ? {} : { type: { sql: 't.type = ?', params: [ask.type] } }),
    ...(ask.search === null || ask.search.trim() === '' ? {} : { search: found(ask.search) }),
  };
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

function found(text: string): Condition {
  const pattern = contains(text);
  return {
    sql: `(${SEARCHED.map((column) => `lower(${column}) LIKE ? ESCAPE '!'`).join(' OR ')})`,
    params: SEARCHED.map(() => pattern),
  };
}

/** The page, its groups by type, and for each filter what each of its options would give with all others kept. */
export async function listLicenses(reader: Reader, ask: LicenseAsk): Promise<Message<'LicensePage'>> {
  const grid = new Grid(reader, ask);
  const ids = await grid.page();
  const rows: LicenseRow[] = [];
  for (const { id, profile } of ids) rows.push(await fullRow(reader, ask, id, profile));
  const groups = await grid.groups();
  const last = ids.at(-1);
  return {
    rows,
    next: ids.length < ask.limit || last === undefined ? null : JSON.stringify([last.type, last.id]),
    total: groups.reduce((sum, group) => sum + group.count, 0),
    groups,
    requested: await grid.requested(),
    counts: await grid.counts(),
  };
}

class Grid {
  readonly #reader: Reader;
  readonly #ask: LicenseAsk;
  readonly #conditions: Partial<Record<Filter, Condition>>;

  constructor(reader: Reader, ask: LicenseAsk) {
    this.#reader = reader;
    this.#ask = ask;
    this.#conditions = conditionsOf(ask);
  }

  /** Ordered by type, then id: the order of the groups. */
  page(): Promise<{ id: string; type: string; profile: LicenseRow['profile'] }[]> {
    const { after, limit } = this.#ask;
    const [type, id] = readPlace(after);
    const { where, params } = this.#where();
    return this.#reader.all(
      `SELECT t.id, t.type, t.profile FROM ${BOTH} WHERE ${where} AND (t.type > ? OR (t.type = ? AND t.id > ?))
         ORDER BY t.type, t.id LIMIT ?`,
      [...params, type, type, id, limit],
    );
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
    const kind = this.#conditions.kind!;
    const { account } = this.#ask;
    const rows = await this.#reader.all<{ type: string }>(
      `SELECT DISTINCT t.type FROM ${BOTH} WHERE ${kind.sql} ORDER BY t.type`,
      [account, account, account, ...kind.params],
    );
    return rows.map(({ type }) => type);
  }

  async counts(): Promise<Record<string, Record<string, number>>> {
    const { now } = this.#ask;
    const past = `CASE WHEN t.ends_at IS NOT NULL AND t.ends_at <= ${now} THEN 'expired' ELSE 'valid' END`;
    return {
      kind: await this.#countBy('kind', 't.kind'),
      company: await this.#countBy('company', "coalesce(t.company_id, '')"),
      validity: await this.#countBy('validity', past),
      usage: await this.#countBy('usage', "CASE WHEN t.used > 0 THEN 'used' ELSE 'unused' END"),
      autoRenew: await this.#countBy('autoRenew', "CASE WHEN t.auto_renew = 1 THEN 'only' ELSE 'other' END"),
    };
  }

  async #countBy(filter: Filter, option: string): Promise<Record<string, number>> {
    const { where, params } = this.#where(filter);
    const rows = await this.#reader.all<{ name: string; n: number }>(
      `SELECT ${option} AS name, count(*) AS n FROM ${BOTH} WHERE ${where} GROUP BY ${option}`,
      params,
    );
    const counts = Object.fromEntries(rows.map(({ name, n }) => [name, n]));
    return { ...counts, all: rows.reduce((sum, { n }) => sum + n, 0) };
  }

  #where(without?: Filter): { where: string; params: SqlValue[] } {
    const kept = Object.entries(this.#conditions).filter(([name]) => name !== without);
    const { account } = this.#ask;
    return {
      where: kept.length === 0 ? '1 = 1' : kept.map(([, { sql }]) => sql).join(' AND '),
      params: [account, account, account, ...kept.flatMap(([, { params }]) => params)],
    };
  }
}

/** A place in the order of the pages: type and id of the last row shown, as JSON. */
function readPlace(after: string | null): readonly [type: string, id: string] {
  if (after === null) return ['', ''];
  try {
    const [type, id] = JSON.parse(after) as unknown[];
    if (typeof type === 'string' && typeof id === 'string') return [type, id];
  } catch {
    // Told below.
  }
  throw new LeaseholdError('INPUT_INVALID', 'There is no such page.', {
    path: 'query.after',
    remedy: 'Give what the page before said as `next`, or nothing for the first page.',
  });
}

async function fullRow(reader: Reader, { account, now }: LicenseAsk, id: string, profile: string): Promise<LicenseRow> {
  if (profile === 'aip') {
    const row = await reader.get<MachineLicenseRow & Names & { unit: string | null }>(
      `SELECT l.*, c.name AS company_name, (SELECT min(s.instance_id) FROM seats s WHERE s.account = l.account
         AND s.license_id = l.id AND s.state = 'held') AS unit FROM machine_licenses l
         LEFT JOIN companies c ON c.account = l.account AND c.id = l.company_id WHERE l.account = ? AND l.id = ?`,
      [account, id],
    );
    return machineLicenseRow(row!, now);
  }
  const row = await reader.get<InstanceLicenseRow & Names>(
    `SELECT l.*, c.name AS company_name FROM instance_licenses l
       LEFT JOIN companies c ON c.account = l.account AND c.id = l.company_id WHERE l.account = ? AND l.id = ?`,
    [account, id],
  );
  return instanceLicenseRow(row!, now);
}
