import type { Migration } from './migration.js';

/** Licenses that the vendor granted to an authority that somebody else runs. */
export const vendorGrants: Migration = {
  id: 23,
  name: 'vendor-grants',
  statements: [
    // 1: licenses come in by grants alone.
    'ALTER TABLE accounts ADD COLUMN by_grants bigint NOT NULL DEFAULT 0',
    'ALTER TABLE instance_licenses ADD COLUMN grant_id text',
    // `token` is the vendor's word as it was signed: it can be shown again to whoever audits.
    `CREATE TABLE vendor_grants (
       account text NOT NULL, id text NOT NULL, token text NOT NULL, licenses bigint NOT NULL, imported_by text NOT NULL,
       imported_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  ],
};
