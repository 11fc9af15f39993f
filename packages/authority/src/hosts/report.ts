import type { Message } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../changes.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { hostChanged } from './rows.js';

export type Inventory = Pick<Message<'InventoryReport'>, 'hosts'>;

/** How many rows one journal row carries; pages beyond ask again. */
const CARRIED = 1000;

/** Takes in which guests live on which hosts. Guests with an agent are judged again; one that lost its cover by it gets
 * the shortage grace (F-4), because nobody bought or sold anything. */
export const inventoryReport: Change<Inventory, null, { readonly id: string }> = {
  async judge() {
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { hosts }, _plan, now) {
    for (const host of hosts) await takeHost(tx, account, actor, host, now);
    const moved = new Set<string>();
    for (const host of hosts) for (const guest of await placeGuests(tx, account, host, now)) moved.add(guest);
    const rows: ChangedRow[] = [];
    for (const id of moved) {
      const row = await findInstance(tx, account, id);
      if (row === undefined) continue;
      const covered = await noteCover(tx, row, now, true);
      rows.push(machineChanged(covered.row, now));
    }
    for (const { id } of hosts) rows.push(await hostChanged(tx, account, id));
    appendJournal(tx, account, {
      type: 'inventory.reported',
      subject: { type: 'host', id: hosts[0]?.id ?? 'none' },
      actor,
      details: { hosts: hosts.length, guests: hosts.reduce((sum, host) => sum + host.guests.length, 0) },
      rows: rows.slice(0, CARRIED),
    });
    return { id: hosts[0]?.id ?? 'none' };
  },
};

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
    const instance = await instanceOf(tx, account, guest);
    if (instance === undefined) continue;
    await tx.run('UPDATE instances SET host_id = ? WHERE account = ? AND id = ?', [host.id, account, instance]);
    known.push(instance);
  }
  return known;
}

/** A guest is named by its instance id or by the hash of its hardware UUID, which the hypervisor knows as well. */
async function instanceOf(tx: Tx, account: string, guest: string): Promise<string | undefined> {
  const row = await tx.get<{ id: string }>(
    `SELECT id FROM instances WHERE account = ? AND id = ?
       UNION ALL SELECT instance_id FROM machine_components WHERE account = ? AND name = 'hardware_uuid' AND hash = ?`,
    [account, guest, account, guest],
  );
  return row?.id;
}
