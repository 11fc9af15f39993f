import { amountText } from '../../model/buying.js';
import type { OrderRow } from '../../model/orders.js';
import { calName } from '../../model/pools.js';
import { b } from '../../texts/buying.js';
import { typeName } from '../../texts/names.js';
import { o } from '../../texts/orders.js';

/** What a line of an order is for: `license:server` and `machine:virtual` are the type, `pool:OEM:obm` and
 * `maintenance:obm` client access licenses; an add-on has a name of its own. */
export function itemName(item: string): string {
  if (isOnce(item)) return b.value[item];
  const [what, type = '', cal = ''] = item.split(':');
  if (what === 'pool') return `${type} ${calName(cal)}`;
  if (what === 'maintenance') return `${o.value.kinds.maintenance} ${calName(type)}`.trim();
  return typeName(type || item);
}

/** Add-ons are paid once, licenses and maintenance for their periods. */
export const isOnce = (item: string): item is 'premium_support' | 'onboarding' =>
  item === 'premium_support' || item === 'onboarding';

/** The whole of an order; where the price list does not name every line, the invoice says it. */
export function totalOf({ total, currency }: OrderRow): string {
  if (total === null || currency === null) return o.value.byInvoice;
  return amountText(total, currency) ?? o.value.byInvoice;
}
