import { digestOf } from '../keys/ed25519.js';
import type { InstanceLicenseRow } from '../licenses/instance-license.js';
import { appendJournal, serialize, type Reader, type Tx } from '../store/index.js';
import { fulfill } from './fulfill.js';
import { nameLicense, openOrder } from './open.js';
import { priced } from './prices.js';
import { renewalLines, renewalMode } from './renewal.js';
import { findOrder } from './row.js';
import { settleFree } from './settle.js';

const DAY = 86_400_000;
/** So long before its end a license is renewed: an authority that is away for a weekend renews in time all the same. */
const AHEAD = 3 * DAY;
/** What has ended is still renewed, so long afterwards. */
const BEHIND = 14 * DAY;
/** What ended while the authority was away, and nobody touched since: whoever pays by period shall not stop for an outage. */
const AWAY = 100 * DAY;

/** The daily run: renews the licenses that renew themselves, by one period, each company's with one order, whose invoice
 * follows. A renewed license lies beyond the reach of the next run, so that whatever runs twice renews once. Answers how
 * many it found, up to `limit`. */
export async function renewLicenses(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const due = await tx.all<InstanceLicenseRow>(
    `SELECT * FROM instance_licenses WHERE account = ? AND auto_renew = 1 AND ends_at > ? AND ends_at <= ?
       AND (ends_at > ? OR updated_at < ends_at)
       AND kind = 'commercial' AND state = 'active' ORDER BY ends_at, id LIMIT ?`,
    [account, now - AWAY, now + AHEAD, now - BEHIND, limit],
  );
  if (due.length === 0) return 0;
  await serialize(tx, account);
  for (const company of new Set(due.map((license) => license.company_id))) {
    await renewFor(tx, account, company, due, now);
  }
  return due.length;
}

async function renewFor(
  tx: Tx,
  account: string,
  companyId: string | null,
  due: readonly InstanceLicenseRow[],
  now: number,
): Promise<void> {
  const licenses = due.filter((license) => license.company_id === companyId);
  const ids = licenses.map((license) => license.id).sort();
  const mode = await renewalMode(tx, account);
  const price = await priced(
    tx,
    account,
    renewalLines(
      licenses.map(({ type }) => ({ profile: 'msp', type }) as const),
      1,
    ),
    mode,
  );
  const id = await freshId(tx, account, licenses);
  const order = { id, kind: 'renewal', companyId, paymentMode: mode, periods: 1, automatic: true, ...price } as const;
  await openOrder(tx, account, order, now);
  for (const license of ids) await nameLicense(tx, account, id, license);
  const opened = await findOrder(tx, account, id);
  appendJournal(tx, account, {
    type: 'license.renewed',
    subject: { type: 'order', id },
    actor: 'system',
    companyId,
    details: { renews: ids.length, total: price.total, currency: price.currency },
    rows: await fulfill(tx, opened!, 'system', now),
  });
  if (price.total === 0) await settleFree(tx, account, id, now);
}

/** The same run again, at whatever node, makes the same order; another one where that was voided, or given back. */
async function freshId(reader: Reader, account: string, licenses: readonly InstanceLicenseRow[]): Promise<string> {
  const about = [account, ...licenses.map((one) => [one.id, one.valid_until])];
  for (let times = 0; ; times += 1) {
    const of = JSON.stringify(times === 0 ? about : [...about, times]);
    const id = `ord_${digestOf(of).slice(0, 16)}`;
    if ((await findOrder(reader, account, id)) === undefined) return id;
  }
}
