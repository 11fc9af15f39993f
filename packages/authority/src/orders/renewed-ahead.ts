import { endOfDay, renewedUntil, type Day, type Facts, type MspLicense } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import type { Reader } from '../store/index.js';
import { renewalMode } from './renewal.js';

type Known = Omit<Facts, 'now'>;

/** A lease, from when to when, epoch ms. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** The facts that go with a lease: what renews itself within it is named with the day that the daily run will have moved it to.
 * That may fall into a time in which the machine reaches nobody, and then the lease alone shall stop it (D-5). What does not
 * renew itself keeps its day (MSP-P1), and so does what has ended. */
export async function renewedAhead(reader: Reader, account: Account, facts: Known, lease: Span): Promise<Known> {
  if (facts.profile !== 'msp') return facts;
  const licenses = (facts.licenses ?? []) as readonly MspLicense[];
  const { timeZone } = account;
  const endsWithin = ({ validUntil }: MspLicense): boolean => {
    const end = endOfDay(validUntil, timeZone);
    return end > lease.from && end < lease.until;
  };
  const renewed = licenses.filter((license) => renewsItself(license) && endsWithin(license));
  if (renewed.length === 0) return facts;
  const mode = await renewalMode(reader, account.account);
  const goesOn = (license: MspLicense): MspLicense => {
    let validUntil: Day = license.validUntil;
    while (endOfDay(validUntil, timeZone) < lease.until) validUntil = renewedUntil(validUntil, validUntil, mode, 1);
    return { ...license, validUntil };
  };
  return { ...facts, licenses: licenses.map((one) => (renewed.includes(one) ? goesOn(one) : one)) };
}

/** What the daily run renews (renewal-run.ts); revoked ones are no facts. */
function renewsItself({ autoRenew, kind }: MspLicense): boolean {
  return autoRenew && kind === 'commercial';
}
