import { LeaseholdError } from '@leasehold/protocol';
import { dayOf, isAllowed, lastDayOf, type Day, type PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { renewsNotItself } from '../licenses/faults.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { appendJournal } from '../store/index.js';
import { assertSold, isPaidOnce, linesOf, pricedBy, type Goods } from './goods.js';
import { assertBounded, assertCompany, openOrder } from './open.js';
import { priced, type Priced } from './prices.js';
import { judgePurchase, purchasesOf } from './purchases.js';
import { orderChanged } from './row.js';
import { settleFree } from './settle.js';

export interface NewOrder extends Goods {
  readonly id: string;
  readonly quantity: number;
  readonly periods: number;
  readonly companyId: string | null;
  readonly addOns: readonly string[];
  readonly paymentMode: PaymentMode | null;
  readonly autoRenew: boolean;
}
type Plan = Priced & { readonly mode: PaymentMode | null };

/** Buy New Licenses: type and quantity, Premium Support and Onboarding beside them (MSP-9), in the payment mode that the
 * first purchase fixed (MSP-11); what is paid once has none. The licenses come with the payment. */
export const orderCreate: Change<NewOrder, Plan, { readonly id: string }> = {
  async judge(reader, { account }, order, now) {
    const { type, quantity, periods, addOns, paymentMode } = order;
    const { timeZone, catalogs } = await accountOf(reader, account);
    await assertOwnStock(reader, account);
    assertSold(order, catalogs.aip);
    assertPlace(order);
    await assertCompany(reader, account, order.companyId);
    const fixed = (await purchasesOf(reader, account)).paymentMode;
    const once = isPaidOnce(order);
    const asked = once ? (fixed ?? 'annual') : paymentMode;
    const request = { action: 'license.buy', type, quantity, addOns, paymentMode: asked };
    const decision = await judgePurchase(reader, account, request, now);
    const mode = once ? null : (paymentMode ?? fixed ?? 'monthly');
    if (!isAllowed(decision)) return { decision, plan: { lines: [], currency: null, total: null, mode } };
    assertBounded(quantity);
    const added = addOns.map((item) => ({ item, quantity: 1, periods: 1, once: true }));
    const wanted = [...linesOf(order, quantity, periods), ...added];
    const price = await priced(reader, account, wanted, pricedBy(order, mode));
    const until = endOfGoods(order, dayOf(now, timeZone), mode, periods);
    return { decision: { ...decision, value: { ...price, paymentMode: mode, ...until } }, plan: { ...price, mode } };
  },
  async apply(tx, { account, actor }, order, { mode, ...price }, now) {
    const { id, companyId, type, quantity } = order;
    await openOrder(tx, account, { ...order, kind: 'licenses', goods: order, paymentMode: mode, ...price }, now);
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

/** The last day of what is bought today, or of its maintenance. */
function endOfGoods(
  goods: Goods,
  today: Day,
  mode: PaymentMode | null,
  periods: number,
): { readonly validUntil: Day | null } | { readonly freeUpgradeUntil: Day } {
  if (goods.profile === 'lmp') return { freeUpgradeUntil: lastDayOf(today, 'annual', periods) };
  return { validUntil: mode === null ? null : lastDayOf(today, mode, periods) };
}

/** What a purchase of this kind has no place for. */
function assertPlace(order: NewOrder): void {
  if (order.profile === 'lmp' && order.companyId !== null) {
    throw new LeaseholdError('INPUT_INVALID', 'Poolable licenses are bought for the account, not for a company.', {
      path: 'companyId',
      remedy: 'Leave it out: pools and Pool Keys give them on.',
    });
  }
  if (order.profile !== 'msp' && order.autoRenew) throw renewsNotItself('autoRenew');
  if (!isPaidOnce(order) || order.paymentMode === null) return;
  throw new LeaseholdError('INPUT_INVALID', 'What is paid once has no payment mode.', {
    path: 'paymentMode',
    remedy: 'Leave it out.',
  });
}
