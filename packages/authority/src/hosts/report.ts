import type { Message } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { clusterNodes } from '../facts.js';
import { noteCover, type Covered } from '../instances/cover.js';
import { findInstance, isCovered, type InstanceRow } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { borderOf } from './border.js';
import { takeHyperAgents } from './hyper-agents.js';
import { hostChanged } from './rows.js';
import { takeInventory, type Taken, type Told } from './take.js';

export type Inventory = Pick<Message<'InventoryReport'>, 'hosts' | 'clusters' | 'hyperAgents'>;

/** How many rows one journal row carries; pages beyond ask again. */
export const CARRIED = 1000;

/** Takes in which guests live on which hosts, which nodes form a cluster group and where HyperAgents run. Machines that
 * it touches are judged again; one that lost its cover by it gets the shortage grace (F-4), because nobody bought or sold
 * anything. */
export const inventoryReport: Change<Inventory, null, { readonly id: string }> = {
  async judge() {
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, reported, _plan, now) {
    const { hosts, clusters = [], hyperAgents } = reported;
    // Whoever may call this acts for the whole account.
    const border = await borderOf(tx, account, null);
    const told: Told = { account, actor, border, hosts, clusters, standing: new Set(), readAt: now };
    const taken = await takeInventory(tx, told, now);
    const agents = hyperAgents === undefined ? [] : await takeHyperAgents(tx, account, actor, hyperAgents, now);
    return journalInventory(tx, told, { ...taken, touched: new Set([...taken.touched, ...agents]) }, now);
  },
};

/** Judges what a report touched, and writes down who reported it. */
export async function journalInventory(
  tx: Tx,
  { account, actor, hosts, clusters }: Told,
  taken: Taken,
  now: number,
): Promise<{ readonly id: string }> {
  const rows = await judgeAgain(tx, account, taken.touched, now);
  for (const id of [...taken.hosts, ...taken.contested]) rows.push(await hostChanged(tx, account, id));
  const id = taken.hosts[0] ?? taken.contested[0] ?? 'none';
  appendJournal(tx, account, {
    type: 'inventory.reported',
    subject: { type: 'host', id },
    actor,
    details: {
      hosts: hosts.length,
      guests: hosts.reduce((sum, host) => sum + host.guests.length, 0),
      clusters: clusters.length,
      ...(taken.disputed.length === 0 ? {} : { disputed: taken.disputed.length }),
    },
    rows: rows.slice(0, CARRIED),
  });
  return { id };
}

/** The nodes whose cover may have gone or come back with that of this one, because it was, or is, one of the two that carry
 * their group (F-5). */
export async function nodesBeside(reader: Reader, before: InstanceRow, { row }: Covered): Promise<string[]> {
  if (row.short_since === before.short_since) return [];
  return (await clusterNodes(reader, row)).map(({ id }) => id);
}

/** Judges machines again whose place changed, or what it gives them; answers their rows. `shortage`: one that loses its
 * cover by it gets the grace of F-4. */
export async function judgeAgain(
  tx: Tx,
  account: string,
  machines: Iterable<string>,
  now: number,
  shortage = true,
): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  const judged = new Set([...machines].sort());
  for (const id of judged) {
    const row = await findInstance(tx, account, id);
    if (row === undefined) continue;
    const covered = await noteCover(tx, row, now, shortage && isCovered(row));
    rows.push(machineChanged(covered.row, now));
    for (const node of await nodesBeside(tx, row, covered)) judged.add(node);
  }
  return rows;
}
