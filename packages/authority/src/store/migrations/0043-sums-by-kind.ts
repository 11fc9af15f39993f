import type { Migration } from './migration.js';

/** What the overview adds up is what its links list: commercial licenses, and those that are valid. So its two indexes say
 * which these are. */
export const sumsByKind: Migration = {
  id: 43,
  name: 'sums-by-kind',
  statements: [
    'DROP INDEX instance_licenses_ending',
    `CREATE INDEX instance_licenses_ending ON instance_licenses (account, auto_renew, ends_at, id, type, valid_until,
       company_id, state, kind)`,
    'DROP INDEX instance_licenses_seats',
    `CREATE INDEX instance_licenses_seats ON instance_licenses (account, type, company_id, id, assigned_to, valid_until,
       state, kind, ends_at)`,
  ],
};
