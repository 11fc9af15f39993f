import type { Migration } from './migration.js';

/** One index for each order in which the license grid shows a type (licenses/pages-in-order.ts); those by type and by id
 * have the key of the table. */
export const licenseOrderIndexes: Migration = {
  id: 31,
  name: 'license-order-indexes',
  statements: [
    'CREATE INDEX license_views_company ON license_views (account, view, facet, type, company_key, id)',
    'CREATE INDEX license_views_computer ON license_views (account, view, facet, type, computer_key, id)',
    'CREATE INDEX license_views_user ON license_views (account, view, facet, type, user_key, id)',
    'CREATE INDEX license_views_until ON license_views (account, view, facet, type, until_key, id)',
  ],
};
