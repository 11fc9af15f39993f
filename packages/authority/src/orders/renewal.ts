import { LeaseholdError } from '@leasehold/protocol';
import { dayOf, decide, renewedUntil, type PaymentMode } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { findInstanceLicense } from '../licenses/instance-license.js';
import { findMachineLicense } from '../licenses/machine-license.js';
import { appendJournal, type Reader } from '../store/index.js';
import { itemOf, type Goods } from './goods.js';
import { lastDayBefore } from './named.js';
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
    const licenses: Renewable[] = [];
    for (const [index, id] of ids.entries()) licenses.push(await renewable(reader, account, ids, id, index));
    const { timeZone, policy, catalogs } = await accountOf(reader, account);
    const facts = at({ profile: 'msp', account: { timeZone }, policy }, now);
    const mode = await renewalMode(reader, account);
    const price = await priced(reader, account, renewalLines(licenses, periods), mode);
    const companies = new Set(licenses.map((license) => license.companyId));
    const today = dayOf(now, timeZone);
    const ends = licenses
      .map((license) => renewedUntil(lastDayBefore(license.endsAt, timeZone), today, mode, periods))
      .sort();
    const value = { ...price, paymentMode: mode, validUntil: ends[0]! };
    const companyId = companies.size === 1 ? licenses[0]!.companyId : null;
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
export function renewalLines(licenses: readonly Pick<Goods, 'profile' | 'type'>[], periods: number): Wanted[] {
  const items = licenses.map((license) => itemOf(license));
  return [...new Set(items)].sort().map((item) => {
    return { item, quantity: items.filter((one) => one === item).length, periods };
  });
}

/** A license that is paid by month or year. */
interface Renewable extends Pick<Goods, 'profile' | 'type'> {
  readonly companyId: string | null;
  readonly endsAt: number;
}

async function renewable(
  reader: Reader,
  account: string,
  ids: readonly string[],
  id: string,
  index: number,
): Promise<Renewable> {
  const path = `licenses[${index}]`;
  if (ids.indexOf(id) !== index) {
    throw new LeaseholdError('INPUT_INVALID', `${id} stands twice.`, { path, remedy: 'Name each license once.' });
  }
  const single = await findInstanceLicense(reader, account, id);
  if (single?.kind === 'commercial') {
    return { profile: 'msp', type: single.type, companyId: single.company_id, endsAt: single.ends_at };
  }
  if (single !== undefined) throw notRenewed(path, 'A trial');
  const machine = await findMachineLicense(reader, account, id);
  if (machine === undefined) {
    throw new LeaseholdError('NOT_FOUND', `There is no license ${id} that is renewed.`, {
      path,
      remedy: 'Name licenses of instances or machines; maintenance of poolable licenses has an order of its own.',
    });
  }
  const { term, ends_at: endsAt } = machine;
  if (term === 'trial') throw notRenewed(path, 'A trial');
  if (endsAt === null) throw notRenewed(path, 'A license that never ends');
  return { profile: 'aip', type: machine.edition, companyId: machine.company_id, endsAt };
}

function notRenewed(path: string, what: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `${what} is not renewed.`, {
    path,
    remedy: 'Buy licenses of this type.',
  });
}
