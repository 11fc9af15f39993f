import type { Message } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import type { Scope } from '../companies/reach.js';
import type { Reader } from '../store/index.js';
import { IndexGrid } from './index-grid.js';
import type { InstanceLicenseRow } from './instance-license.js';
import type { MachineLicenseRow } from './machine-license.js';
import { instanceLicenseRow, machineLicenseRow, type LicenseRow, type Names, type Seated } from './rows.js';
import { ScanGrid } from './scan-grid.js';

/** The search box and the filters above the grid (MSP-7 to MSP-7.5); null stands for the filter's default. */
export interface LicenseAsk {
  readonly account: string;
  /** The company that the caller acts for; its view holds all below it. */
  readonly scope: Scope;
  readonly after: string | null;
  readonly limit: number;
  /** A column of {@link SORTS}, with a minus for downwards; null: by type, then id, the order of the groups, and
   * with a search by the word that was found. */
  readonly sort: string | null;
  readonly search: string | null;
  readonly company: string | null;
  readonly kind: string | null;
  readonly validity: string | null;
  readonly usage: string | null;
  readonly autoRenew: string | null;
  readonly type: string | null;
  readonly now: number;
}

/** What a grid answers for the filters of one ask. */
export interface Grid {
  page(): Promise<GridPage>;
  groups(): Promise<{ type: string; count: number; used: number }[]>;
  requested(): Promise<string[]>;
  counts(): Promise<Record<string, Record<string, number>>>;
}
export interface GridPage {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/** Up to here a search looks into every license, anywhere in a field; above, at the beginnings of words (indexed). */
const LOOKED_THROUGH = 2_000;

/** The page, its groups by type, and for each filter what each of its options would give with all others kept. */
export async function listLicenses(reader: Reader, ask: LicenseAsk): Promise<Message<'LicensePage'>> {
  const index = new IndexGrid(reader, ask);
  const isSearched = ask.search !== null && ask.search.trim() !== '';
  const grid = isSearched && (await index.owned()) <= LOOKED_THROUGH ? new ScanGrid(reader, ask) : index;
  const { ids, next } = await grid.page();
  const groups = await grid.groups();
  return {
    rows: await fullRows(reader, ask, ids),
    next,
    total: groups.reduce((sum, group) => sum + group.count, 0),
    groups,
    requested: await grid.requested(),
    counts: await grid.counts(),
  };
}

/** A subquery: the join would have PostgreSQL read every company for a page of a hundred licenses. */
const COMPANY_NAME =
  '(SELECT c.name FROM companies c WHERE c.account = l.account AND c.id = l.company_id) AS company_name';

/** The rows of these licenses, in their order. */
async function fullRows(reader: Reader, { account, now }: LicenseAsk, ids: readonly string[]): Promise<LicenseRow[]> {
  if (ids.length === 0) return [];
  const some = ids.map(() => '?').join(', ');
  const machine = await reader.all<MachineLicenseRow & Names & Seated>(
    `SELECT l.*, ${COMPANY_NAME}, CASE WHEN l.quota = 1 THEN (SELECT min(s.instance_id) FROM seats s
       WHERE s.account = l.account AND s.license_id = l.id AND s.state = 'held') END AS unit, (SELECT min(w.reusable_from) FROM seats w
       WHERE w.account = l.account AND w.license_id = l.id AND w.state = 'waiting') AS waiting_until
       FROM machine_licenses l WHERE l.account = ? AND l.id IN (${some})`,
    [account, ...ids],
  );
  const instance = await reader.all<InstanceLicenseRow & Names>(
    `SELECT l.*, ${COMPANY_NAME} FROM instance_licenses l WHERE l.account = ? AND l.id IN (${some})`,
    [account, ...ids],
  );
  const own = await accountOf(reader, account);
  const rows = [
    ...machine.map((row) => machineLicenseRow(own, row, now)),
    ...instance.map((row) => instanceLicenseRow(row, now)),
  ];
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
