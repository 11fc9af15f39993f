import { endOfDay, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { licenseOf } from '../licenses/find-license.js';
import { machinesOn } from '../licenses/machines-on.js';
import { licenseChanged } from '../licenses/rows.js';
import type { ChangedRow, Tx } from '../store/index.js';

export interface End {
  readonly until: Day;
  /** Whether it renews itself; of a license of an instance. */
  readonly autoRenew?: boolean;
  /** Of a license of machines: one that was given back runs out the day as a rental, and as nothing that never
   * ends; paid for again, it is a subscription. */
  readonly term?: 'rental' | 'subscription';
}

/** Gives a license another last day. What its machines may do is asked again, so that their rows say so before they check
 * in (D-12). */
export async function moveEnd(
  tx: Tx,
  account: string,
  id: string,
  { until, autoRenew, term }: End,
  now: number,
): Promise<ChangedRow[]> {
  const { timeZone } = await accountOf(tx, account);
  const license = await licenseOf(tx, account, id);
  const end = [until, endOfDay(until, timeZone), now];
  if (license.kind === 'machine') {
    await tx.run(
      `UPDATE machine_licenses SET valid_until = ?, ends_at = ?, updated_at = ?, term = coalesce(?, term)
         WHERE account = ? AND id = ?`,
      [...end, term ?? null, account, id],
    );
  } else {
    await tx.run(
      `UPDATE instance_licenses SET valid_until = ?, ends_at = ?, updated_at = ?, auto_renew = coalesce(?, auto_renew)
         WHERE account = ? AND id = ?`,
      [...end, autoRenew === undefined ? null : Number(autoRenew), account, id],
    );
  }
  const rows: ChangedRow[] = [await licenseChanged(tx, account, id, now)];
  for (const machine of await machinesOn(tx, account, license)) {
    const instance = await findInstance(tx, account, machine);
    const covered = instance === undefined ? undefined : await noteCover(tx, instance, now);
    if (covered?.changed === true) rows.push(machineChanged(covered.row, now));
  }
  return rows;
}
