import type { Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import type { Standing } from './chain.js';
import { likeness } from './identity.js';
import { factsOf, type InstanceRow, type MachineReport } from './instance.js';

export type EvidenceRow = Message<'EvidenceRow'>;
type Details = Pick<EvidenceRow, 'chain' | 'similarity' | 'changed' | 'boot' | 'generation' | 'kin'>;

/** Kept for each machine: the last so many. */
const KEPT = 100;

/** Keeps what a verdict was judged by, where it was not plainly the same machine. `before` is the instance as it was. */
export async function noteEvidence(
  tx: Tx,
  before: InstanceRow,
  after: InstanceRow,
  { where, machine }: { readonly where: Standing; readonly machine: MachineReport },
  now: number,
): Promise<void> {
  if (where === 'repeated' || (after.verdict === 'same' && where === 'next')) return;
  const { verdict, similarity, changed } = likeness(before, machine);
  const [was, is] = [factsOf(before), factsOf(after)];
  const details: Details = {
    chain: where,
    similarity: verdict === 'unknown' ? null : similarity,
    changed: [...changed],
    boot: compared(was.bootId, is.bootId),
    generation: compared(was.vmGeneration, is.vmGeneration),
    kin: after.forked_from,
  };
  const { account, id, lease_seq: seq } = after;
  await tx.run(
    `INSERT INTO evidence (account, instance_id, seq, at, verdict, details) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, instance_id, seq) DO NOTHING`,
    [account, id, seq, now, after.verdict, JSON.stringify(details)],
  );
  await tx.run('DELETE FROM evidence WHERE account = ? AND instance_id = ? AND seq <= ?', [account, id, seq - KEPT]);
}

/** The last first. */
export async function evidenceOf(reader: Reader, account: string, id: string): Promise<EvidenceRow[]> {
  const rows = await reader.all<{ at: number; verdict: EvidenceRow['verdict']; details: string }>(
    'SELECT at, verdict, details FROM evidence WHERE account = ? AND instance_id = ? ORDER BY seq DESC LIMIT ?',
    [account, id, KEPT],
  );
  return rows.map(({ at, verdict, details }) => {
    return { at: new Date(at).toISOString(), verdict, ...(JSON.parse(details) as Details) };
  });
}

function compared(was: string | null, is: string | null): EvidenceRow['boot'] {
  if (was === null || is === null) return 'unknown';
  return was === is ? 'same' : 'other';
}
