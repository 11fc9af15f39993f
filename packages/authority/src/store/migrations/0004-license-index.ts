import type { Migration } from './migration.js';

/** What the license grid asks, ready to be read: see licenses/license-index.ts, which keeps these tables.
 * They are filled by a later migration, whose columns that takes (0030-license-orders.ts). */
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
};
