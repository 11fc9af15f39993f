import { LeaseholdError } from '@leasehold/protocol';
import type { PaymentService } from './service.js';

/** Links to the seller's own page, where `{order}`, `{number}`, `{total}` and `{currency}` stand for the order's. Whoever
 * takes the payment there marks the order paid. */
export function linkService(template: string): PaymentService {
  if (!/^https?:\/\/[^\s]+$/.test(template)) {
    throw new LeaseholdError('OPTIONS_INVALID', 'The pay link is no address.', {
      path: 'payments.link',
      remedy: 'Write it like https://pay.example/invoice/{number}?amount={total}&currency={currency}.',
    });
  }
  return {
    name: 'link',
    payPlace: async ({ id, number, total, currency }) => {
      const members: Readonly<Record<string, string>> = {
        order: id,
        number: String(number),
        total: total === null ? '' : String(total),
        currency: currency ?? '',
      };
      const url = template.replaceAll(/\{(order|number|total|currency)\}/g, (_all, name: string) => {
        return encodeURIComponent(members[name]!);
      });
      return { url, until: null };
    },
  };
}
