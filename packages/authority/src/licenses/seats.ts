import { RunAgain, type Reader, type Tx } from '../store/index.js';
import { findMachineLicense, type MachineLicenseRow, type SeatUnit } from './machine-license.js';

/** A seat is one row of (license, unit); `used` of the license counts them. Both move in one transaction, and `used`
 * only by a conditional UPDATE, so that no interleaving on either engine sells a seat twice. */

export async function holdsSeat(reader: Reader, account: string, license: string, unit: SeatUnit): Promise<boolean> {
  return (await seatOf(reader, account, license, unit)) === 'held';
}

export type SeatState = 'held' | 'waiting';

export async function seatOf(
  reader: Reader,
  account: string,
  license: string,
  unit: SeatUnit,
): Promise<SeatState | undefined> {
  const seat = await reader.get<{ state: SeatState }>(
    'SELECT state FROM seats WHERE account = ? AND license_id = ? AND instance_id = ?',
    [account, license, unit],
  );
  return seat?.state;
}

/** A license whose seats moved. `waiting_until`: when the first seat that waits is free, epoch ms, or null. */
export type CountedLicense = MachineLicenseRow & { readonly waiting_until: number | null };

/** Takes a seat for a unit; one that the unit holds, or that waits for its lease to end, is its own again. `beyond`: so
 * many above the quota, where a policy grants over-use (D-4). Answers the license as it stands then, or undefined when
 * every seat is taken. */
export async function takeSeat(
  tx: Tx,
  account: string,
  license: string,
  unit: SeatUnit,
  now: number,
  beyond = 0,
): Promise<MachineLicenseRow | undefined> {
  if (await takeAgain(tx, account, license, unit)) return findMachineLicense(tx, account, license);
  await noteSeat(tx, account, license, unit, now);
  let taken = await countUp(tx, account, license, now, beyond);
  // Only a full license needs to know which of its seats have come free.
  if (taken === undefined && (await freeEnded(tx, account, license, now)) > 0)
    taken = await countUp(tx, account, license, now, beyond);
  if (taken === undefined) await dropSeat(tx, account, license, unit);
  return taken;
}

/** A seat that a unit has, held or waiting, is its own again. Answers whether it has one. */
export async function takeAgain(tx: Tx, account: string, license: string, unit: SeatUnit): Promise<boolean> {
  const again = await tx.run(
    `UPDATE seats SET state = 'held', released_at = NULL, reusable_from = NULL
       WHERE account = ? AND license_id = ? AND instance_id = ?`,
    [account, license, unit],
  );
  return again > 0;
}

/** Writes down a unit's seat; {@link countSeat} takes it, in the same transaction. Runs again where another request for
 * the same unit was first. */
export async function noteSeat(tx: Tx, account: string, license: string, unit: SeatUnit, now: number): Promise<void> {
  const noted = await tx.run(
    `INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', ?)
       ON CONFLICT (account, license_id, instance_id) DO NOTHING`,
    [account, license, unit, now],
  );
  if (noted === 0) throw new RunAgain();
}

/** Takes the seat that was noted, of a license that had a free one when it was read: the row on which all claims of a
 * license meet comes last, and they wait for each other no longer than that. Runs again where others took the last. */
export async function countSeat(tx: Tx, account: string, license: string, now: number): Promise<CountedLicense> {
  const taken = await countUp(tx, account, license, now, 0);
  if (taken === undefined) throw new RunAgain();
  return taken;
}

async function countUp(
  tx: Tx,
  account: string,
  license: string,
  now: number,
  beyond: number,
): Promise<CountedLicense | undefined> {
  return tx.get<CountedLicense>(
    `UPDATE machine_licenses SET used = used + 1, updated_at = ?
       WHERE account = ? AND id = ? AND used < quota + ? RETURNING *, (SELECT min(s.reusable_from) FROM seats s
         WHERE s.account = machine_licenses.account AND s.license_id = machine_licenses.id AND s.state = 'waiting')
         AS waiting_until`,
    [now, account, license, beyond],
  );
}

/** Gives a unit the seat that a lease of ours says it has, also above the quota: it was counted when that was signed. */
export async function keepSeat(tx: Tx, account: string, license: string, unit: SeatUnit, now: number): Promise<void> {
  const added = await tx.run(
    `INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', ?)
       ON CONFLICT (account, license_id, instance_id) DO NOTHING`,
    [account, license, unit, now],
  );
  if (added > 0) await countDown(tx, account, license, -1, now);
  else await takeSeat(tx, account, license, unit, now);
}

/** Moves a held seat to another unit; it is never free in between. A seat that the other one has, held or waiting, is
 * enough for it. */
export async function moveSeat(
  tx: Tx,
  account: string,
  license: string,
  { from, to }: { readonly from: SeatUnit; readonly to: SeatUnit },
  now: number,
): Promise<void> {
  if (await takeAgain(tx, account, license, to)) {
    await releaseSeat(tx, account, license, from, null, now);
    return;
  }
  await tx.run(
    'UPDATE seats SET instance_id = ?, taken_at = ? WHERE account = ? AND license_id = ? AND instance_id = ?',
    [to, now, account, license, from],
  );
}

/** Gives a seat back. With `reusableFrom` it waits until then, because a lease that cannot be called back still lives;
 * without, it is free at once. Answers whether the unit held one. */
export async function releaseSeat(
  tx: Tx,
  account: string,
  license: string,
  unit: SeatUnit,
  reusableFrom: number | null,
  now: number,
): Promise<boolean> {
  if (reusableFrom !== null) {
    const waiting = await tx.run(
      `UPDATE seats SET state = 'waiting', released_at = ?, reusable_from = ?
         WHERE account = ? AND license_id = ? AND instance_id = ? AND state = 'held'`,
      [now, reusableFrom, account, license, unit],
    );
    return waiting > 0;
  }
  const gone = await dropSeat(tx, account, license, unit);
  if (gone > 0) await countDown(tx, account, license, gone, now);
  return gone > 0;
}

function dropSeat(tx: Tx, account: string, license: string, unit: SeatUnit): Promise<number> {
  return tx.run('DELETE FROM seats WHERE account = ? AND license_id = ? AND instance_id = ?', [account, license, unit]);
}

/** The first instant at which a waiting seat of the license is free, or null. */
export async function nextReusable(reader: Reader, account: string, license: string): Promise<number | null> {
  const row = await reader.get<{ at: number | null }>(
    "SELECT min(reusable_from) AS at FROM seats WHERE account = ? AND license_id = ? AND state = 'waiting'",
    [account, license],
  );
  return row?.at ?? null;
}

/** Frees the seats whose last lease has ended since; answers how many. */
export async function freeEnded(tx: Tx, account: string, license: string, now: number): Promise<number> {
  const freed = await tx.run(
    "DELETE FROM seats WHERE account = ? AND license_id = ? AND state = 'waiting' AND reusable_from <= ?",
    [account, license, now],
  );
  if (freed > 0) await countDown(tx, account, license, freed, now);
  return freed;
}

async function countDown(tx: Tx, account: string, license: string, by: number, now: number): Promise<void> {
  await tx.run('UPDATE machine_licenses SET used = used - ?, updated_at = ? WHERE account = ? AND id = ?', [
    by,
    now,
    account,
    license,
  ]);
}
