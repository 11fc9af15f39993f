import type { ChangedRow, Tx } from '../store/index.js';
import { findInstance, updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';

/** The columns of a copy that was given a license of its own: nothing is to be decided about it any more. */
export function licensedCopy({ forked_at: waiting, forked_from: from }: InstanceRow): Partial<InstanceRow> {
  return waiting === null || from === null ? {} : { forked_at: null, fork_decision: 'license' };
}

/** A copy that waited for a decision has a license of its own, or is gone. Where nothing told it from its original, that was
 * marked with it, and waits no more either, unless for another copy. Answers the rows that changed beside its own. */
export async function settleFork(
  tx: Tx,
  { account, id, forked_at: waiting, forked_from: from }: InstanceRow,
  now: number,
): Promise<ChangedRow[]> {
  if (waiting === null || from === null) return [];
  const original = await findInstance(tx, account, from);
  // One that is a copy without a license itself waits for its own decision.
  if (original === undefined || original.forked_at === null || original.entitlement_id === null) return [];
  const other = await tx.get(
    'SELECT id FROM instances WHERE account = ? AND forked_from = ? AND id <> ? AND forked_at IS NOT NULL LIMIT 1',
    [account, from, id],
  );
  if (other !== undefined) return [];
  return [machineChanged(await updateInstance(tx, original, { forked_at: null }), now)];
}
