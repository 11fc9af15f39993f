import { LeaseholdError } from '@leasehold/protocol';
import type { Cals } from '@leasehold/terms';
import type { Reader, Tx } from '../store/index.js';

/** Whose client access licenses: what a license brings, a pool may give out, a key may use and uses. */
export type CalOwner = 'license' | 'pool' | 'key' | 'key_used';

/** Of many owners at once, by owner id. */
export async function calsByOwner(reader: Reader, account: string, owner: CalOwner): Promise<Map<string, Cals>> {
  const rows = await reader.all<{ owner_id: string; cal: string; quota: number }>(
    'SELECT owner_id, cal, quota FROM cals WHERE account = ? AND owner_type = ? ORDER BY owner_id, cal',
    [account, owner],
  );
  const all = new Map<string, Record<string, number>>();
  for (const { owner_id: id, cal, quota } of rows) {
    const cals = all.get(id) ?? {};
    cals[cal] = quota;
    all.set(id, cals);
  }
  return all;
}

export async function calsOf(reader: Reader, account: string, owner: CalOwner, id: string): Promise<Cals> {
  const rows = await reader.all<{ cal: string; quota: number }>(
    'SELECT cal, quota FROM cals WHERE account = ? AND owner_type = ? AND owner_id = ? ORDER BY cal',
    [account, owner, id],
  );
  return Object.fromEntries(rows.map(({ cal, quota }) => [cal, quota]));
}

/** A poolable license without client access licenses would never let a server sign in (LMP-1.2).
 * @throws LeaseholdError INPUT_INVALID */
export function assertBringsCals(cals: Cals | null, path: string): void {
  if (Object.values(cals ?? {}).some((count) => count > 0)) return;
  throw new LeaseholdError('INPUT_INVALID', 'A poolable license brings client access licenses.', {
    path,
    remedy: 'Say how many of each kind, like obm 100.',
  });
}

/** Replaces the owner's numbers; a kind that is not named any more is gone. */
export async function setCals(tx: Tx, account: string, owner: CalOwner, id: string, cals: Cals): Promise<void> {
  await tx.run('DELETE FROM cals WHERE account = ? AND owner_type = ? AND owner_id = ?', [account, owner, id]);
  for (const [cal, quota] of Object.entries(cals)) {
    await tx.run('INSERT INTO cals (account, owner_type, owner_id, cal, quota, allotted) VALUES (?, ?, ?, ?, ?, 0)', [
      account,
      owner,
      id,
      cal,
      quota,
    ]);
  }
}

/** Sum by kind. */
export function sumCals(list: readonly Cals[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const cals of list) for (const [cal, count] of Object.entries(cals)) sum[cal] = (sum[cal] ?? 0) + count;
  return sum;
}
