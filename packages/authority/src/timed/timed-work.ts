import { forgetDeliveries } from '../delivery/queue.js';
import { forgetParts } from '../hosts/parts.js';
import { forgetShortages } from '../hosts/shortages.js';
import { judgeTurned } from '../instances/cover-turns.js';
import { followRenames } from '../licenses/follow-renames.js';
import { freeSeats } from '../licenses/free-seats.js';
import { expireLicenses } from '../licenses/license-index.js';
import { renewLicenses } from '../orders/renewal-run.js';
import { freeLicenses } from '../pools/free-licenses.js';
import { lapseSessions } from '../sessions/lapse.js';
import type { Reader, Tx } from '../store/index.js';
import { closeSeatDay } from '../usage/seat-days.js';
import { forgetOutboxes } from '../usage/count.js';

/** What an authority does by the clock, whoever calls or not. */
interface TimedWork {
  /** Seconds from one run to the next. */
  readonly every: number;
  /** Does a bounded part of it; answers how much there was, so that a full part is followed by another at once. */
  readonly run: (tx: Tx, account: string, limit: number, now: number) => Promise<number>;
}

const TIMED_WORK = {
  'sessions.lapse': { every: 15, run: lapseSessions },
  'seats.free': { every: 60, run: freeSeats },
  'pools.free': { every: 60, run: freeLicenses },
  'licenses.renew': { every: 86_400, run: renewLicenses },
  'licenses.expire': { every: 60, run: (tx, account, limit, now) => expireLicenses(tx, { account, limit }, now) },
  'cover.judge': { every: 60, run: judgeTurned },
  'licenses.renamed': { every: 60, run: followRenames },
  'seats.day': { every: 60, run: closeSeatDay },
  'deliveries.forget': { every: 3600, run: forgetDeliveries },
  'usage.forget': { every: 3600, run: forgetOutboxes },
  'memory.forget': { every: 600, run: forget },
} as const satisfies Readonly<Record<string, TimedWork>>;

export type WorkName = keyof typeof TIMED_WORK;

/** Rows of one part: what comes between two commits stays short. */
const PART = 100;

interface Place {
  readonly account: string;
}

/** The work whose time has come. A read, so that nodes that look every second write nothing. */
export async function dueWork(reader: Reader, { account, now }: Place & { readonly now: number }): Promise<WorkName[]> {
  const rows = await reader.all<{ name: string; due_at: number }>(
    'SELECT name, due_at FROM timed_work WHERE account = ?',
    [account],
  );
  const dueAt = new Map(rows.map((row) => [row.name, row.due_at]));
  return (Object.keys(TIMED_WORK) as WorkName[]).filter((name) => {
    const at = dueAt.get(name) ?? 0;
    return at <= now || at > furthest(name, now);
  });
}

/** What lies beyond was put off by a clock that stood ahead, and shall not wait for as long. Two periods, because the
 * clocks of nodes differ. */
function furthest(name: WorkName, now: number): number {
  return now + 2 * TIMED_WORK[name].every * 1000;
}

/** Claims a piece of work and does it, in one transaction: of several nodes the first to move `due_at` does it, the
 * others find it moved; a node that dies has neither claimed nor done it. Answers whether there is more to do at once. */
export async function doTimedWork(
  tx: Tx,
  { account, name, node }: Place & { readonly name: WorkName; readonly node: string },
  now: number,
): Promise<boolean> {
  const { every, run } = TIMED_WORK[name];
  await tx.run(
    'INSERT INTO timed_work (account, name, due_at) VALUES (?, ?, 0) ON CONFLICT (account, name) DO NOTHING',
    [account, name],
  );
  const claimed = await tx.run(
    `UPDATE timed_work SET due_at = ?, claimed_by = ?
       WHERE account = ? AND name = ? AND (due_at <= ? OR due_at > ?)`,
    [now + every * 1000, node, account, name, now, furthest(name, now)],
  );
  if (claimed === 0) return false;
  const found = await run(tx, account, PART, now);
  if (found < PART) return false;
  await tx.run('UPDATE timed_work SET due_at = ? WHERE account = ? AND name = ?', [now, account, name]);
  return true;
}

/** Drops what is kept for a time only: answers of repeated requests, counts of wrong keys, parts of reports, graces of
 * guests that are gone. */
async function forget(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const answers = await tx.run(
    `DELETE FROM idempotency WHERE account = ? AND (caller, key) IN
       (SELECT caller, key FROM idempotency WHERE account = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    [account, account, now, limit],
  );
  const guesses = await tx.run(
    `DELETE FROM key_guesses WHERE account = ? AND address IN
       (SELECT address FROM key_guesses WHERE account = ? AND until_at <= ? ORDER BY until_at LIMIT ?)`,
    [account, account, now, limit],
  );
  await forgetParts(tx, account, now);
  await forgetShortages(tx, account, now);
  return Math.max(answers, guesses);
}
