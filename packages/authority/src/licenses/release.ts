import type { Decision } from '@leasehold/terms';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { hostsChanged } from '../hosts/rows.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { licenseOf } from './find-license.js';
import { bindingOf, type SeatUnit } from './machine-license.js';
import { coverAgain, machinesOn } from './machines-on.js';
import { reuseOf, toldOf, type Reuse } from './reuse.js';
import { licenseChanged } from './rows.js';
import { releaseSeat, type SeatState } from './seats.js';

export interface Release {
  readonly license: string;
}
interface Plan {
  /** Machines that ran on it. */
  readonly machines: readonly string[];
  /** The computer or domain that it was assigned to; undefined for a license of seats. */
  readonly assignedTo: string | null | undefined;
  readonly seats: readonly GivenSeat[];
}
interface GivenSeat extends Reuse {
  readonly unit: SeatUnit;
  /** Was it given back before, and waits? */
  readonly waits: boolean;
}

/** Takes a license off its computer. The lease that the computer holds cannot be called back: a machine's seat is reusable
 * when that has ended, and the instant is shown (design section 3, Release). A license of an instance is free at once,
 * because its rules count assignments, not leases (MSP-2). Released again, it answers the same, and nothing is done. */
export const licenseRelease: Change<Release, Plan, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license: id }, now) {
    const license = await licenseOf(reader, account, id);
    const machines = await machinesOn(reader, account, license);
    const seats = license.kind === 'machine' ? await givenSeats(reader, account, id, now) : [];
    const assignedTo = license.kind === 'instance' ? license.row.assigned_to : undefined;
    return { decision: consequences(machines.length, seats), plan: { machines, assignedTo, seats } };
  },
  async apply(tx, { account, actor }, { license: id }, { machines, assignedTo, seats }, now) {
    const held = seats.filter(({ waits }) => !waits);
    if (held.length === 0 && (assignedTo ?? null) === null) return { id };
    if (assignedTo === undefined) await releaseSeats(tx, account, id, held, now);
    else {
      await tx.run(
        `UPDATE instance_licenses SET assigned_to = NULL, assigned_kind = NULL, computer_name = NULL, os = NULL,
           last_released_from = ?, updated_at = ? WHERE account = ? AND id = ?`,
        [assignedTo, now, account, id],
      );
    }
    const rows = [
      await licenseChanged(tx, account, id, now),
      ...(await hostsChanged(
        tx,
        account,
        held.map(({ unit }) => unit),
      )),
      ...(await coverAgain(tx, account, machines, now)),
    ];
    appendJournal(tx, account, {
      type: 'license.released',
      subject: { type: 'license', id },
      actor,
      details: { from: machines, ...toldOf(latest(seats)) },
      rows,
    });
    return { id };
  },
};

/** The caller's role allows it; what it does to whom is told with it. */
function consequences(machines: number, seats: readonly GivenSeat[]): Decision {
  const { reusableFrom, ...told } = toldOf(latest(seats));
  if (reusableFrom == null) return { ...BY_ROLE, value: { machines, ...told } };
  return { ...BY_ROLE, value: { machines, reusableFrom }, until: reusableFrom };
}

function latest(seats: readonly GivenSeat[]): Reuse {
  const last = (name: keyof Reuse): number | null => {
    const instants = seats.map((seat) => seat[name]).filter((at) => at !== null);
    return instants.length === 0 ? null : Math.max(...instants);
  };
  return { reusableFrom: last('reusableFrom'), overlapUntil: last('overlapUntil') };
}

/** The seats that are held, each with the end of the last lease that was issued on it, and those that wait for one. */
async function givenSeats(reader: Reader, account: string, license: string, now: number): Promise<GivenSeat[]> {
  const seats = await reader.all<{ instance_id: SeatUnit; state: SeatState; reusable_from: number | null }>(
    `SELECT instance_id, state, reusable_from FROM seats WHERE account = ? AND license_id = ?
       AND (state = 'held' OR reusable_from > ?) ORDER BY instance_id`,
    [account, license, now],
  );
  const given: GivenSeat[] = [];
  for (const { instance_id: unit, state, reusable_from: reusableFrom } of seats) {
    if (state === 'waiting') {
      given.push({ unit, waits: true, reusableFrom, overlapUntil: null });
      continue;
    }
    given.push({
      unit,
      waits: false,
      ...(await reuseOf(reader, account, await lastLease(reader, account, unit), now)),
    });
  }
  return given;
}

/** When the last lease ends that was issued on a seat: to its machine, or to the guests of its host (reported, else
 * declared: F-1) and to the HyperAgents that back up guests there (AIP-7.1). Epoch ms; null without any. */
async function lastLease(reader: Reader, account: string, unit: SeatUnit): Promise<number | null> {
  const { type, id } = bindingOf(unit);
  const row =
    type === 'host'
      ? await reader.get<{ at: number | null }>(
          `SELECT max(at) AS at FROM (
             SELECT max(lease_expires_at) AS at FROM instances WHERE account = ? AND host_id = ? AND state = 'active'
             UNION ALL SELECT max(lease_expires_at) FROM instances WHERE account = ? AND declared_host_id = ?
               AND host_id IS NULL AND state = 'active'
             UNION ALL SELECT max(i.lease_expires_at) FROM hyper_agent_hosts r
               JOIN hyper_agents h ON h.account = r.account AND h.machine_id = r.machine_id AND h.in_use = 1
               JOIN instances i ON i.account = r.account AND i.id = r.machine_id
               WHERE r.account = ? AND r.host_id = ? AND i.state = 'active' AND EXISTS (SELECT 1 FROM guest_claims c
                 WHERE c.account = r.account AND c.host_id = r.host_id)) AS leases`,
          [account, id, account, id, account, id],
        )
      : await reader.get<{ at: number | null }>(
          "SELECT max(lease_expires_at) AS at FROM instances WHERE account = ? AND id = ? AND state = 'active'",
          [account, id],
        );
  return row?.at ?? null;
}

async function releaseSeats(
  tx: Tx,
  account: string,
  license: string,
  seats: readonly GivenSeat[],
  now: number,
): Promise<void> {
  for (const { unit, reusableFrom } of seats) await releaseSeat(tx, account, license, unit, reusableFrom, now);
}
