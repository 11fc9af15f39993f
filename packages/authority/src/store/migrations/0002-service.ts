import type { Migration } from './migration.js';

/** What the service keeps beside the foundation: what a machine is told apart by, what was decided of it, who reported
 * which guest, and what was refused. */
export const service: Migration = {
  id: 2,
  name: 'service',
  statements: [
    // The entitlement that an instance runs on: 'machine_license', 'instance_license' or 'pool_key', and its id.
    'ALTER TABLE instances ADD COLUMN entitlement_kind text',
    'ALTER TABLE instances ADD COLUMN entitlement_id text',
    "ALTER TABLE instances ADD COLUMN verdict text NOT NULL DEFAULT 'same'",
    'ALTER TABLE instances ADD COLUMN forked_at bigint',
    // The rules' answer to "may it back up?" when it was last asked, so that lists and counts are plain SQL.
    'ALTER TABLE instances ADD COLUMN cover_decision text',
    'ALTER TABLE instances ADD COLUMN cover_code text',
    'ALTER TABLE instances ADD COLUMN cover_rule text',
    'ALTER TABLE instances ADD COLUMN covered_by text',
    'ALTER TABLE instances ADD COLUMN was_covered bigint NOT NULL DEFAULT 0',
    'ALTER TABLE instances ADD COLUMN bytes bigint NOT NULL DEFAULT 0',
    'ALTER TABLE instances ADD COLUMN jobs bigint NOT NULL DEFAULT 0',
    // Finds the machine that an activation may come from by any one of its parts.
    `CREATE TABLE machine_components (
       account text NOT NULL, name text NOT NULL, hash text NOT NULL, instance_id text NOT NULL,
       PRIMARY KEY (account, name, hash, instance_id))`,
    'CREATE INDEX machine_components_instance ON machine_components (account, instance_id)',
    // Which instance an activation made. Two of the same request at once, on an engine with concurrent transactions, meet
    // here, and make one.
    `CREATE TABLE activations (
       account text NOT NULL, jkt text NOT NULL, nonce text NOT NULL, instance_id text NOT NULL,
       PRIMARY KEY (account, jkt, nonce))`,
    // Which host a guest lives on, as last reported; the guest may not have an agent yet.
    `CREATE TABLE host_guests (
       account text NOT NULL, guest text NOT NULL, host_id text NOT NULL, reported_at bigint NOT NULL,
       PRIMARY KEY (account, guest))`,
    'CREATE INDEX host_guests_host ON host_guests (account, host_id, guest)',
    `CREATE TABLE refusals (
       account text NOT NULL, id text NOT NULL, at bigint NOT NULL, instance_id text, action text NOT NULL,
       decision text NOT NULL, recorded_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    'CREATE INDEX refusals_recorded ON refusals (account, recorded_at, id)',
    'ALTER TABLE sessions ADD COLUMN technician_name text',
    'ALTER TABLE sessions ADD COLUMN nonce text',
    'ALTER TABLE sessions ADD COLUMN jkt text',
    'ALTER TABLE media ADD COLUMN licensee text',
    'ALTER TABLE media ADD COLUMN machines bigint NOT NULL DEFAULT 0',
    // The quota that a pool key's server fetched at its last check (LMP-3.11), JSON.
    'ALTER TABLE pool_keys ADD COLUMN fetched text',
  ],
};
