import { accountOf } from '../accounts/account.js';
import { gracesOf } from '../instances/graces.js';
import type { Reader, Tx } from '../store/index.js';
import { allOf, insertAll, runFor } from '../store/many.js';
import { licensedAmong } from './licensed.js';
import type { Place } from './places.js';

/** Which hosts cover their guests: by a license of their own, on a hyper-converged system by those of all (AIP-5.3). */
export async function coveringHosts(
  reader: Reader,
  account: string,
  now: number,
): Promise<ReadonlyMap<string, boolean>> {
  const hosts = await reader.all<{ id: string; hci_id: string | null }>(
    'SELECT id, hci_id FROM hosts WHERE account = ? ORDER BY id',
    [account],
  );
  const ids = hosts.map(({ id }) => id);
  const licensed = await licensedAmong(reader, account, ids, now);
  const bare = new Set(hosts.filter(({ id }) => !licensed.has(id)).map(({ hci_id: hci }) => hci));
  return new Map(hosts.map(({ id, hci_id: hci }) => [id, licensed.has(id) && (hci === null || !bare.has(hci))]));
}

/** What changed for guests by one report. */
export interface Moves {
  /** Hosts that each guest was on before. */
  readonly before: ReadonlyMap<string, Place>;
  readonly after: ReadonlyMap<string, Place>;
  readonly coveringBefore: ReadonlyMap<string, boolean>;
  readonly coveringAfter: ReadonlyMap<string, boolean>;
}

/** Hosts that covered their guests before a report and do not after it: a node without license joined their system. */
export function bared({ coveringBefore, coveringAfter }: Moves): string[] {
  return [...coveringBefore].filter(([id, covers]) => covers && coveringAfter.get(id) === false).map(([id]) => id);
}

/** Writes down which guests lost their cover by something that nobody bought or sold: their grace begins (F-4), anew where
 * an earlier one was ended by a license and left its mark. One that was short before goes on with its own. */
export async function noteShortages(tx: Tx, account: string, moves: Moves, now: number): Promise<void> {
  const { before, after, coveringBefore, coveringAfter } = moves;
  const staying = (await guestsOf(tx, account, bared(moves))).filter((guest) => !after.has(guest));
  const begun = new Set(staying);
  const short = new Map<string, number>();
  const covered: string[] = [];
  for (const [guest, { host }] of after) {
    const was = before.get(guest);
    if (coveringAfter.get(host) === true) covered.push(guest);
    else if (coveringBefore.get(was?.host ?? '') === true) begun.add(guest);
    else if (was?.shortSince !== undefined) short.set(guest, was.shortSince);
  }
  // Told of by nobody: it may be on its way to a host of which another will tell.
  for (const [guest, { host }] of before) if (!after.has(guest) && coveringBefore.get(host) === true) begun.add(guest);
  const note = 'INSERT INTO guest_shortages (account, guest, short_since) VALUES * ON CONFLICT (account, guest)';
  const rows = [...short.keys()].sort().map((guest) => [account, guest, short.get(guest)!]);
  await insertAll(tx, `${note} DO NOTHING`, rows);
  const anew = [...begun].sort().map((guest) => [account, guest, now]);
  await insertAll(tx, `${note} DO UPDATE SET short_since = excluded.short_since`, anew);
  await runFor(tx, 'DELETE FROM guest_shortages WHERE account = ? AND guest IN (*)', [account], covered.sort());
}

/** Drops what is known of guests that nobody tells of any more, once their grace is over. */
export async function forgetShortages(tx: Tx, account: string, now: number): Promise<void> {
  const { shortage } = gracesOf(await accountOf(tx, account));
  await tx.run(
    `DELETE FROM guest_shortages WHERE account = ? AND short_since <= ? AND NOT EXISTS (SELECT 1 FROM guest_claims c
       WHERE c.account = guest_shortages.account AND c.guest = guest_shortages.guest)`,
    [account, now - shortage],
  );
}

async function guestsOf(reader: Reader, account: string, hosts: readonly string[]): Promise<string[]> {
  const sql = 'SELECT guest FROM guest_claims WHERE account = ? AND host_id IN (*)';
  return (await allOf<{ guest: string }>(reader, sql, account, hosts)).map(({ guest }) => guest);
}

/** Ends the graces of guests whose hosts cover them again, because a host without a license has left their system. Answers
 * these hosts. `before`: which covered then. */
export async function endShortages(
  tx: Tx,
  account: string,
  before: ReadonlyMap<string, boolean>,
  now: number,
): Promise<string[]> {
  const after = await coveringHosts(tx, account, now);
  const again = [...after].filter(([id, covers]) => covers && before.get(id) === false).map(([id]) => id);
  const sql = `DELETE FROM guest_shortages WHERE account = ? AND guest IN (SELECT guest FROM guest_claims
    WHERE account = ? AND host_id = ?)`;
  for (const host of again) await tx.run(sql, [account, account, host]);
  return again;
}
