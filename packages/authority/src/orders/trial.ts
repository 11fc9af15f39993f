import { LeaseholdError } from '@leasehold/protocol';
import { isAllowed } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { appendJournal } from '../store/index.js';
import { assertSold, type Goods } from './goods.js';
import { assertBounded, assertCompany, openOrder } from './open.js';
import { judgePurchase, purchasesOf } from './purchases.js';
import { orderChanged } from './row.js';
import { settleFree } from './settle.js';

export interface NewTrial {
  readonly id: string;
  readonly profile: 'msp' | 'aip';
  readonly type: string;
  readonly quantity: number;
  readonly companyId: string | null;
}

/** Trial licenses of a type, there at once and nothing to pay: once for each type and company. The quantity is judged like
 * a purchase (MSP-9); a trial chooses no payment mode. */
export const trialRequest: Change<NewTrial, null, { readonly id: string }> = {
  async judge(reader, { account }, trial, now) {
    const { profile, type, quantity, companyId } = trial;
    await assertOwnStock(reader, account);
    assertSold(goodsOf(trial), (await accountOf(reader, account)).catalogs.aip);
    await assertCompany(reader, account, companyId);
    const { paymentMode } = await purchasesOf(reader, account);
    const request = { action: 'license.buy', type, quantity, paymentMode: paymentMode ?? 'monthly' };
    const decision = await judgePurchase(reader, account, request, now);
    if (!isAllowed(decision)) return { decision, plan: null };
    assertBounded(quantity);
    const before = await reader.get(
      `SELECT id FROM orders
         WHERE account = ? AND kind = 'trial' AND profile = ? AND license_type = ? AND coalesce(company_id, '') = ?`,
      [account, profile, type, companyId ?? ''],
    );
    if (before === undefined) return { decision, plan: null };
    throw new LeaseholdError('CONFLICT', `A trial of the type ${type} was requested before.`, {
      path: 'type',
      remedy: 'Buy licenses of this type, or ask an owner of the account to bring further trial licenses in.',
    });
  },
  async apply(tx, { account, actor }, trial, _plan, now) {
    const { id, type, quantity, companyId } = trial;
    const line = { item: `trial:${type}`, quantity, periods: 1, unitAmount: 0, amount: 0 };
    const price = { lines: [line], currency: null, total: 0 };
    const order = { id, kind: 'trial', companyId, paymentMode: null, periods: 1, quantity, ...price } as const;
    await openOrder(tx, account, { ...order, goods: goodsOf(trial) }, now);
    appendJournal(tx, account, {
      type: 'order.created',
      subject: { type: 'order', id },
      actor,
      companyId,
      details: { type, quantity, trial: true },
      rows: [await orderChanged(tx, account, id)],
    });
    await settleFree(tx, account, id, now);
    return { id };
  },
};

function goodsOf({ profile, type }: NewTrial): Goods {
  return { profile, type, term: profile === 'aip' ? 'trial' : null, cals: null };
}
