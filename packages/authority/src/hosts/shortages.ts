import type { Reader, Tx } from '../store/index.js';
import { insertAll, runFor } from '../store/many.js';
import type { Place } from './places.js';

/** Which hosts cover their guests: by a license of their own, on a hyper-converged system by those of all (AIP-5.3). */
export async function coveringHosts(reader: Reader, account: string): Promise<ReadonlyMap<string, boolean>> {
  const hosts = await reader.all<{ id: string; hci_id: string | null; licensed: number }>(
    `SELECT h.id, h.hci_id, (SELECT count(*) FROM seats s WHERE s.account = h.account AND s.state = 'held'
       AND s.instance_id = 'host:' || h.id) AS licensed FROM hosts h WHERE h.account = ? ORDER BY h.id`,
    [account],
  );
  const bare = new Set(hosts.filter(({ licensed }) => licensed === 0).map(({ hci_id: hci }) => hci));
  return new Map(hosts.map(({ id, hci_id: hci, licensed }) => [id, licensed > 0 && (hci === null || !bare.has(hci))]));
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

/** Writes down which guests lost their cover by something that nobody bought or sold: their grace begins (F-4). One that
 * has cover again starts anew the next time. */
export async function noteShortages(tx: Tx, account: string, moves: Moves, now: number): Promise<void> {
  const { before, after, coveringBefore, coveringAfter } = moves;
  const short = new Map<string, number>();
  const covered: string[] = [];
  for (const [guest, { host }] of after) {
    const was = before.get(guest);
    if (coveringAfter.get(host) === true) covered.push(guest);
    else if (coveringBefore.get(was?.host ?? '') === true) short.set(guest, now);
    else if (was?.shortSince !== undefined) short.set(guest, was.shortSince);
  }
  const note = `INSERT INTO guest_shortages (account, guest, short_since) VALUES * ON CONFLICT (account, guest) DO NOTHING`;
  await insertAll(
    tx,
    note,
    [...short.keys()].sort().map((guest) => [account, guest, short.get(guest)!]),
  );
  await runFor(tx, 'DELETE FROM guest_shortages WHERE account = ? AND guest IN (*)', [account], covered.sort());
  for (const host of bared(moves)) {
    await tx.run(
      `INSERT INTO guest_shortages (account, guest, short_since) SELECT account, guest, CAST(? AS bigint) FROM guest_claims
         WHERE account = ? AND host_id = ? ON CONFLICT (account, guest) DO NOTHING`,
      [now, account, host],
    );
  }
}

/** Ends the graces of guests whose hosts cover them again, because a host without a license has left their system. Answers
 * these hosts. `before`: which covered then. */
export async function endShortages(tx: Tx, account: string, before: ReadonlyMap<string, boolean>): Promise<string[]> {
  const after = await coveringHosts(tx, account);
  const again = [...after].filter(([id, covers]) => covers && before.get(id) === false).map(([id]) => id);
  const sql = `DELETE FROM guest_shortages WHERE account = ? AND guest IN (SELECT guest FROM guest_claims
    WHERE account = ? AND host_id = ?)`;
  for (const host of again) await tx.run(sql, [account, account, host]);
  return again;
}
