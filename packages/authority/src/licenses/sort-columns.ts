import type { SortColumn, Sorts } from '../serving/sorting.js';
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
  used: ofFacet(FACET.used),
  autoRenew: ofFacet(FACET.autoRenew),
};

/** The columns of which a facet has one value: it needs no index of its own. */
export const FACET_OF: ReadonlyMap<SortColumn, number> = new Map([
  [SORTS['used']!, FACET.used],
  [SORTS['autoRenew']!, FACET.autoRenew],
]);

function ofFacet(bit: number): SortColumn {
  return { sql: `(v.facet & ${bit}) / ${bit}`, is: 'number' };
}
