import { decide, isAllowed } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import { at } from '../facts.js';
import type { Entitled } from '../instances/entitled.js';
import type { InstanceRow } from '../instances/instance.js';
import { serialize, type Tx } from '../store/index.js';
import { licenseGone } from '../licenses/find-license.js';
import { licenseFacts } from './facts.js';
import { freeIfEnded } from './free-licenses.js';
import { leavePools } from './leave.js';
import { poolLicenseChanged } from './pool-rows.js';
import type { PoolLicenseColumns } from './rows.js';

/** Applies a license of the pool profile to a backup server by itself, as long as it is not pooled (LMP-4.1, LMP-4.3). It
 * is in use from then on, which its conversion will tell (LMP-3.2). */
export async function applyPoolLicense(
  tx: Tx,
  account: Account,
  id: string,
  draft: InstanceRow,
  now: number,
): Promise<Entitled> {
  const license = await tx.get<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? AND id = ?', [
    account.account,
    id,
  ]);
  if (license === undefined) throw licenseGone();
  await serialize(tx, account.account);
  await freeIfEnded(tx, account.account, id, now);
  const columns = { entitlement_kind: 'pool_license', entitlement_id: id } as const;
  // A server that runs on it is an existing one, whatever was installed anew on it (LMP-4.4).
  const freshInstall = license.applied_to !== draft.id;
  const facts = await licenseFacts(tx, account, { ...draft, ...columns }, freshInstall);
  const request = { action: 'license.apply', license: id, server: draft.id };
  const decision = decide(at(facts, now), request, account.catalogs.lmp);
  if (!isAllowed(decision)) return { ok: false, decision, code: 'REFUSED' };
  const left = await leavePools(tx, account.account, draft.id, now, id);
  await tx.run('UPDATE pool_licenses SET applied_to = ? WHERE account = ? AND id = ?', [draft.id, account.account, id]);
  const rows = async () => [await poolLicenseChanged(tx, account.account, id), ...left];
  return { ok: true, decision, columns, rows };
}
