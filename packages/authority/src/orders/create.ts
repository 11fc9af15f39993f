import { dayOf, isAllowed, lastDayOf, type PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../changes.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { appendJournal } from '../store/index.js';
import { assertBounded, assertCompany, openOrder } from './open.js';
import { priced, type Priced } from './prices.js';
import { judgePurchase, purchasesOf } from './purchases.js';
import { orderChanged } from './row.js';
import { settleFree } from './settle.js';

export interface NewOrder {
  readonly id: string;
  readonly type: string;
  readonly quantity: number;
  readonly periods: number;
  readonly companyId: string | null;
  readonly addOns: readonly string[];
  readonly paymentMode: PaymentMode | null;
  readonly autoRenew: boolean;
}

/** Buy New Licenses: type and quantity, Premium Support and Onboarding beside them (MSP-9), in the payment mode that the
 * first purchase fixed (MSP-11). The licenses come with the payment. */
export const orderCreate: Change<NewOrder, Priced & { readonly mode: PaymentMode }, { readonly id: string }> = {
  async judge(reader, { account }, order, now) {
    const { type, quantity, periods, addOns, paymentMode } = order;
    await assertOwnStock(reader, account);
    await assertCompany(reader, account, order.companyId);
    const request = { action: 'license.buy', type, quantity, addOns, paymentMode };
    const decision = await judgePurchase(reader, account, request, now);
    const mode = paymentMode ?? (await purchasesOf(reader, account)).paymentMode ?? 'monthly';
    if (!isAllowed(decision)) return { decision, plan: { lines: [], currency: null, total: null, mode } };
    assertBounded(quantity);
    const once = addOns.map((item) => ({ item, quantity: 1, periods: 1, once: true }));
    const price = await priced(reader, account, [{ item: `license:${type}`, quantity, periods }, ...once], mode);
    const today = dayOf(now, (await accountOf(reader, account)).timeZone);
    const validUntil = lastDayOf(today, mode, periods);
    return { decision: { ...decision, value: { ...price, paymentMode: mode, validUntil } }, plan: { ...price, mode } };
  },
  async apply(tx, { account, actor }, order, { mode, ...price }, now) {
    const { id, companyId, periods, type, quantity, autoRenew } = order;
    await openOrder(
      tx,
      account,
      { id, kind: 'licenses', companyId, paymentMode: mode, periods, type, autoRenew, ...price },
      now,
    );
    appendJournal(tx, account, {
      type: 'order.created',
      subject: { type: 'order', id },
      actor,
      companyId,
      details: { type, quantity, total: price.total, currency: price.currency },
      rows: [await orderChanged(tx, account, id)],
    });
    if (price.total === 0) await settleFree(tx, account, id, now);
    return { id };
  },
};
