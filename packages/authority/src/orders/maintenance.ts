import { LeaseholdError } from '@leasehold/protocol';
import { dayOf, decide, isAllowed, type Day, type Decision } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { calsOf, sumCals } from '../pools/cals.js';
import { poolFacts } from '../pools/facts.js';
import type { PoolLicenseColumns } from '../pools/rows.js';
import { appendJournal, type Reader } from '../store/index.js';
import { moveMaintenance } from './move-maintenance.js';
import { nameLicense, openOrder } from './open.js';
import { priced, type Priced } from './prices.js';
import { orderChanged } from './row.js';
import { settleFree } from './settle.js';

export interface Renewal {
  readonly license: string;
  readonly until: Day;
}

/** Sets a later Free Upgrade Until at once, for maintenance that was sold elsewhere. The way out of a read-only console, so
 * that the lock does not hold it (F-11, LMP-1.7). */
export const maintenanceRenew: Change<Renewal, null, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, renewal, now) {
    await licenseOf(reader, account, renewal.license);
    return { decision: await judged(reader, account, renewal, now), plan: null };
  },
  async apply(tx, { account, actor }, { license, until }, _plan, now) {
    appendJournal(tx, account, {
      type: 'pool_license.maintenance_renewed',
      subject: { type: 'pool_license', id: license },
      actor,
      details: { until },
      rows: await moveMaintenance(tx, account, license, until, now),
    });
    return { id: license };
  },
};

/** Orders maintenance up to a day; the date moves when it is paid. Priced by client access license and begun year. */
export const maintenanceOrder: Change<Renewal & { readonly id: string }, Priced, { readonly id: string }> = {
  async judge(reader, { account }, renewal, now) {
    const { free_upgrade_until: from } = await licenseOf(reader, account, renewal.license);
    const decision = await judged(reader, account, renewal, now);
    if (!isAllowed(decision)) return { decision, plan: { lines: [], currency: null, total: null } };
    const today = dayOf(now, (await accountOf(reader, account)).timeZone);
    const cals = sumCals([await calsOf(reader, account, 'license', renewal.license)]);
    const wanted = Object.entries(cals)
      .filter(([, quantity]) => quantity > 0)
      .map(([cal, quantity]) => ({
        item: `maintenance:${cal}`,
        quantity,
        periods: yearsBegun(from, renewal.until, today),
      }));
    const price = await priced(reader, account, wanted, 'annual');
    return { decision: { ...decision, value: { ...decision.value, ...price } }, plan: price };
  },
  async apply(tx, { account, actor }, { id, license, until }, price, now) {
    const order = { id, kind: 'maintenance', companyId: null, paymentMode: null, periods: 1, ...price } as const;
    await openOrder(tx, account, order, now);
    await nameLicense(tx, account, id, license, until);
    appendJournal(tx, account, {
      type: 'order.created',
      subject: { type: 'order', id },
      actor,
      details: { maintains: license, until, total: price.total, currency: price.currency },
      rows: [await orderChanged(tx, account, id)],
    });
    if (price.total === 0) await settleFree(tx, account, id, now);
    return { id };
  },
};

async function judged(reader: Reader, account: string, { license, until }: Renewal, now: number): Promise<Decision> {
  const own = await accountOf(reader, account);
  const facts = await poolFacts(reader, own);
  return decide(at(facts, now), { action: 'maintenance.renew', license, until }, own.catalogs.lmp);
}

async function licenseOf(reader: Reader, account: string, id: string): Promise<PoolLicenseColumns> {
  const row = await reader.get<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  if (row !== undefined) return row;
  throw new LeaseholdError('NOT_FOUND', `There is no pool license ${id}.`, { path: 'license' });
}

/** Years begun between two days: the later of the old date and today is not paid twice. */
function yearsBegun(from: Day, until: Day, today: Day): number {
  const [start, end] = [from > today ? from : today, until];
  const years = Number(end.slice(0, 4)) - Number(start.slice(0, 4));
  return Math.max(1, end.slice(5) > start.slice(5) ? years + 1 : years);
}
