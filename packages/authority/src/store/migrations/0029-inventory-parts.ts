import type { Migration } from './migration.js';

/** Reports of inventories that come in several parts, until the last is there. */
export const inventoryParts: Migration = {
  id: 29,
  name: 'inventory-parts',
  statements: [
    // `hosts` is the JSON of what the part told.
    `CREATE TABLE inventory_parts (
       account text NOT NULL, instance_id text NOT NULL, report text NOT NULL, n bigint NOT NULL, hosts text NOT NULL,
       received_at bigint NOT NULL, PRIMARY KEY (account, instance_id, report, n))`,
    'CREATE INDEX inventory_parts_received ON inventory_parts (account, received_at)',
  ],
};
