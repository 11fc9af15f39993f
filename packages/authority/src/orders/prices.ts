import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Reader } from '../store/index.js';
import { assertPrice } from './price-items.js';
import type { OrderLine } from './row.js';

/** What is ordered, before it has a price. */
export type Wanted = Pick<OrderLine, 'item' | 'quantity' | 'periods'> & { readonly once?: boolean };

export interface Priced {
  readonly lines: readonly OrderLine[];
  readonly currency: string | null;
  /** Null where a line has no price. */
  readonly total: number | null;
}

/** What things cost, by item. */
export async function listPrices(
  reader: Reader,
  { account }: { readonly account: string },
): Promise<Message<'PriceList'>> {
  const prices = await reader.all<Message<'PriceList'>['prices'][number]>(
    'SELECT item, per, amount FROM prices WHERE account = ? ORDER BY item, per',
    [account],
  );
  const row = await reader.get<{ currency: string | null }>('SELECT currency FROM accounts WHERE account = ?', [
    account,
  ]);
  return { currency: row?.currency ?? null, prices };
}

/** Prices what is wanted. An order may stand without a price: its invoice says the amount then. */
export async function priced(
  reader: Reader,
  account: string,
  wanted: readonly Wanted[],
  mode: PaymentMode,
): Promise<Priced> {
  const { currency, prices } = await listPrices(reader, { account });
  const amounts = new Map(prices.map(({ item, per, amount }) => [`${item} ${per}`, amount]));
  const lines = wanted.map(({ item, quantity, periods, once = false }) => {
    const per = once ? 'once' : mode === 'annual' ? 'year' : 'month';
    const unitAmount = amounts.get(`${item} ${per}`) ?? null;
    return {
      item,
      quantity,
      periods,
      unitAmount,
      amount: unitAmount === null ? null : unitAmount * quantity * periods,
    };
  });
  const whole = lines.every((line) => line.amount !== null) && currency !== null;
  return { lines, currency, total: whole ? lines.reduce((sum, line) => sum + line.amount!, 0) : null };
}

type PricesSet = Pick<Message<'PricesSet'>, 'currency' | 'prices'>;

/** Replaces the price list. */
export const pricesSet: Change<PricesSet, null, { readonly id: string }> = {
  async judge(reader, { account }, { prices }) {
    const { catalogs } = await accountOf(reader, account);
    for (const [index, price] of prices.entries()) {
      assertPrice(price, catalogs, `prices[${index}]`);
      const { item, per } = price;
      if (prices.findIndex((one) => one.item === item && one.per === per) === index) continue;
      throw new LeaseholdError('INPUT_INVALID', `${item} has two prices for the same time.`, {
        path: `prices[${index}].item`,
        remedy: 'List each item once for each of month, year and once.',
      });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { currency, prices }) {
    await tx.run('UPDATE accounts SET currency = ? WHERE account = ?', [currency, account]);
    await tx.run('DELETE FROM prices WHERE account = ?', [account]);
    for (const { item, per, amount } of prices) {
      await tx.run('INSERT INTO prices (account, item, per, amount) VALUES (?, ?, ?, ?)', [account, item, per, amount]);
    }
    appendJournal(tx, account, {
      type: 'prices.changed',
      subject: { type: 'account', id: account },
      actor,
      details: { currency, prices },
      rows: [],
    });
    return { id: account };
  },
};
