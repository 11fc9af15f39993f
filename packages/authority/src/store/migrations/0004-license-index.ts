import { indexLicenses } from '../../licenses/license-index.js';
import type { Tx } from '../tx.js';
import type { Migration } from './migration.js';

const SLICE = 500;

/** What the license grid asks, ready to be read: see licenses/license-index.ts, which keeps these tables. */
export const licenseIndex: Migration = {
  id: 4,
  name: 'license-index',
  statements: [
    // One row for each view in which a license is seen: '*' and those of its companies. The key is the grid's order.
    `CREATE TABLE license_views (
       account text NOT NULL, view text NOT NULL, facet bigint NOT NULL, type text NOT NULL, id text NOT NULL,
       due_at bigint, PRIMARY KEY (account, view, facet, type, id))`,
    'CREATE UNIQUE INDEX license_views_id ON license_views (account, id, view)',
    'CREATE INDEX license_views_due ON license_views (account, due_at, id)',
    `CREATE TABLE license_terms (
       account text NOT NULL, term text NOT NULL, id text NOT NULL, PRIMARY KEY (account, term, id))`,
    'CREATE INDEX license_terms_id ON license_terms (account, id, term)',
    `CREATE TABLE license_counts (
       account text NOT NULL, view text NOT NULL, type text NOT NULL, facet bigint NOT NULL, n bigint NOT NULL,
       PRIMARY KEY (account, view, type, facet))`,
    // The seats of one license that wait for their lease to end, without a look at those that are held.
    'CREATE INDEX seats_waiting ON seats (account, license_id, state, reusable_from)',
  ],
  backfill: indexSlice,
};

type Place = readonly [table: 'machine_licenses' | 'instance_licenses', account: string, id: string];

/** Indexes the licenses that follow `progress`, in the order of table, account, id. */
async function indexSlice(tx: Tx, progress: string | null): Promise<string | null> {
  const [table, account, id]: Place =
    progress === null ? ['machine_licenses', '', ''] : (JSON.parse(progress) as Place);
  const rows = await tx.all<{ account: string; id: string; updated_at: number }>(
    `SELECT account, id, updated_at FROM ${table} WHERE (account, id) > (?, ?) ORDER BY account, id LIMIT ?`,
    [account, id, SLICE],
  );
  for (const owner of new Set(rows.map((row) => row.account))) {
    const own = rows.filter((row) => row.account === owner);
    // As of their last change: what has ended since is moved by the next run of `expireLicenses`.
    await indexLicenses(
      tx,
      owner,
      own.map((row) => row.id),
      Math.max(...own.map((row) => row.updated_at)),
    );
  }
  const last = rows.at(-1);
  if (last !== undefined) return JSON.stringify([table, last.account, last.id]);
  return table === 'machine_licenses' ? JSON.stringify(['instance_licenses', '', '']) : null;
}
