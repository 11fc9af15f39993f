import type { Migration } from './migration.js';

/** The counters in the order in which the license grid adds them up by company, with the number itself: nothing is read
 * beside this index. */
export const companyCounts: Migration = {
  id: 10,
  name: 'company-counts',
  statements: ['CREATE INDEX license_counts_sum ON license_counts (account, view, facet, type, n)'],
};
