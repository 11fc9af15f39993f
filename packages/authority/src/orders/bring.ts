import { addDays, dayOf, lastDayOf, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { insertInstanceLicense, insertMachineLicense } from '../licenses/insert.js';
import { licenseChanged } from '../licenses/rows.js';
import { bringPoolLicense } from '../pools/create-licenses.js';
import type { ChangedRow, Tx } from '../store/index.js';
import { nameLicense } from './open.js';
import { quantityOf, type OrderColumns } from './row.js';

/** How long a trial runs. */
export const TRIAL_DAYS = 15;

/** What one license of an order is written down with. */
interface One {
  readonly id: string;
  /** Its last day, or its Free Upgrade Until; null: it never ends. */
  readonly until: Day | null;
  readonly timeZone: string;
}
type Bring = (tx: Tx, order: OrderColumns, one: One, now: number) => Promise<ChangedRow>;

/** New licenses, from today on. They are the company's that they were bought for, or the global pool's (MSP-3, MSP-4). */
export async function bring(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  const { account, id: orderId } = order;
  const { timeZone } = await accountOf(tx, account);
  const until = lastDay(order, dayOf(now, timeZone));
  const rows: ChangedRow[] = [];
  for (let n = 1; n <= quantityOf(order); n += 1) {
    const id = `${orderId.replace(/^ord_/, 'lic_')}-${n}`;
    const row = await BRING[order.profile](tx, order, { id, until, timeZone }, now);
    await nameLicense(tx, account, orderId, id, until);
    rows.push(row);
  }
  return rows;
}

const BRING: Readonly<Record<OrderColumns['profile'], Bring>> = {
  async msp(tx, order, { id, until, timeZone }, now) {
    const { account, company_id, license_type, auto_renew } = order;
    const columns = {
      id,
      type: license_type!,
      kind: order.kind === 'trial' ? 'trial' : 'commercial',
      company_id,
      valid_until: until!,
      auto_renew: auto_renew ?? 0,
      transaction_id: order.id,
    } as const;
    await insertInstanceLicense(tx, { account, timeZone }, columns, now);
    return licenseChanged(tx, account, id, now);
  },
  async aip(tx, order, { id, until, timeZone }, now) {
    const { account, company_id, license_type, term } = order;
    const columns = {
      id,
      edition: license_type!,
      term: term!,
      starts_at: null,
      valid_until: until,
      bound_type: null,
      bound_id: null,
      quota: 1,
      company_id,
      transaction_id: order.id,
    };
    await insertMachineLicense(tx, { account, timeZone }, columns, now);
    return licenseChanged(tx, account, id, now);
  },
  async lmp(tx, { account, license_type, cals }, { id, until }, now) {
    const type = license_type as 'OEM' | 'Standard';
    const license = { id, type, purchase: 'purchased', cals: JSON.parse(cals!), freeUpgradeUntil: until! } as const;
    return bringPoolLicense(tx, account, license, now);
  },
};

function lastDay({ kind, profile, payment_mode: mode, periods }: OrderColumns, today: Day): Day | null {
  if (kind === 'trial') return addDays(today, TRIAL_DAYS - 1);
  if (profile === 'lmp') return lastDayOf(today, 'annual', periods!);
  return mode === null ? null : lastDayOf(today, mode, periods!);
}
