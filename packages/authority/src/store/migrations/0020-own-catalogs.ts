import type { Migration } from './migration.js';

/** A vendor's own catalogs: every version that was uploaded, and which are in force. */
export const ownCatalogs: Migration = {
  id: 20,
  name: 'own-catalogs',
  statements: [
    // `token` holds the catalog as JSON; the leases that carry it are what is signed.
    "ALTER TABLE catalogs ADD COLUMN profile text NOT NULL DEFAULT 'aip'",
    "ALTER TABLE catalogs ADD COLUMN label text NOT NULL DEFAULT ''",
    "ALTER TABLE catalogs ADD COLUMN author text NOT NULL DEFAULT 'system'",
    // 'kept' or 'active'; one is active in each profile, else the built-in one decides.
    "ALTER TABLE catalogs ADD COLUMN state text NOT NULL DEFAULT 'kept'",
    'ALTER TABLE catalogs ADD COLUMN activated_at bigint',
    // The version that it took the place of; null: the built-in one.
    'ALTER TABLE catalogs ADD COLUMN replaced bigint',
    // Those in force as JSON, by profile: every command reads its account and nothing more for them.
    'ALTER TABLE accounts ADD COLUMN catalogs text',
  ],
};
