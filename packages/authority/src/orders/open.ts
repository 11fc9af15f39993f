import { LeaseholdError } from '@leasehold/protocol';
import { addDays, dayOf, type PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { RunAgain, type Reader, type SqlValue, type Tx } from '../store/index.js';
import type { Goods } from './goods.js';
import type { Priced } from './prices.js';
import type { OrderRow } from './row.js';

/** Days from an order to the day on which its invoice is due. */
const DUE_DAYS = 14;

/** An order as it begins. */
export interface OpenOrder extends Priced {
  readonly id: string;
  readonly kind: OrderRow['kind'];
  readonly companyId: string | null;
  readonly paymentMode: PaymentMode | null;
  readonly periods: number;
  readonly automatic?: boolean;
  /** Of new licenses. */
  readonly goods?: Goods;
  readonly quantity?: number;
  readonly autoRenew?: boolean;
}

/** Writes an order down, with the next number. Of two orders at once, on an engine with concurrent transactions, one gets
 * it, and the other runs again. */
export async function openOrder(tx: Tx, account: string, order: OpenOrder, now: number): Promise<void> {
  const { timeZone } = await accountOf(tx, account);
  const last = await tx.get<{ number: number | null }>('SELECT max(number) AS number FROM orders WHERE account = ?', [
    account,
  ]);
  const opened = await tx.run(
    `INSERT INTO orders (account, id, number, kind, status, automatic, company_id, payment_mode, lines, currency, total,
       refunded, created_at, due_day, profile, license_type, term, cals, quantity, auto_renew, periods)
       VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, number) DO NOTHING`,
    [
      account,
      order.id,
      (last?.number ?? 0) + 1,
      order.kind,
      order.automatic === true ? 1 : 0,
      order.companyId,
      order.paymentMode,
      JSON.stringify(order.lines),
      order.currency,
      order.total,
      now,
      addDays(dayOf(now, timeZone), DUE_DAYS),
      ...goodsColumns(order),
      order.autoRenew === undefined ? null : Number(order.autoRenew),
      order.periods,
    ],
  );
  if (opened === 0) throw new RunAgain();
}

function goodsColumns({ goods, quantity }: OpenOrder): SqlValue[] {
  if (goods === undefined) return ['msp', null, null, null, null];
  const { profile, type, term, cals } = goods;
  return [profile, type, term, cals === null ? null : JSON.stringify(cals), quantity ?? null];
}

/** Names a license that an order renews or maintains; `untilDay` where the order says up to when. */
export async function nameLicense(
  tx: Tx,
  account: string,
  order: string,
  license: string,
  untilDay: string | null = null,
): Promise<void> {
  await tx.run('INSERT INTO order_licenses (account, order_id, license_id, until_day) VALUES (?, ?, ?, ?)', [
    account,
    order,
    license,
    untilDay,
  ]);
}

/** Throws NOT_FOUND for a company that is not there. */
export async function assertCompany(reader: Reader, account: string, id: string | null): Promise<void> {
  if (id === null) return;
  const company = await reader.get('SELECT id FROM companies WHERE account = ? AND id = ?', [account, id]);
  if (company !== undefined) return;
  throw new LeaseholdError('NOT_FOUND', `There is no company ${id}.`, {
    path: 'companyId',
    remedy: 'Create the company first, or buy into the global pool (null).',
  });
}

/** What one order may bring: more is several orders, so that a transaction stays short. */
const MOST = 1000;

/** Throws INPUT_INVALID for more licenses than one order brings. */
export function assertBounded(quantity: number): void {
  if (quantity <= MOST) return;
  throw new LeaseholdError('INPUT_INVALID', `One order brings at most ${MOST} licenses.`, {
    path: 'quantity',
    remedy: 'Place several orders.',
  });
}
