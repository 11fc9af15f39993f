import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../changes.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { findInstanceLicense } from './instance-license.js';
import { bindingOf, findMachineLicense, type SeatUnit } from './machine-license.js';
import { machinesAt } from './machines-at.js';
import { licenseChanged } from './rows.js';
import { releaseSeat } from './seats.js';

export interface Release {
  readonly license: string;
}
interface Plan {
  /** Machines that ran on it. */
  readonly machines: readonly string[];
}
export interface Released {
  readonly id: string;
  /** Epoch ms from which the seat is reusable; null: now. */
  readonly reusableFrom: number | null;
}

/** Takes a license off its computer. The lease that the computer holds cannot be called back: a machine's seat is reusable
 * when that has ended, and the instant is shown (design section 3, Release). A license of an instance is free at once,
 * because its rules count assignments, not leases (MSP-2). */
export const licenseRelease: Change<Release, Plan, Released> = {
  async judge(reader, { account }, { license: id }) {
    const single = await findInstanceLicense(reader, account, id);
    if (single !== undefined) {
      const machines = single.assigned_to === null ? [] : [single.assigned_to];
      return { decision: BY_ROLE, plan: { machines } };
    }
    if ((await findMachineLicense(reader, account, id)) === undefined) {
      throw new LeaseholdError('NOT_FOUND', `There is no license ${id}.`, { path: 'license' });
    }
    return { decision: BY_ROLE, plan: { machines: await machinesOn(reader, account, id) } };
  },
  async apply(tx, { account, actor }, { license: id }, { machines }, now) {
    const single = await findInstanceLicense(tx, account, id);
    const reusableFrom = single === undefined ? await releaseSeats(tx, account, id, now) : null;
    if (single !== undefined) {
      await tx.run(
        `UPDATE instance_licenses SET assigned_to = NULL, assigned_kind = NULL, computer_name = NULL, os = NULL,
           last_released_from = ?, updated_at = ? WHERE account = ? AND id = ?`,
        [single.assigned_to, now, account, id],
      );
    }
    const rows: ChangedRow[] = [await licenseChanged(tx, account, id, now)];
    for (const machine of machines) {
      const row = await findInstance(tx, account, machine);
      if (row !== undefined) rows.push(machineChanged((await noteCover(tx, row, now)).row, now));
    }
    appendJournal(tx, account, {
      type: 'license.released',
      subject: { type: 'license', id },
      actor,
      details: { from: machines, reusableFrom: reusableFrom === null ? null : new Date(reusableFrom).toISOString() },
      rows,
    });
    return { id, reusableFrom };
  },
};

async function machinesOn(reader: Reader, account: string, license: string): Promise<string[]> {
  const seats = await reader.all<{ instance_id: string }>(
    'SELECT instance_id FROM seats WHERE account = ? AND license_id = ?',
    [account, license],
  );
  const found = new Set<string>();
  for (const seat of seats) for (const id of await machinesAt(reader, account, seat.instance_id)) found.add(id);
  return [...found];
}

/** Each seat waits for the last lease that was issued on it. Answers the latest of those instants. */
async function releaseSeats(tx: Tx, account: string, license: string, now: number): Promise<number | null> {
  const seats = await tx.all<{ instance_id: SeatUnit }>(
    "SELECT instance_id FROM seats WHERE account = ? AND license_id = ? AND state = 'held'",
    [account, license],
  );
  let latest: number | null = null;
  for (const { instance_id: unit } of seats) {
    const { type, id } = bindingOf(unit);
    const column = type === 'host' ? 'coalesce(host_id, declared_host_id)' : 'id';
    const row = await tx.get<{ at: number | null }>(
      `SELECT max(lease_expires_at) AS at FROM instances WHERE account = ? AND ${column} = ? AND state = 'active'`,
      [account, id],
    );
    const until = row?.at != null && row.at > now ? row.at : null;
    await releaseSeat(tx, account, license, unit, until, now);
    latest = until === null ? latest : Math.max(latest ?? 0, until);
  }
  return latest;
}
