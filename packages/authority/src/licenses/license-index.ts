import type { ChangedRow, Reader, SqlParams, Tx } from '../store/index.js';
import { linesOf } from '../companies/tree.js';
import { searchTerms, sortable } from './search-terms.js';

/** The license grid over any number of licenses: what it filters by is one small number, the facet, so that every
 * combination of filters is a handful of ranges of one key, and the counts for the filters are kept, not counted. The
 * rows are derived from the license tables in the transaction that changes a license, by the rows that its journal line
 * names. */
export const FACET = { trial: 1, used: 2, autoRenew: 4, expired: 8 } as const;

/** The view that shows every license; the others are `c:<company id>`. */
export const ALL_VIEW = '*';
export const companyView = (company: string): string => `c:${company}`;

/** As a license stands in its table: what the index depends on. */
interface Source {
  readonly id: string;
  readonly type: string;
  readonly trial: number;
  readonly used: number;
  readonly auto_renew: number;
  readonly ends_at: number | null;
  readonly company_id: string | null;
  readonly company_name: string | null;
  /** The company of the instance that holds it (A-17: seen there too). */
  readonly user_company: string | null;
  readonly assigned_to: string | null;
  readonly computer_name: string | null;
  readonly user_name: string | null;
}

/** A row of `license_views`: where a license is seen, by what it is filtered there, and its place in every order. */
interface View {
  readonly id: string;
  readonly view: string;
  readonly facet: number;
  readonly type: string;
  readonly due_at: number | null;
  readonly company_key: string;
  readonly computer_key: string;
  readonly user_key: string;
  readonly until_key: number;
}
const COLUMNS = [
  'view',
  'facet',
  'type',
  'id',
  'due_at',
  'company_key',
  'computer_key',
  'user_key',
  'until_key',
] as const satisfies readonly (keyof View)[];

/** An end that never comes: after all that do. */
const NEVER = 9_000_000_000_000_000;

/** The store's projection: called with the rows that a command's journal lines say changed. */
export async function projectLicenses(
  tx: Tx,
  account: string,
  rows: readonly ChangedRow[],
  now: number,
): Promise<void> {
  const ids = rows.filter((row) => row.table === 'license').map((row) => row.id);
  if (ids.length > 0) await indexLicenses(tx, account, [...new Set(ids)].sort(), now);
}

/** Brings the index of these licenses up to what their tables say. */
export async function indexLicenses(tx: Tx, account: string, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  const sources = await sourcesOf(tx, account, ids);
  const owners = sources.flatMap(({ company_id: owner, user_company: user }) => [owner, user]);
  const lines = await linesOf(
    tx,
    account,
    owners.filter((company) => company !== null),
  );
  await indexViews(
    tx,
    account,
    ids,
    sources.flatMap((source) => viewsFor(source, lines, now)),
  );
  await indexTerms(tx, account, ids, sources);
}

/** Moves licenses whose end has come from valid to expired, up to `limit` of them, and back those that a clock which stood
 * ahead had moved. Answers how many it moved. */
export async function expireLicenses(tx: Tx, input: { account: string; limit: number }, now: number): Promise<number> {
  const due = await tx.all<{ id: string }>(
    `SELECT id FROM (SELECT id FROM license_views WHERE account = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?) AS ended
       UNION ALL SELECT v.id FROM license_counts c CROSS JOIN license_views v WHERE c.account = ? AND c.view = ?
         AND c.facet >= ? AND c.n > 0 AND v.account = c.account AND v.view = c.view AND v.facet = c.facet
         AND v.type = c.type AND v.until_key > ? LIMIT ?`,
    [input.account, now, input.limit, input.account, ALL_VIEW, FACET.expired, now, input.limit],
  );
  await indexLicenses(tx, input.account, due.map(({ id }) => id).sort(), now);
  return due.length;
}

async function sourcesOf(reader: Reader, account: string, ids: readonly string[]): Promise<Source[]> {
  const some = marks(ids);
  return reader.all<Source>(
    `SELECT l.id, l.edition AS type, CASE WHEN l.term = 'trial' THEN 1 ELSE 0 END AS trial, CASE WHEN l.used > 0 THEN 1
       ELSE 0 END AS used, 0 AS auto_renew, l.ends_at, l.company_id, c.name AS company_name, NULL AS user_company,
       l.bound_id AS assigned_to, NULL AS computer_name, NULL AS user_name
       FROM machine_licenses l LEFT JOIN companies c ON c.account = l.account AND c.id = l.company_id
       WHERE l.account = ? AND l.id IN (${some})
     UNION ALL
     SELECT l.id, l.type, CASE WHEN l.kind = 'trial' THEN 1 ELSE 0 END, CASE WHEN l.assigned_to IS NULL THEN 0 ELSE 1 END,
       l.auto_renew, l.ends_at, l.company_id, c.name, i.company_id, l.assigned_to, l.computer_name, l.user_name
       FROM instance_licenses l LEFT JOIN companies c ON c.account = l.account AND c.id = l.company_id
       LEFT JOIN instances i ON i.account = l.account AND i.id = l.assigned_to
       WHERE l.account = ? AND l.id IN (${some})`,
    [account, ...ids, account, ...ids],
  );
}

/** A license is seen at its company, at that of its user (A-17), and at every reseller above. */
function viewsFor(source: Source, lines: ReadonlyMap<string, readonly string[]>, now: number): View[] {
  const expired = source.ends_at !== null && source.ends_at <= now;
  const facet =
    source.trial * FACET.trial +
    source.used * FACET.used +
    source.auto_renew * FACET.autoRenew +
    (expired ? FACET.expired : 0);
  const own = [source.company_id, source.user_company].filter((company) => company !== null);
  const companies = own.flatMap((company) => lines.get(company) ?? [company]);
  const views = [ALL_VIEW, ...new Set(companies.map(companyView))];
  const { id, type, ends_at: endsAt } = source;
  const keys = {
    company_key: sortable(source.company_name ?? ''),
    computer_key: sortable(source.computer_name || (source.assigned_to ?? '')),
    user_key: sortable(source.user_name ?? ''),
    until_key: endsAt ?? NEVER,
  };
  // One row of a license is enough to find it when its end comes.
  return views.map((view) => ({
    id,
    view,
    facet,
    type,
    due_at: expired || view !== ALL_VIEW ? null : endsAt,
    ...keys,
  }));
}

/** Replaces the rows of those licenses that are not seen as before, and moves the counters by the difference. */
async function indexViews(tx: Tx, account: string, ids: readonly string[], after: readonly View[]): Promise<void> {
  const before = await tx.all<View>(
    `SELECT ${COLUMNS.join(', ')} FROM license_views WHERE account = ? AND id IN (${marks(ids)})`,
    [account, ...ids],
  );
  const old = grouped(before);
  const fresh = grouped(after);
  const changed = ids.filter((id) => keysOf(old.get(id)) !== keysOf(fresh.get(id)));
  if (changed.length === 0) return;
  await tx.run(`DELETE FROM license_views WHERE account = ? AND id IN (${marks(changed)})`, [account, ...changed]);
  const left = changed.flatMap((id) => old.get(id) ?? []);
  const come = changed.flatMap((id) => fresh.get(id) ?? []);
  await insertAll(
    tx,
    `INSERT INTO license_views (account, ${COLUMNS.join(', ')})`,
    come.map((view) => [account, ...COLUMNS.map((column) => view[column])]),
  );
  await count(tx, account, left, come);
}

function grouped(views: readonly View[]): ReadonlyMap<string, View[]> {
  const groups = new Map<string, View[]>();
  for (const view of views) groups.set(view.id, [...(groups.get(view.id) ?? []), view]);
  return groups;
}

function keysOf(views: readonly View[] = []): string {
  const keys = views.map((view) => JSON.stringify(COLUMNS.map((column) => view[column])));
  return keys.sort().join(' ');
}

/** What a search looks at (rules 1.8); the same as the columns of scan-grid.ts. */
const SEARCHED = [
  'id',
  'type',
  'company_id',
  'company_name',
  'assigned_to',
  'computer_name',
  'user_name',
] as const satisfies readonly (keyof Source)[];

async function indexTerms(tx: Tx, account: string, ids: readonly string[], sources: readonly Source[]): Promise<void> {
  const rows = await tx.all<{ term: string; id: string }>(
    `SELECT term, id FROM license_terms WHERE account = ? AND id IN (${marks(ids)})`,
    [account, ...ids],
  );
  const before = new Set(rows.map(({ term, id }) => JSON.stringify([account, term, id])));
  const after = new Set(
    sources.flatMap((source) =>
      searchTerms(SEARCHED.map((column) => source[column])).map((term) => JSON.stringify([account, term, source.id])),
    ),
  );
  for (const gone of [...before].filter((key) => !after.has(key)))
    await tx.run(
      'DELETE FROM license_terms WHERE account = ? AND term = ? AND id = ?',
      JSON.parse(gone) as [string, string, string],
    );
  const come = [...after].filter((key) => !before.has(key)).map((key) => JSON.parse(key) as [string, string, string]);
  await insertAll(tx, 'INSERT INTO license_terms (account, term, id)', come);
}

/** Moves the counters, in one order, so that two commands never wait for each other in a circle. */
async function count(tx: Tx, account: string, left: readonly View[], come: readonly View[]): Promise<void> {
  const changes = new Map<string, number>();
  for (const [views, by] of [
    [left, -1],
    [come, 1],
  ] as const)
    for (const { view, type, facet } of views) {
      const key = JSON.stringify([view, type, facet]);
      changes.set(key, (changes.get(key) ?? 0) + by);
    }
  const moved = [...changes].filter(([, by]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  await insertAll(
    tx,
    'INSERT INTO license_counts (account, view, type, facet, n)',
    moved.map(([key, by]) => [account, ...(JSON.parse(key) as [string, string, number]), by]),
    'ON CONFLICT (account, view, type, facet) DO UPDATE SET n = license_counts.n + excluded.n',
  );
}

/** Rows of one statement: far below the parameter limits of both engines. */
const ROWS_AT_ONCE = 500;

async function insertAll(tx: Tx, into: string, rows: readonly SqlParams[], otherwise = ''): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE);
    await tx.run(`${into} VALUES ${some.map((row) => `(${marks(row)})`).join(', ')} ${otherwise}`, some.flat());
  }
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
