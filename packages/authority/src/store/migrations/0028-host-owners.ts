import type { Migration } from './migration.js';

/** Whose a hypervisor host or a cluster group is: of the company of whoever reported it first; null: the provider's. */
export const hostOwners: Migration = {
  id: 28,
  name: 'host-owners',
  statements: [
    'ALTER TABLE hosts ADD COLUMN company_id text',
    'ALTER TABLE cluster_groups ADD COLUMN company_id text',
    // Who of another company told of the host last, and when: nothing of it was taken over.
    'ALTER TABLE hosts ADD COLUMN contested_by text',
    'ALTER TABLE hosts ADD COLUMN contested_at bigint',
    `UPDATE hosts SET company_id = (SELECT i.company_id FROM instances i WHERE i.account = hosts.account
       AND 'instance:' || i.id = hosts.reported_by)`,
  ],
};
