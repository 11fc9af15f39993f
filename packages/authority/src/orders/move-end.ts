import { endOfDay, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { licenseChanged } from '../licenses/rows.js';
import type { ChangedRow, Tx } from '../store/index.js';

/** Gives a license of an instance another last day; with `autoRenew`, also whether it renews itself. What its computer may
 * do is asked again, so that its row says so before it checks in (D-12). */
export async function moveEnd(
  tx: Tx,
  account: string,
  id: string,
  { until, autoRenew }: { readonly until: Day; readonly autoRenew?: boolean },
  now: number,
): Promise<ChangedRow[]> {
  const { timeZone } = await accountOf(tx, account);
  const license = await tx.get<{ assigned_to: string | null; assigned_kind: string | null }>(
    `UPDATE instance_licenses SET valid_until = ?, ends_at = ?, auto_renew = coalesce(?, auto_renew), updated_at = ?
       WHERE account = ? AND id = ? RETURNING assigned_to, assigned_kind`,
    [until, endOfDay(until, timeZone), autoRenew === undefined ? null : Number(autoRenew), now, account, id],
  );
  const rows: ChangedRow[] = [await licenseChanged(tx, account, id, now)];
  if (license === undefined || license.assigned_kind !== 'computer') return rows;
  const instance = await findInstance(tx, account, license.assigned_to!);
  if (instance === undefined) return rows;
  const covered = await noteCover(tx, instance, now);
  return covered.changed ? [...rows, machineChanged(covered.row, now)] : rows;
}
