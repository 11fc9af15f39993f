import type { Message } from '@leasehold/protocol';
import type { InstanceRow } from '../instances/instance.js';
import type { Tx } from '../store/index.js';
import { calsOf, setCals } from './cals.js';

/** The daily check of a server with a Pool Key: what it uses comes in, its quota goes out with the lease (LMP-3.11).
 * A key that is not renewed any more stays at its last check (F-12). */
export async function notePoolCheck(
  tx: Tx,
  server: InstanceRow,
  report: Message<'ServerReport'>,
  now: number,
): Promise<void> {
  if (server.entitlement_kind !== 'pool_key') return;
  const key = server.entitlement_id!;
  const quota = await calsOf(tx, server.account, 'key', key);
  const holds = await tx.run(
    `UPDATE pool_keys SET last_check_at = CASE WHEN stopped_at IS NULL THEN ? ELSE last_check_at END, fetched = ?
       WHERE account = ? AND id = ? AND server_id = ?`,
    [now, JSON.stringify(quota), server.account, key, server.id],
  );
  // Another server may run on it by now, and says itself what it uses (LMP-P1).
  if (holds > 0) await setCals(tx, server.account, 'key_used', key, report.used);
}
