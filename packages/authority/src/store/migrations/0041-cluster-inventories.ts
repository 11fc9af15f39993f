import type { Migration } from './migration.js';

/** When what is known of a cluster group was read, so that a report which comes late takes nothing back. Null: it was told of
 * before this was kept. */
export const clusterInventories: Migration = {
  id: 41,
  name: 'cluster-inventories',
  statements: ['ALTER TABLE cluster_groups ADD COLUMN inventory_at bigint'],
};
