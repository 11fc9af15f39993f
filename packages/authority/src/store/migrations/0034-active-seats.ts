import type { Migration } from './migration.js';

/** What the overview adds up leaves revoked licenses out: so its two indexes say which these are. */
export const activeSeats: Migration = {
  id: 34,
  name: 'active-seats',
  statements: [
    'DROP INDEX instance_licenses_ending',
    `CREATE INDEX instance_licenses_ending ON instance_licenses (account, auto_renew, ends_at, id, type, valid_until,
       company_id, state)`,
    'DROP INDEX instance_licenses_seats',
    `CREATE INDEX instance_licenses_seats ON instance_licenses (account, type, company_id, id, assigned_to, valid_until,
       state)`,
  ],
};
