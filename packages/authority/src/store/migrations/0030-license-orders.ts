import { ALL_VIEW, FACET, indexLicenses } from '../../licenses/license-index.js';
import type { Tx } from '../tx.js';
import type { Migration } from './migration.js';

const SLICE = 500;

/** The license grid's rows know their place in every order of the list (licenses/sort-columns.ts). The indexes of the
 * orders follow in a migration of their own: made over rows that are filled, they take a fraction of the time. */
export const licenseOrders: Migration = {
  id: 30,
  name: 'license-orders',
  statements: [
    "ALTER TABLE license_views ADD COLUMN company_key text NOT NULL DEFAULT ''",
    "ALTER TABLE license_views ADD COLUMN computer_key text NOT NULL DEFAULT ''",
    "ALTER TABLE license_views ADD COLUMN user_key text NOT NULL DEFAULT ''",
    'ALTER TABLE license_views ADD COLUMN until_key bigint NOT NULL DEFAULT 9000000000000000',
    // Companies whose licenses still stand by the old name, and how far they were followed.
    `CREATE TABLE renamed_companies (
       account text NOT NULL, company_id text NOT NULL, facet bigint NOT NULL, type text NOT NULL, id text NOT NULL,
       PRIMARY KEY (account, company_id))`,
  ],
  backfill: indexSlice,
};

type Place = readonly [table: 'machine_licenses' | 'instance_licenses', account: string, id: string];

/** Indexes the licenses that follow `progress`, in the order of table, account, id. */
export async function indexSlice(tx: Tx, progress: string | null): Promise<string | null> {
  const [table, account, id]: Place =
    progress === null ? ['machine_licenses', '', ''] : (JSON.parse(progress) as Place);
  const rows = await tx.all<{ account: string; id: string; updated_at: number; facet: number | null }>(
    `SELECT l.account, l.id, l.updated_at, v.facet FROM ${table} l
       LEFT JOIN license_views v ON v.account = l.account AND v.id = l.id AND v.view = '${ALL_VIEW}'
       WHERE (l.account, l.id) > (?, ?) ORDER BY l.account, l.id LIMIT ?`,
    [account, id, SLICE],
  );
  for (const owner of new Set(rows.map((row) => row.account))) {
    const own = rows.filter((row) => row.account === owner);
    const expired = own.filter(({ facet }) => facet !== null && (facet & FACET.expired) !== 0);
    const others = own.filter((row) => !expired.includes(row));
    // What has ended stays so. Others as of their last change: the next run of `expireLicenses` moves what ended since.
    await indexLicenses(tx, owner, idsOf(expired), Number.MAX_SAFE_INTEGER);
    await indexLicenses(tx, owner, idsOf(others), Math.max(...others.map((row) => row.updated_at)));
  }
  const last = rows.at(-1);
  if (last !== undefined) return JSON.stringify([table, last.account, last.id]);
  return table === 'machine_licenses' ? JSON.stringify(['instance_licenses', '', '']) : null;
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
