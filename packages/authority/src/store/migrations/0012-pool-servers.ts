import type { Migration } from './migration.js';

/** Finds what a backup server runs on by the server. */
export const poolServers: Migration = {
  id: 12,
  name: 'pool-servers',
  statements: [
    'CREATE INDEX pool_keys_server ON pool_keys (account, server_id)',
    'CREATE INDEX pool_licenses_applied ON pool_licenses (account, applied_to)',
  ],
};
