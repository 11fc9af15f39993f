import type { Tx } from '../tx.js';
import type { Migration } from './migration.js';

const SLICE = 5_000;

/** When time alone changes whether a machine is covered (instances/cover-turns.ts). Of those that are there nobody knows
 * yet: each is judged once, the one that is silent for longest first. The index follows in a migration of its own, made over
 * rows that are filled. */
export const coverTurns: Migration = {
  id: 39,
  name: 'cover-turns',
  statements: ['ALTER TABLE instances ADD COLUMN cover_until bigint'],
  backfill: dueSlice,
};

type Place = readonly [account: string, id: string];

async function dueSlice(tx: Tx, progress: string | null): Promise<string | null> {
  const from: Place = progress === null ? ['', ''] : (JSON.parse(progress) as Place);
  const last = await tx.get<{ account: string; id: string }>(
    `SELECT account, id FROM (SELECT account, id FROM instances WHERE (account, id) > (?, ?) ORDER BY account, id LIMIT ?)
       AS slice ORDER BY account DESC, id DESC LIMIT 1`,
    [...from, SLICE],
  );
  if (last === undefined) return null;
  const to: Place = [last.account, last.id];
  await tx.run(
    `UPDATE instances SET cover_until = last_seen_at
       WHERE (account, id) > (?, ?) AND (account, id) <= (?, ?) AND state = 'active'`,
    [...from, ...to],
  );
  return JSON.stringify(to);
}
