import type { Message } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at, machineFact } from '../facts.js';
import type { Reader } from '../store/index.js';
import { declarationsOf } from './declarations.js';
import { evidenceOf } from './evidence.js';
import { gracesOf } from './graces.js';
import { assertInstance, findInstance, type InstanceRow } from './instance.js';
import { machineRow } from './rows.js';

type Detail = Message<'MachineDetail'>;

/** Everything that is known of one machine. */
export async function machineDetail(
  reader: Reader,
  { account, machine, now }: { readonly account: string; readonly machine: string; readonly now: number },
): Promise<Detail> {
  const row = await assertInstance(reader, account, machine);
  return {
    machine: machineRow(row, now),
    fork: await forkOf(reader, row),
    declarations: await declarationsOf(reader, account, row.id),
    evidence: await evidenceOf(reader, account, row.id),
    seats: await seatsOf(reader, row),
    stale: (await judgeStale(reader, row, now)) as Detail['stale'],
  };
}

/** Is a machine silent for so long that its seat should be taken back (D-10, F-6)? */
export async function judgeStale(reader: Reader, row: InstanceRow, now: number): Promise<ReturnType<typeof decide>> {
  const { policy, timeZone, catalogs } = await accountOf(reader, row.account);
  const facts = at({ profile: 'aip', machines: [machineFact(row)], policy, account: { timeZone } }, now);
  const lastSeenAt = new Date(Math.min(row.last_seen_at, now)).toISOString();
  return decide(facts, { action: 'instance.stale_check', machine: row.id, lastSeenAt }, catalogs.aip);
}

async function forkOf(reader: Reader, row: InstanceRow): Promise<Detail['fork']> {
  if (row.forked_from === null) return null;
  const since = row.forked_at ?? row.registered_at;
  const { shortage } = gracesOf(await accountOf(reader, row.account));
  const original = await findInstance(reader, row.account, row.forked_from);
  return {
    of: row.forked_from,
    since: new Date(since).toISOString(),
    until: new Date(since + shortage).toISOString(),
    undecided: row.forked_at !== null && original?.forked_at === row.forked_at,
    decision: row.fork_decision,
  };
}

async function seatsOf(reader: Reader, { account, id }: InstanceRow): Promise<Detail['seats']> {
  const rows = await reader.all<{
    id: string;
    edition: string;
    state: 'held' | 'waiting';
    reusable_from: number | null;
  }>(
    `SELECT l.id, l.edition, s.state, s.reusable_from FROM seats s
       JOIN machine_licenses l ON l.account = s.account AND l.id = s.license_id
       WHERE s.account = ? AND s.instance_id = ? ORDER BY s.license_id LIMIT 200`,
    [account, `machine:${id}`],
  );
  return rows.map(({ id: license, edition, state, reusable_from: from }) => ({
    license,
    edition,
    state,
    reusableFrom: from === null ? null : new Date(from).toISOString(),
  }));
}
