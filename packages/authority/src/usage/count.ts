import type { Message } from '@leasehold/protocol';
import type { Tx } from '../store/index.js';

type UsageBatch = Message<'UsageBatch'>;

/** What of a batch was new: runs and bytes, to be added to the instance; and up to where its outbox was seen, which the
 * agent then trims. */
export interface Counted {
  readonly runs: number;
  readonly bytes: number;
  readonly seen: { readonly epoch: string; readonly n: number };
}

/** Counts an agent's usage, each record once: what its outbox sends again, because a reply was lost, is known by its
 * number. The instance is held by the command (holdInstance). */
export async function countUsage(
  tx: Tx,
  account: string,
  instance: string,
  batch: UsageBatch,
  now: number,
): Promise<Counted> {
  const { epoch } = batch;
  const seen = await tx.get<{ n: number }>(
    'SELECT n FROM usage_seen WHERE account = ? AND instance_id = ? AND outbox_epoch = ?',
    [account, instance, epoch],
  );
  const last = seen?.n ?? -1;
  const fresh = new Map(batch.records.filter((record) => record.n > last).map((record) => [record.n, record]));
  if (fresh.size === 0) return { runs: 0, bytes: 0, seen: { epoch, n: Math.max(last, 0) } };
  const n = Math.max(...fresh.keys());
  await tx.run(
    `INSERT INTO usage_seen (account, instance_id, outbox_epoch, n, seen_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, instance_id, outbox_epoch) DO UPDATE SET n = excluded.n, seen_at = excluded.seen_at`,
    [account, instance, epoch, n, now],
  );
  const all = { runs: 0, bytes: 0 };
  for (const [key, sum] of sums([...fresh.values()])) {
    await add(tx, account, instance, key, sum);
    all.runs += sum.runs;
    all.bytes += sum.bytes;
  }
  return { ...all, seen: { epoch, n } };
}

interface Sum {
  runs: number;
  bytes: number;
}

/** By day and kind, `2026-06-15 backup`. */
function sums(records: UsageBatch['records']): Map<string, Sum> {
  const byKey = new Map<string, Sum>();
  for (const { at, kind, count, bytes } of records) {
    const key = `${at.slice(0, 10)} ${kind}`;
    const sum = byKey.get(key) ?? { runs: 0, bytes: 0 };
    byKey.set(key, { runs: sum.runs + count, bytes: sum.bytes + bytes });
  }
  return byKey;
}

async function add(tx: Tx, account: string, instance: string, key: string, { runs, bytes }: Sum): Promise<void> {
  await tx.run(
    `INSERT INTO usage_totals (account, instance_id, day, kind, runs, bytes) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, instance_id, day, kind)
       DO UPDATE SET runs = usage_totals.runs + excluded.runs, bytes = usage_totals.bytes + excluded.bytes`,
    [account, instance, key.slice(0, 10), key.slice(11), runs, bytes],
  );
}
