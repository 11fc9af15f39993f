import type { Sorts } from '../serving/sorting.js';
import { FACET } from './license-index.js';

/** What licenses are sorted by: keys of `license_views v`, in which every text stands so that it sorts the same in every
 * database. An end that never comes stands last, a name that is missing first; what is used at all follows what is not,
 * because the seats of one license change too often to be kept in an order. */
export const SORTS: Sorts = {
  type: { sql: 'v.type', is: 'string' },
  id: { sql: 'v.id', is: 'string' },
  company: { sql: 'v.company_key', is: 'string' },
  computer: { sql: 'v.computer_key', is: 'string' },
  user: { sql: 'v.user_key', is: 'string' },
  validUntil: { sql: 'v.until_key', is: 'number' },
  used: { sql: `(v.facet & ${FACET.used}) / ${FACET.used}`, is: 'number' },
};
