import { isChangeReply, isRequiredQuantity } from '@leasehold/protocol/guards';
import type { ReplyOf, RequestOf } from '@leasehold/protocol';
import { localeOf } from '../texts/format.js';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';

export type Order = RequestOf<'orderCreate'>;

/** How many licenses of a type a company still needs until a day (MSP-5): the reason why people open this form.
 * Of machines and pools nobody counts it: no type. */
export function requiredQuantity(
  live: Live,
  type: string | undefined,
  company: string,
  until: string,
): Resource<ReplyOf<'licensesRequired'> | undefined> {
  return createResource(async (signal) => {
    if (type === undefined) return undefined;
    const query = { type, until, company: company || undefined };
    return live.authority.call('licensesRequired', isRequiredQuantity, { query, signal });
  });
}

/** What an order would cost and how long its licenses would last; nothing is ordered. */
export function priceOf(live: Live, order: Order): Resource<ReplyOf<'orderCreate'>> {
  return createResource((signal) =>
    live.authority.call('orderCreate', isChangeReply, { body: { ...order, dryRun: true }, signal }),
  );
}

/** What a dry run tells of the price: the whole of it, in its currency's smallest unit, where the price list names all. */
export function quoteIn(value: Readonly<Record<string, unknown>> | undefined): {
  readonly amount: string | undefined;
  readonly until: string;
} {
  const { total, currency, validUntil } = value ?? {};
  const until = typeof validUntil === 'string' ? validUntil : '';
  if (typeof total !== 'number' || typeof currency !== 'string') return { amount: undefined, until };
  return { amount: amountText(total, currency), until };
}

/** An amount in its currency's smallest unit, as people write it; undefined for a currency that nobody knows. */
export function amountText(total: number, currency: string): string | undefined {
  try {
    const format = new Intl.NumberFormat(localeOf(), { style: 'currency', currency: currency.toUpperCase() });
    return format.format(total / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return undefined;
  }
}
