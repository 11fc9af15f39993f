import { decide, type Decision, type PaymentMode, type Request } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at } from '../facts.js';
import type { Reader } from '../store/index.js';

interface Purchases {
  readonly paymentMode: PaymentMode | null;
  readonly purchases: number;
}

/** How the account pays, and how often it bought by month or year: an order of commercial licenses counts from when it is
 * placed until it is voided, so that two first orders cannot choose two ways (MSP-11). What is paid once chooses none. */
export async function purchasesOf(reader: Reader, account: string): Promise<Purchases> {
  const first = await reader.get<{ payment_mode: PaymentMode; n: number }>(
    `SELECT min(payment_mode) AS payment_mode, count(*) AS n FROM orders
       WHERE account = ? AND kind = 'licenses' AND status <> 'void' AND payment_mode IS NOT NULL`,
    [account],
  );
  return { paymentMode: first?.payment_mode ?? null, purchases: first?.n ?? 0 };
}

/** What the rules say of a purchase (MSP-9, MSP-11). */
export async function judgePurchase(reader: Reader, account: string, request: Request, now: number): Promise<Decision> {
  const { timeZone, policy, catalogs } = await accountOf(reader, account);
  const facts = { profile: 'msp', account: { timeZone, ...(await purchasesOf(reader, account)) }, policy } as const;
  return decide(at(facts, now), request, catalogs.msp);
}
