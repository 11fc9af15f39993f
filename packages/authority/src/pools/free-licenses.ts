import { appendJournal, type Tx } from '../store/index.js';
import { poolLicenseChanged } from './pool-rows.js';

/** Licenses that ran on a server by themselves which was taken out, and whose last lease has ended. */
const ENDED = `SELECT l.id, l.applied_to FROM pool_licenses l JOIN instances i ON i.account = l.account AND i.id = l.applied_to
  WHERE l.account = ? AND i.state = 'released' AND i.lease_expires_at <= ?`;

interface Ended {
  readonly id: string;
  readonly applied_to: string;
}

/** Frees licenses for another server when the lease has ended of the one that was taken out: until then they could be spent
 * twice, as those of a Pool Key (LMP-4.13). Answers how many there were. */
export async function freeLicenses(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const ended = await tx.all<Ended>(`${ENDED} ORDER BY l.id LIMIT ?`, [account, now, limit]);
  for (const license of ended) await free(tx, account, license);
  return ended.length;
}

/** The same for one license, for which another server asks before that. */
export async function freeIfEnded(tx: Tx, account: string, id: string, now: number): Promise<void> {
  const ended = await tx.get<Ended>(`${ENDED} AND l.id = ?`, [account, now, id]);
  if (ended !== undefined) await free(tx, account, ended);
}

async function free(tx: Tx, account: string, { id, applied_to: server }: Ended): Promise<void> {
  const freed = await tx.run(
    'UPDATE pool_licenses SET applied_to = NULL WHERE account = ? AND id = ? AND applied_to = ?',
    [account, id, server],
  );
  if (freed === 0) return; // another server came first
  appendJournal(tx, account, {
    type: 'pool_license.freed',
    subject: { type: 'pool_license', id },
    actor: 'system',
    details: { server },
    rows: [await poolLicenseChanged(tx, account, id)],
  });
}
