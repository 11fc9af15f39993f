import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Catalog, Profile } from '@leasehold/terms';
import { assertEdition } from '../catalogs/editions.js';

type Price = Message<'PriceList'>['prices'][number];

/** What stands against a price that no order would ever ask for. @throws LeaseholdError INPUT_INVALID */
export function assertPrice({ item, per }: Price, catalogs: Readonly<Record<Profile, Catalog>>, path: string): void {
  const [what = '', type = '', ...cal] = item.split(':');
  if (what === 'machine') return assertEdition(type, catalogs.aip, `${path}.item`);
  const times = timesOf(what, type, cal.join(':'), catalogs.msp);
  if (times === undefined) {
    throw unsold(
      `${path}.item`,
      `Nothing that is sold is called ${item}.`,
      'One of license:TYPE, machine:EDITION, pool:OEM:CAL, pool:Standard:CAL, maintenance:CAL and the add-ons.',
    );
  }
  if (times.includes(per)) return;
  throw unsold(`${path}.per`, `No order asks for ${item} by ${per}.`, `It is sold by ${times.join(' or ')}.`);
}

function timesOf(what: string, type: string, cal: string, msp: Catalog): readonly Price['per'][] | undefined {
  if (what === 'license') return type === '' ? undefined : ['month', 'year'];
  if (what === 'maintenance') return type === '' ? undefined : ['year'];
  if (what === 'pool') return isPoolType(type) && cal !== '' ? ['once'] : undefined;
  const sold = (msp.rules['license.buy'] ?? []).some(
    (row) => row.kind === 'buy.order' && 'addOns' in row && Array.isArray(row.addOns) && row.addOns.includes(what),
  );
  return type === '' && sold ? ['once'] : undefined;
}

export const isPoolType = (type: string): boolean => type === 'OEM' || type === 'Standard';

export function unsold(path: string, message: string, remedy = 'See the price list and the catalog.'): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', message, { path, remedy });
}
