import type { LeaseClaims, Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import type { InstanceRow } from './instance.js';

type ChainLink = Message<'ChainLink'>;

/** Where a request stands in the lease chain (design section 3, Lease chain):
 * - `repeated`: the same parent and nonce as the last; its reply was lost, and is given again;
 * - `next`: it continues the head;
 * - `restored`: a late parent; the machine was set back (snapshot, restore, older generation of its state);
 * - `cloned`: the branch that a rollback had left speaks again; two machines hold this chain;
 * - `recovered`: a genuine lease newer than our head; this authority was restored from a backup, and adopts it;
 * - `unknown`: a parent that fits nowhere and cannot be shown; the device key alone speaks for the machine. */
export type Standing = 'repeated' | 'next' | 'restored' | 'cloned' | 'recovered' | 'unknown';

/** `held` is the lease that the agent showed, verified, or undefined. */
export async function placeInChain(
  reader: Reader,
  row: InstanceRow,
  { parent, nonce }: ChainLink,
  held: LeaseClaims | undefined,
): Promise<Standing> {
  if (row.lease_id !== null && row.lease_nonce === nonce && row.lease_parent === parent) return 'repeated';
  if (parent === row.lease_id) return 'next';
  if (parent === null) return 'restored';
  if (await isDead(reader, row, parent)) return 'cloned';
  if (held !== undefined && held.jti === parent && held.sub === row.id && held.seq > row.lease_seq) return 'recovered';
  return Number(parent.split('.')[0]) <= row.lease_seq ? 'restored' : 'unknown';
}

async function isDead(reader: Reader, row: InstanceRow, lease: string): Promise<boolean> {
  const found = await reader.get(
    'SELECT 1 AS one FROM dead_leases WHERE account = ? AND instance_id = ? AND lease_id = ?',
    [row.account, row.id, lease],
  );
  return found !== undefined;
}

/** Writes down the head that is left behind, so that it is known again if it speaks. */
export async function leaveBranch(tx: Tx, row: InstanceRow, now: number): Promise<void> {
  if (row.lease_id === null) return;
  await tx.run(
    `INSERT INTO dead_leases (account, instance_id, lease_id, died_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, instance_id, lease_id) DO NOTHING`,
    [row.account, row.id, row.lease_id, now],
  );
}

/** A branch that speaks is alive again. */
export async function reviveBranch(tx: Tx, row: InstanceRow, lease: string): Promise<void> {
  await tx.run('DELETE FROM dead_leases WHERE account = ? AND instance_id = ? AND lease_id = ?', [
    row.account,
    row.id,
    lease,
  ]);
}
