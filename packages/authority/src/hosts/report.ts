import type { Message } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../changes.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { takeCluster } from './clusters.js';
import { machineOf } from './guests.js';
import { takeHyperAgents } from './hyper-agents.js';
import { hostChanged } from './rows.js';

export type Inventory = Pick<Message<'InventoryReport'>, 'hosts' | 'clusters' | 'hyperAgents'>;

/** How many rows one journal row carries; pages beyond ask again. */
const CARRIED = 1000;

/** Takes in which guests live on which hosts, which nodes form a cluster group and where HyperAgents run. Machines that
 * it touches are judged again; one that lost its cover by it gets the shortage grace (F-4), because nobody bought or sold
 * anything. */
export const inventoryReport: Change<Inventory, null, { readonly id: string }> = {
  async judge() {
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, reported, _plan, now) {
    const { hosts, clusters = [], hyperAgents } = reported;
    for (const host of hosts) await takeHost(tx, account, actor, host, now);
    const rows = await judgeAgain(tx, account, await touchedBy(tx, account, actor, reported, now), now);
    for (const { id } of hosts) rows.push(await hostChanged(tx, account, id));
    const id = hosts[0]?.id ?? 'none';
    appendJournal(tx, account, {
      type: 'inventory.reported',
      subject: { type: 'host', id },
      actor,
      details: {
        hosts: hosts.length,
        guests: hosts.reduce((sum, host) => sum + host.guests.length, 0),
        clusters: clusters.length,
        hyperAgents: hyperAgents?.length ?? null,
      },
      rows: rows.slice(0, CARRIED),
    });
    return { id };
  },
};

/** Takes the places of machines in; answers those that it touches. */
async function touchedBy(
  tx: Tx,
  account: string,
  actor: string,
  { hosts, clusters = [], hyperAgents }: Inventory,
  now: number,
): Promise<Set<string>> {
  const touched = new Set<string>();
  for (const host of hosts) for (const guest of await placeGuests(tx, account, host, now)) touched.add(guest);
  for (const group of clusters) for (const node of await takeCluster(tx, account, group, now)) touched.add(node);
  if (hyperAgents === undefined) return touched;
  for (const machine of await takeHyperAgents(tx, account, actor, hyperAgents, now)) touched.add(machine);
  return touched;
}

async function judgeAgain(tx: Tx, account: string, machines: Iterable<string>, now: number): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  for (const id of [...machines].sort()) {
    const row = await findInstance(tx, account, id);
    if (row !== undefined) rows.push(machineChanged((await noteCover(tx, row, now, true)).row, now));
  }
  return rows;
}

async function takeHost(
  tx: Tx,
  account: string,
  actor: string,
  host: Inventory['hosts'][number],
  now: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO hosts (account, id, label, kind, hypervisor, hci_id, guest_count, inventory_at, reported_by, facts,
       created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?)
       ON CONFLICT (account, id) DO UPDATE SET label = excluded.label, kind = excluded.kind,
         hypervisor = excluded.hypervisor, hci_id = excluded.hci_id, guest_count = excluded.guest_count,
         inventory_at = excluded.inventory_at, reported_by = excluded.reported_by`,
    [
      account,
      host.id,
      host.name ?? null,
      host.kind,
      host.hypervisor,
      host.hciId ?? null,
      host.guests.length,
      now,
      actor,
      now,
    ],
  );
}

/** Writes down the guests of a host; answers the instances among them, and those that left it. */
async function placeGuests(tx: Tx, account: string, host: Inventory['hosts'][number], now: number): Promise<string[]> {
  await tx.run('DELETE FROM host_guests WHERE account = ? AND host_id = ?', [account, host.id]);
  const known: string[] = [];
  for (const guest of host.guests) {
    await tx.run(
      `INSERT INTO host_guests (account, guest, host_id, reported_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (account, guest) DO UPDATE SET host_id = excluded.host_id, reported_at = excluded.reported_at`,
      [account, guest, host.id, now],
    );
    const instance = await machineOf(tx, account, guest);
    if (instance === undefined) continue;
    await tx.run('UPDATE instances SET host_id = ? WHERE account = ? AND id = ?', [host.id, account, instance]);
    known.push(instance);
  }
  return known;
}
