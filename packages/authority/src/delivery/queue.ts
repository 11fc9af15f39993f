import type { Message } from '@leasehold/protocol';
import { appendJournal, journalAfter, journalHead, type JournalRow, type Reader, type Tx } from '../store/index.js';
import type { Subscription } from './subscriptions.js';

/** When to try again after the n-th failure, seconds: the schedule that the Standard Webhooks specification proposes. After
 * the last one a delivery is dead. */
const RETRIES = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** What waits longer than any pause was put off by a clock that stood ahead, and shall not wait for as long. */
const furthest = (now: number): number => now + 2 * RETRIES.at(-1)! * 1000;
/** A claimed delivery that nobody settled (its node died) is due again after this, ms. */
const CLAIM = 120_000;
/** Delivered ones are kept so long, ms: to be seen, and replayed. */
const KEPT = 30 * 86_400_000;
const SLICE = 100;

interface Place {
  readonly account: string;
}

/** One event for one receiver, ready to be sent. */
export interface Delivery {
  readonly id: string;
  readonly attempts: number;
  readonly subscription: Subscription;
  /** Undefined where the row was archived or its payload erased: then nothing can be sent. */
  readonly row: JournalRow | undefined;
}

/** Is there anything to do? A read, so that nodes that look every second write nothing. */
export async function deliveriesDue(
  reader: Reader,
  { account, now }: Place & { readonly now: number },
): Promise<boolean> {
  const behind = await reader.get(
    `SELECT s.id FROM subscriptions s JOIN journal_heads h ON h.account = s.account
       WHERE s.account = ? AND s.seq < h.seq AND s.state = 'active' LIMIT 1`,
    [account],
  );
  if (behind !== undefined) return true;
  const due = await reader.get(
    "SELECT id FROM deliveries WHERE account = ? AND state = 'waiting' AND (due_at <= ? OR due_at > ?) LIMIT 1",
    [account, now, furthest(now)],
  );
  return due !== undefined;
}

/** Looks through what was journaled since and queues it for those who want it: once for each event and receiver, whatever
 * happens in between, because queue and cursor move together. */
export async function queueDeliveries(tx: Tx, { account }: Place, now: number): Promise<void> {
  const { seq: head } = await journalHead(tx, account);
  const behind = await tx.all<Subscription>(
    "SELECT * FROM subscriptions WHERE account = ? AND seq < ? AND state = 'active' ORDER BY seq LIMIT 20",
    [account, head],
  );
  for (const subscription of behind) {
    const { rows } = await journalAfter(tx, account, subscription.seq, SLICE);
    for (const row of rows) if (wants(subscription, row.type)) await queue(tx, account, subscription.id, row, now);
    await tx.run('UPDATE subscriptions SET seq = ? WHERE account = ? AND id = ? AND seq = ?', [
      rows.at(-1)?.seq ?? head,
      account,
      subscription.id,
      subscription.seq,
    ]);
  }
}

/** What befalls deliveries themselves is never delivered: a dead one would make the next. */
function wants({ events }: Subscription, type: string): boolean {
  if (type.startsWith('subscription.')) return false;
  return (JSON.parse(events) as string[]).some((wanted) => {
    return wanted === '*' || wanted === type || (wanted.endsWith('.') && type.startsWith(wanted));
  });
}

async function queue(tx: Tx, account: string, subscription: string, row: JournalRow, now: number): Promise<void> {
  await tx.run(
    `INSERT INTO deliveries (account, id, subscription_id, seq, type, state, attempts, due_at, created_at)
       VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (account, subscription_id, seq) DO NOTHING`,
    [account, `${subscription}.${row.epoch}.${row.seq}`, subscription, row.seq, row.type, now, now],
  );
}

/** Takes what is due: of several nodes one. */
export async function claimDeliveries(tx: Tx, { account }: Place, now: number): Promise<Delivery[]> {
  const due = await tx.all<{ id: string }>(
    `SELECT id FROM deliveries WHERE account = ? AND state = 'waiting' AND (due_at <= ? OR due_at > ?)
       ORDER BY due_at, id LIMIT 20`,
    [account, now, furthest(now)],
  );
  const claimed: Delivery[] = [];
  for (const { id } of due) {
    const mine = await tx.get<{ attempts: number; subscription_id: string; seq: number }>(
      `UPDATE deliveries SET due_at = ?, attempts = attempts + 1 WHERE account = ? AND id = ?
         AND (due_at <= ? OR due_at > ?) RETURNING attempts, subscription_id, seq`,
      [now + CLAIM, account, id, now, furthest(now)],
    );
    if (mine === undefined) continue;
    const subscription = await tx.get<Subscription>('SELECT * FROM subscriptions WHERE account = ? AND id = ?', [
      account,
      mine.subscription_id,
    ]);
    const [row] = (await journalAfter(tx, account, mine.seq - 1, 1)).rows;
    if (subscription === undefined) continue;
    claimed.push({ id, attempts: mine.attempts, subscription, row: row?.seq === mine.seq ? row : undefined });
  }
  return claimed;
}

/** How an attempt ended. `gone`: the receiver wants nothing more (410). */
export type Ended =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly problem: string };

/** Writes down how an attempt ended, and when the next one is. `jitter` is in [0, 1). */
export async function settleDelivery(
  tx: Tx,
  {
    account,
    id,
    attempts,
    ended,
    jitter,
  }: Place & Pick<Delivery, 'id' | 'attempts'> & { ended: Ended; jitter: number },
  now: number,
): Promise<void> {
  if (ended.kind === 'delivered') {
    await tx.run(
      "UPDATE deliveries SET state = 'delivered', delivered_at = ?, problem = NULL WHERE account = ? AND id = ?",
      [now, account, id],
    );
    return;
  }
  const problem = ended.kind === 'gone' ? 'The receiver answered 410 Gone.' : ended.problem.slice(0, 300);
  const wait = ended.kind === 'gone' ? undefined : RETRIES[attempts - 1];
  const dueAt = wait === undefined ? now : now + wait * 1000 * (1 + 0.1 * jitter);
  const row = await tx.get<{ subscription_id: string }>(
    'UPDATE deliveries SET state = ?, due_at = ?, problem = ? WHERE account = ? AND id = ? RETURNING subscription_id',
    [wait === undefined ? 'dead' : 'waiting', Math.round(dueAt), problem, account, id],
  );
  if (row === undefined || wait !== undefined) return;
  const { subscription_id: subscription } = row;
  if (ended.kind === 'gone') {
    await tx.run("UPDATE subscriptions SET state = 'stopped' WHERE account = ? AND id = ?", [account, subscription]);
  }
  appendJournal(tx, account, {
    type: ended.kind === 'gone' ? 'subscription.stopped' : 'subscription.delivery_died',
    subject: { type: 'subscription', id: subscription },
    actor: 'system',
    details: { delivery: id, problem },
    rows: [],
  });
}

/** Drops what was delivered long ago. */
export async function forgetDeliveries(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  return tx.run(
    `DELETE FROM deliveries WHERE account = ? AND id IN
       (SELECT id FROM deliveries WHERE account = ? AND state = 'delivered' AND due_at <= ? ORDER BY due_at LIMIT ?)`,
    [account, account, now - KEPT, limit],
  );
}

interface Columns {
  readonly id: string;
  readonly subscription_id: string;
  readonly seq: number;
  readonly type: string;
  readonly state: Message<'DeliveryRow'>['state'];
  readonly attempts: number;
  readonly due_at: number;
  readonly delivered_at: number | null;
  readonly problem: string | null;
  readonly created_at: number;
}

interface Asked extends Place {
  readonly after: string | null;
  readonly limit: number;
  readonly state: string | null;
  readonly subscription: string | null;
}

/** Deliveries by id, a page from `after`. */
export async function listDeliveries(
  reader: Reader,
  { account, after, limit, state, subscription }: Asked,
): Promise<Message<'DeliveryPage'>> {
  const filters = [
    ...(state === null ? [] : [['state = ?', state] as const]),
    ...(subscription === null ? [] : [['subscription_id = ?', subscription] as const]),
  ];
  const where = filters.map(([sql]) => ` AND ${sql}`).join('');
  const rows = await reader.all<Columns>(
    `SELECT * FROM deliveries WHERE account = ? AND id > ?${where} ORDER BY id LIMIT ?`,
    [account, after ?? '', ...filters.map(([, value]) => value), limit],
  );
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    rows: rows.map((row) => ({
      id: row.id,
      subscription: row.subscription_id,
      seq: row.seq,
      type: row.type,
      state: row.state,
      attempts: row.attempts,
      createdAt: at(row.created_at),
      dueAt: at(row.due_at),
      deliveredAt: row.delivered_at === null ? null : at(row.delivered_at),
      lastProblem: row.problem,
    })),
    next: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
  };
}
