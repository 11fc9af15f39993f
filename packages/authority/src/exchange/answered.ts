import { LeaseholdError } from '@leasehold/protocol';
import { findInstance } from '../instances/instance.js';
import { headLease } from '../instances/lease.js';
import type { Reader, Tx } from '../store/index.js';
import type { Exchanged } from './answer.js';

/** For so long an answer is given again, ms: the courier comes back, the stick was full. */
const AGAIN_FOR = 30 * 86_400_000;

/** What of an answer stands nowhere else. */
interface Said extends Pick<Exchanged, 'verdict' | 'notices' | 'usageSeen'> {
  /** Null when a seat was given back. `until`: epoch ms. */
  readonly lease: { readonly id: string; readonly until: number } | null;
}

/** Notes that a request was answered, and how. */
export async function noteAnswer(
  tx: Tx,
  account: string,
  digest: string,
  { id, call, issued, verdict, notices, usageSeen }: Exchanged,
  now: number,
): Promise<void> {
  const row = issued === undefined ? undefined : await findInstance(tx, account, id);
  const lease = row === undefined ? null : { id: row.lease_id!, until: row.lease_expires_at! };
  const said: Said = { lease, verdict, notices, usageSeen };
  await tx.run(
    'INSERT INTO exchanges (account, digest, call, instance_id, answered_at, said) VALUES (?, ?, ?, ?, ?, ?)',
    [account, digest, call, id, now, JSON.stringify(said)],
  );
}

/** The answer that a request got before, made once more of what stands in the tables: the very same lease, with what the
 * rules know now. Null: it got none yet. `too_late`: that was long ago, or the machine holds, or held since, another lease. */
export async function answeredBefore(
  reader: Reader,
  account: string,
  digest: string,
  now: number,
): Promise<Exchanged | null | 'too_late'> {
  const row = await reader.get<{
    readonly call: Exchanged['call'];
    readonly instance_id: string;
    readonly answered_at: number;
    readonly said: string | null;
  }>('SELECT call, instance_id, answered_at, said FROM exchanges WHERE account = ? AND digest = ?', [account, digest]);
  if (row === undefined) return null;
  const { call, instance_id: id, answered_at: at, said } = row;
  if (said === null || now >= at + AGAIN_FOR) return 'too_late';
  const { lease, ...rest } = JSON.parse(said) as Said;
  if (lease === null) return { id, call, ...rest };
  const held = await findInstance(reader, account, id);
  const stands = held?.state === 'active' && held.lease_id === lease.id && held.lease_expires_at === lease.until;
  return stands ? { id, call, ...rest, issued: await headLease(reader, held) } : 'too_late';
}

export function alreadyAnswered(): LeaseholdError {
  return new LeaseholdError('EXCHANGE_USED', 'This request file was answered before, and that answer stands no more.', {
    path: 'body.file',
    remedy: 'Use the response that it got. If that is lost, make a new request on the machine: it gets the same lease.',
  });
}
