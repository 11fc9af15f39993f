import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { judgeCover } from '../instances/cover.js';
import type { InstanceRow } from '../instances/instance.js';
import { machinesAt } from '../licenses/machines-at.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { runFor } from '../store/many.js';
import { agentsAmong } from './guests.js';
import { countedClaims, placesFrom } from './places.js';
import { CARRIED, judgeAgain } from './report.js';
import { findHost } from './rows.js';
import { coveringHosts, endShortages } from './shortages.js';

/** Of how many guests a decision tells. */
const NAMED = 200;

/** A guest that leaves a host. */
interface Leaving {
  readonly guest: string;
  /** Another host that claims it; null: it is known nowhere. */
  readonly to: string | null;
  /** Null: no agent runs in it. */
  readonly machine: InstanceRow | null;
}

interface Plan {
  readonly host: Message<'HostRow'>;
  readonly leaving: readonly Leaving[];
}

/** Forgets a host that is gone for good, with the claims on its guests and whose it was. Guests that another host claims
 * are there from now on. No cover goes with it, because a host with a license is not forgotten, and so no grace begins; one
 * that runs goes on to its end (F-4). Whoever tells of the host again brings it back.
 * @throws LeaseholdError NOT_FOUND; CONFLICT while a license is bound to it, because a license leaves its unit by its own
 * rules (AIP-2.1, D-10) */
export const hostForget: Change<{ readonly host: string }, Plan, { readonly id: string }> = {
  edits: ({ host }) => [host],
  async judge(reader, { account }, { host: id }, now) {
    const host = await assertFree(reader, account, id);
    const leaving = await leavingGuests(reader, account, id, now);
    return { decision: { ...BY_ROLE, value: await foretold(reader, id, leaving, now) }, plan: { host, leaving } };
  },
  async apply(tx, { account, actor }, { host: id }, { host, leaving }, now) {
    const before = await coveringHosts(tx, account, now);
    const touched = new Set(await machinesAt(tx, account, `host:${id}`));
    for (const { machine } of leaving) if (machine !== null) touched.add(machine.id);
    for (const agent of await reachedBy(tx, account, id)) touched.add(agent);
    await remove(tx, account, id, leaving);
    for (const covering of await endShortages(tx, account, before, now))
      for (const machine of await machinesAt(tx, account, `host:${covering}`)) touched.add(machine);
    const rows = await judgeAgain(tx, account, touched, now, false);
    appendJournal(tx, account, {
      type: 'host.forgotten',
      subject: { type: 'host', id },
      actor,
      companyId: host.companyId ?? null,
      details: { name: host.name, guests: leaving.length },
      rows: [{ table: 'host', id, row: null }, ...rows.slice(0, CARRIED)],
    });
    return { id };
  },
};

async function assertFree(reader: Reader, account: string, id: string): Promise<Message<'HostRow'>> {
  const host = await findHost(reader, account, id);
  if (host === null) {
    throw new LeaseholdError('NOT_FOUND', `There is no host ${id}.`, {
      path: 'host',
      remedy: 'Name one of the hosts that the list of machines shows, by its id.',
    });
  }
  if (host.coveredBy === null) return host;
  throw new LeaseholdError('CONFLICT', `License ${host.coveredBy} is bound to this host.`, {
    path: 'host',
    remedy: 'Move it to what replaces the host, or release it; then forget the host.',
  });
}

async function leavingGuests(reader: Reader, account: string, host: string, now: number): Promise<Leaving[]> {
  const claims = await reader.all<{ guest: string }>(
    'SELECT guest FROM guest_claims WHERE account = ? AND host_id = ? ORDER BY guest',
    [account, host],
  );
  const guests = claims.map(({ guest }) => guest);
  const places = placesFrom(await countedClaims(reader, account, guests, now, { without: host }), now);
  const agents = new Map((await agentsAmong(reader, account, guests)).map(({ id, name }) => [id, name]));
  const machines = await reader.all<InstanceRow>(
    'SELECT * FROM instances WHERE account = ? AND host_id = ? ORDER BY id',
    [account, host],
  );
  const withAgent = new Set(agents.values());
  return [
    ...machines.map((machine) => {
      const guest = agents.get(machine.id) ?? machine.id;
      return { guest, to: places.get(guest)?.host ?? null, machine };
    }),
    ...guests
      .filter((guest) => !withAgent.has(guest))
      .map((guest) => ({ guest, to: places.get(guest)?.host ?? null, machine: null })),
  ];
}

/** What becomes of the guests, by the rules: where each is from now on, whether it is covered there, and until when a
 * grace runs (F-4). */
async function foretold(
  reader: Reader,
  host: string,
  leaving: readonly Leaving[],
  now: number,
): Promise<NonNullable<Decision['value']>> {
  const guests: object[] = [];
  for (const { guest, to, machine } of leaving.slice(0, NAMED)) {
    const at = { guest, machine: machine?.id ?? null, to };
    if (machine === null) guests.push(at);
    else {
      const declared = machine.declared_host_id === host ? null : machine.declared_host_id;
      const { decision } = await judgeCover(reader, { ...machine, host_id: to, declared_host_id: declared }, now);
      const after = [decision.decision, decision.code ?? decision.warnings?.[0]].filter(Boolean).join(' ');
      guests.push({ ...at, before: machine.cover_decision, after, until: decision.until ?? null });
    }
  }
  const nowhere = leaving.filter(({ to }) => to === null).length;
  return { guests: leaving.length, withoutPlace: nowhere, from: new Date(now).toISOString(), changes: guests };
}

/** The machines whose HyperAgent reaches a host. */
async function reachedBy(reader: Reader, account: string, host: string): Promise<string[]> {
  const rows = await reader.all<{ machine_id: string }>(
    'SELECT machine_id FROM hyper_agent_hosts WHERE account = ? AND host_id = ? ORDER BY machine_id',
    [account, host],
  );
  return rows.map((row) => row.machine_id);
}

async function remove(tx: Tx, account: string, host: string, leaving: readonly Leaving[]): Promise<void> {
  await tx.run('UPDATE instances SET host_id = NULL WHERE account = ? AND host_id = ?', [account, host]);
  for (const to of new Set(leaving.map((guest) => guest.to))) {
    const moved = leaving.flatMap((guest) => (guest.to === to && guest.machine !== null ? [guest.machine.id] : []));
    await runFor(tx, 'UPDATE instances SET host_id = ? WHERE account = ? AND id IN (*)', [to, account], moved);
  }
  await tx.run('DELETE FROM guest_claims WHERE account = ? AND host_id = ?', [account, host]);
  await tx.run('DELETE FROM hyper_agent_hosts WHERE account = ? AND host_id = ?', [account, host]);
  await tx.run('DELETE FROM host_names WHERE account = ? AND host_id = ?', [account, host]);
  await tx.run('DELETE FROM hosts WHERE account = ? AND id = ?', [account, host]);
}
