import { LeaseholdError } from '@leasehold/protocol';
import { dayOf, decide, renewedUntil, type Day, type PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../changes.js';
import { at } from '../facts.js';
import { findInstanceLicense, type InstanceLicenseRow } from '../licenses/instance-license.js';
import { appendJournal, type Reader } from '../store/index.js';
import { nameLicense, openOrder } from './open.js';
import { priced, type Priced, type Wanted } from './prices.js';
import { purchasesOf } from './purchases.js';
import { orderChanged } from './row.js';
import { settleFree } from './settle.js';

export interface NewRenewal {
  readonly id: string;
  readonly licenses: readonly string[];
  readonly periods: number;
}
interface Plan extends Priced {
  readonly mode: PaymentMode;
  readonly companyId: string | null;
}

/** Orders the renewal of licenses, in every state of theirs (D-7). They go on when it is paid. */
export const renewalCreate: Change<NewRenewal, Plan, { readonly id: string }> = {
  async judge(reader, { account }, { licenses: ids, periods }, now) {
    const licenses: InstanceLicenseRow[] = [];
    for (const [index, id] of ids.entries()) licenses.push(await renewable(reader, account, ids, id, index));
    const { timeZone, policy, catalogs } = await accountOf(reader, account);
    const facts = at({ profile: 'msp', account: { timeZone }, policy }, now);
    const mode = await renewalMode(reader, account);
    const price = await priced(reader, account, renewalLines(licenses, periods), mode);
    const companies = new Set(licenses.map((license) => license.company_id));
    const today = dayOf(now, timeZone);
    const ends = licenses.map((license) => renewedUntil(license.valid_until, today, mode, periods)).sort();
    const value = { ...price, paymentMode: mode, validUntil: ends[0]! };
    const companyId = companies.size === 1 ? licenses[0]!.company_id : null;
    return {
      decision: { ...decide(facts, { action: 'license.renew' }, catalogs.msp), value },
      plan: { ...price, mode, companyId },
    };
  },
  async apply(tx, { account, actor }, { id, licenses, periods }, { mode, companyId, ...price }, now) {
    await openOrder(tx, account, { id, kind: 'renewal', companyId, paymentMode: mode, periods, ...price }, now);
    for (const license of [...licenses].sort()) await nameLicense(tx, account, id, license);
    appendJournal(tx, account, {
      type: 'order.created',
      subject: { type: 'order', id },
      actor,
      companyId,
      details: { renews: licenses.length, total: price.total, currency: price.currency },
      rows: [await orderChanged(tx, account, id)],
    });
    if (price.total === 0) await settleFree(tx, account, id, now);
    return { id };
  },
};

/** The mode that the first purchase fixed; of an account whose licenses were brought in, the shorter one. */
export async function renewalMode(reader: Reader, account: string): Promise<PaymentMode> {
  return (await purchasesOf(reader, account)).paymentMode ?? 'monthly';
}

/** One line for each type. */
export function renewalLines(licenses: readonly { readonly type: string }[], periods: number): Wanted[] {
  const types = [...new Set(licenses.map(({ type }) => type))].sort();
  return types.map((type) => {
    return { item: `license:${type}`, quantity: licenses.filter((one) => one.type === type).length, periods };
  });
}

async function renewable(
  reader: Reader,
  account: string,
  ids: readonly string[],
  id: string,
  index: number,
): Promise<InstanceLicenseRow & { readonly valid_until: Day }> {
  const path = `licenses[${index}]`;
  if (ids.indexOf(id) !== index) {
    throw new LeaseholdError('INPUT_INVALID', `${id} stands twice.`, { path, remedy: 'Name each license once.' });
  }
  const license = await findInstanceLicense(reader, account, id);
  if (license?.kind === 'commercial') return license;
  throw new LeaseholdError(
    license === undefined ? 'NOT_FOUND' : 'INPUT_INVALID',
    license === undefined ? `There is no license of an instance ${id}.` : 'A trial is not renewed.',
    { path, remedy: license === undefined ? 'Name licenses of instances.' : 'Buy licenses of this type.' },
  );
}
