import type { Migration } from './migration.js';

/** What an admin does with licenses beside assigning them. */
export const licenseDesk: Migration = {
  id: 9,
  name: 'license-desk',
  statements: [
    // 'active' or 'revoked', as a machine license has it from the beginning.
    "ALTER TABLE instance_licenses ADD COLUMN state text NOT NULL DEFAULT 'active'",
  ],
};
