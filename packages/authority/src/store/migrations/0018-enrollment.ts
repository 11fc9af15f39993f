import type { Migration } from './migration.js';

/** Keys for the roll-out to many machines. */
export const enrollment: Migration = {
  id: 18,
  name: 'enrollment',
  statements: [
    // `licenses` is a JSON array of ids, or null: then all of `profile` and `type` that belong to the company.
    `CREATE TABLE enrollment_keys (
       account text NOT NULL, id text NOT NULL, hash text NOT NULL, name text NOT NULL, company_id text, licenses text,
       profile text, type text, max_uses bigint NOT NULL, used bigint NOT NULL, author text NOT NULL,
       created_at bigint NOT NULL, expires_at bigint NOT NULL, revoked_at bigint, last_used_at bigint,
       PRIMARY KEY (account, id))`,
    // The machines that a key was used by: each counts once.
    `CREATE TABLE enrollments (
       account text NOT NULL, key_id text NOT NULL, instance_id text NOT NULL, enrolled_at bigint NOT NULL,
       PRIMARY KEY (account, key_id, instance_id))`,
    'CREATE INDEX machine_licenses_type ON machine_licenses (account, edition, company_id, id)',
    'CREATE INDEX instance_licenses_type ON instance_licenses (account, type, company_id, id)',
  ],
};
