import type { Migration } from './migration.js';

/** The counters in the order in which the license grid adds them up by company: of one facet, or of one facet and type.
 * Nothing is read beside these indexes, and nothing of companies that have no such license. */
export const countsByFacet: Migration = {
  id: 27,
  name: 'counts-by-facet',
  statements: [
    'CREATE INDEX license_counts_facet ON license_counts (account, facet, view, n)',
    'CREATE INDEX license_counts_type ON license_counts (account, facet, type, view, n)',
    'DROP INDEX license_counts_sum',
  ],
};
