import type { Cals, Catalog, PaymentMode } from '@leasehold/terms';
import { assertEdition } from '../catalogs/editions.js';
import { assertBringsCals } from '../pools/cals.js';
import { isPoolType, unsold } from './price-items.js';
import type { Wanted } from './prices.js';

/** What is bought: licenses of instances by type, of machines and hosts by edition and term, or poolable licenses (OEM,
 * Standard), each with its client access licenses. */
export interface Goods {
  readonly profile: 'msp' | 'aip' | 'lmp';
  readonly type: string;
  /** Of machines alone. */
  readonly term: 'subscription' | 'perpetual' | 'trial' | null;
  /** Of poolable licenses alone. */
  readonly cals: Cals | null;
}

/** Paid once, with no payment mode: what never ends, and a poolable license, whose maintenance is by the year. */
export const isPaidOnce = ({ profile, term }: Goods): boolean => profile === 'lmp' || term === 'perpetual';

/** What stands against goods that could never cover anything. @throws LeaseholdError INPUT_INVALID */
export function assertSold(goods: Goods, catalog: Catalog): void {
  const { profile, type, term, cals } = goods;
  if (profile === 'aip') {
    if (term === null) throw unsold('term', 'A license of machines is a subscription or perpetual.');
    assertEdition(type, catalog, 'type');
  } else if (term !== null) throw unsold('term', 'Only licenses of machines have a term to choose.', 'Leave it out.');
  if (profile !== 'lmp') {
    if (cals !== null) throw unsold('cals', 'Only poolable licenses bring client access licenses.', 'Leave them out.');
    return;
  }
  if (!isPoolType(type)) throw unsold('type', 'A poolable license is OEM or Standard.');
  assertBringsCals(cals, 'cals');
}

/** The lines of an order. Names of the price list: `license:TYPE`, `machine:EDITION` (by month, year or once, as its term
 * says), `pool:TYPE:CAL` once and `maintenance:CAL` by the year. */
export function linesOf(goods: Goods, quantity: number, periods: number): Wanted[] {
  const { profile, type, cals } = goods;
  const once = isPaidOnce(goods);
  if (profile !== 'lmp') return [{ item: itemOf(goods), quantity, periods: once ? 1 : periods, once }];
  const bought = Object.entries(cals!).filter(([, count]) => count > 0);
  return [
    ...bought.map(([cal, n]) => ({ item: `pool:${type}:${cal}`, quantity: n * quantity, periods: 1, once: true })),
    ...bought.map(([cal, n]) => ({ item: `maintenance:${cal}`, quantity: n * quantity, periods })),
  ];
}

/** What a license of an instance or of machines is called in the price list. */
export function itemOf({ profile, type }: Pick<Goods, 'profile' | 'type'>): string {
  return `${profile === 'aip' ? 'machine' : 'license'}:${type}`;
}

/** By what its lines with periods are priced: maintenance is by the year, whatever the payment mode. */
export const pricedBy = ({ profile }: Goods, mode: PaymentMode | null): PaymentMode =>
  profile === 'lmp' || mode === null ? 'annual' : mode;
