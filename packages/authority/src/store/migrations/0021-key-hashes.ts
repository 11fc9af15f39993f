import type { Migration } from './migration.js';

/** A key is found by its hash in the directory, where each has its place; nothing ever read these columns. */
export const keyHashes: Migration = {
  id: 21,
  name: 'key-hashes',
  statements: [
    'ALTER TABLE machine_licenses DROP COLUMN key_hash',
    'ALTER TABLE machine_licenses DROP COLUMN key_hint',
    'ALTER TABLE pool_keys DROP COLUMN key_hash',
    'ALTER TABLE pool_keys DROP COLUMN key_hint',
  ],
};
