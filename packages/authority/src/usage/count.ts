import type { Message } from '@leasehold/protocol';
import { dayOf } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Tx } from '../store/index.js';

type UsageBatch = Message<'UsageBatch'>;

/** What of a batch was new: runs and bytes, to be added to the instance; and up to where its outbox was seen, which the
 * agent then trims. */
export interface Counted {
  readonly runs: number;
  readonly bytes: number;
  readonly seen: { readonly epoch: string; readonly n: number };
}

/** More runs than anybody has; a count beyond is told as this, because no reader takes it (Count). */
export const MOST_RUNS = 1_000_000_000;

/** Before the first number of an outbox. */
const UNSEEN = -1;

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
  const last = await seenOf(tx, account, instance, epoch);
  const countable = batch.records.filter((record) =>
    last === UNSEEN ? !mayBeForgotten(record, now) : record.n > last,
  );
  const fresh = new Map(countable.map((record) => [record.n, record]));
  const n = Math.max(last, 0, ...batch.records.map((record) => record.n));
  if (fresh.size === 0) return { runs: 0, bytes: 0, seen: { epoch, n } };
  const latest = Math.max(now, ...[...fresh.values()].map(({ at }) => Date.parse(at)));
  await noteSeen(tx, account, instance, { epoch, n }, latest);
  for (const again of await countedBefore(tx, account, instance, [...fresh.values()], now)) fresh.delete(again);
  const all = { runs: 0, bytes: 0 };
  const { timeZone } = await accountOf(tx, account);
  for (const [key, sum] of sums([...fresh.values()], timeZone)) {
    await add(tx, account, instance, key, sum);
    all.runs += sum.runs;
    all.bytes += sum.bytes;
  }
  return { runs: all.runs, bytes: all.bytes, seen: { epoch, n } };
}

/** The numbers of records that a relay handed on before. Its own book and its outbox are two files: killed between them, it
 * hands the same report of its agent on under another number of its own. Notes what is counted now. */
async function countedBefore(
  tx: Tx,
  account: string,
  instance: string,
  records: UsageBatch['records'],
  now: number,
): Promise<number[]> {
  const again: number[] = [];
  const marks = new Map<string, Mark>();
  for (const { n, source, at } of records) {
    if (source === undefined) continue;
    const outbox = `${source.id} ${source.epoch}`;
    const mark = marks.get(outbox) ?? { n: await seenOf(tx, account, instance, outbox), latest: 0 };
    if (source.n <= mark.n) again.push(n);
    else marks.set(outbox, { n: source.n, latest: Math.max(now, mark.latest, Date.parse(at)) });
  }
  for (const [epoch, { n, latest }] of marks) await noteSeen(tx, account, instance, { epoch, n }, latest);
  return again;
}

interface Mark {
  readonly n: number;
  readonly latest: number;
}

async function seenOf(tx: Tx, account: string, instance: string, outbox: string): Promise<number> {
  const seen = await tx.get<{ n: number }>(
    'SELECT n FROM usage_seen WHERE account = ? AND instance_id = ? AND outbox_epoch = ?',
    [account, instance, outbox],
  );
  return seen?.n ?? UNSEEN;
}

async function noteSeen(
  tx: Tx,
  account: string,
  instance: string,
  { epoch, n }: Counted['seen'],
  latest: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO usage_seen (account, instance_id, outbox_epoch, n, seen_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, instance_id, outbox_epoch) DO UPDATE SET n = excluded.n,
         seen_at = CASE WHEN usage_seen.seen_at > excluded.seen_at THEN usage_seen.seen_at ELSE excluded.seen_at END`,
    [account, instance, epoch, n, latest],
  );
}

/** How long it is remembered what of an outbox was counted, ms: longer than any lease runs (400 days), so that an outbox
 * that is not heard of for so long has ended. */
const REMEMBERED = 420 * 86_400_000;

/** Of an outbox that is not known: a record so old that the memory of it may be gone is acknowledged and not counted,
 * because it could be the second time. */
function mayBeForgotten({ at }: UsageBatch['records'][number], now: number): boolean {
  return Date.parse(at) <= now - REMEMBERED;
}

/** Drops what is remembered of outboxes that have ended. `seen_at` is not before any record that it stands for, so that
 * whatever comes again of a dropped one is too old to be counted. */
export async function forgetOutboxes(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  return tx.run(
    `DELETE FROM usage_seen WHERE account = ? AND (instance_id, outbox_epoch) IN
       (SELECT instance_id, outbox_epoch FROM usage_seen WHERE account = ? AND seen_at <= ? ORDER BY seen_at LIMIT ?)`,
    [account, account, now - REMEMBERED, limit],
  );
}

interface Sum {
  runs: number;
  bytes: number;
}

/** By day of the account's zone and kind, `2026-06-15 backup`. */
function sums(records: UsageBatch['records'], timeZone: string): Map<string, Sum> {
  const byKey = new Map<string, Sum>();
  for (const { at, kind, count, bytes } of records) {
    const key = `${dayOf(Date.parse(at), timeZone)} ${kind}`;
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
