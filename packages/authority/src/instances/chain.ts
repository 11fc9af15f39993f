import type { LeaseClaims, Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import type { InstanceRow } from './instance.js';

type ChainLink = Message<'ChainLink'>;

/** Where a request stands in the lease chain (design section 3, Lease chain):
 * - `repeated`: the same parent and nonce as the last; its reply was lost, and is given again;
 * - `next`: it continues the head;
 * - `restored`: a late parent; the machine was set back (snapshot, restore, older generation of its state);
 * - `cloned`: the branch that a rollback had left speaks again; two machines hold this chain (forks.ts);
 * - `original`: the same, and what speaks is the original: its copy holds the head;
 * - `recovered`: a genuine lease newer than our head; this authority was restored from a backup, and adopts it;
 * - `unknown`: a parent that fits nowhere and cannot be shown; the device key alone speaks for the machine. */
export type Standing = 'repeated' | 'next' | 'restored' | 'cloned' | 'original' | 'recovered' | 'unknown';

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

/** Writes down the head that is left behind, so that it is known again if it speaks. `heir`: the instance that the machine
 * which holds it became. */
export async function leaveBranch(
  tx: Tx,
  { account, id, lease_id: lease }: Pick<InstanceRow, 'account' | 'id' | 'lease_id'>,
  now: number,
  heir: string | null = null,
): Promise<void> {
  if (lease === null) return;
  await tx.run(
    `INSERT INTO dead_leases (account, instance_id, lease_id, died_at, heir) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, instance_id, lease_id) DO UPDATE SET heir = coalesce(excluded.heir, dead_leases.heir)`,
    [account, id, lease, now, heir],
  );
}

/** The instance that the machine on a branch became, or undefined. */
export async function heirOfBranch(reader: Reader, row: InstanceRow, lease: string): Promise<string | undefined> {
  const dead = await reader.get<{ heir: string | null }>(
    'SELECT heir FROM dead_leases WHERE account = ? AND instance_id = ? AND lease_id = ?',
    [row.account, row.id, lease],
  );
  return dead?.heir ?? undefined;
}

/** A branch that speaks is alive again. */
export async function reviveBranch(tx: Tx, row: InstanceRow, lease: string): Promise<void> {
  await tx.run('DELETE FROM dead_leases WHERE account = ? AND instance_id = ? AND lease_id = ?', [
    row.account,
    row.id,
    lease,
  ]);
}
