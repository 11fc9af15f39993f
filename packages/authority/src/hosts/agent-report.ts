import { LeaseholdError, type Message } from '@leasehold/protocol';
import { assertProduct } from '../instances/activate.js';
import { holdInstance } from '../instances/instance.js';
import { serialize, type Tx } from '../store/index.js';
import { borderOf, type Border } from './border.js';
import { takeHyperAgent } from './hyper-agents.js';
import { runFor } from '../store/many.js';
import { gathered } from './parts.js';
import { journalInventory } from './report.js';
import { takeInventory } from './take.js';

export interface AgentReport {
  readonly account: string;
  readonly jkt: string;
  readonly request: Message<'AgentInventory'>;
}

/** What a machine with a HyperAgent tells of the hosts that it reaches. Only hosts that changed come whole; of the others
 * a digest of what this authority took last. Answers the hosts whose digest it does not know, and those of somebody else, of
 * which nothing was taken over. A report that changes nothing is not journaled: it moves the instant up to which the hosts
 * are known. */
export async function agentInventory(
  tx: Tx,
  { account, jkt, request }: AgentReport,
  now: number,
): Promise<Omit<Message<'AgentInventoryReply'>, 'serverTime'>> {
  const { unchanged, clusters = [], agentlessInUse, takenAt } = request;
  await serialize(tx, account);
  const row = await holdInstance(tx, account, request.instance);
  await assertProduct(tx, account, request.product);
  if (row === undefined || row.jkt !== jkt || row.state !== 'active') {
    throw new LeaseholdError('NOT_ACTIVATED', 'Only a machine that is activated reports an inventory.', {
      path: 'instance',
      remedy: 'Activate this machine with its license key.',
    });
  }
  const hosts = await gathered(tx, account, request, now);
  if (hosts === undefined) return { wanted: [] };
  const actor = `instance:${row.id}`;
  // Its own clock may be ahead; nothing is known of later than now.
  const readAt = Math.min(Date.parse(takenAt), now);
  const border = await borderOf(tx, account, row.company_id);
  const same = await stillKnown(tx, account, border, unchanged);
  await runFor(
    tx,
    'UPDATE hosts SET inventory_at = ? WHERE account = ? AND NOT (inventory_at > ? AND inventory_at <= ?) AND id IN (*)',
    [readAt, account, readAt, now],
    [...same.values()].sort(),
  );
  const told = { account, actor, border, hosts, clusters, standing: new Set(same.values()), readAt };
  const taken = await takeInventory(tx, told, now);
  const before = await toldBefore(tx, account, row.id, actor);
  const reached = [...new Set([...taken.hosts, ...taken.late, ...same.values(), ...before])].sort();
  const changed = await takeHyperAgent(tx, { account, machine: row.id, hosts: reached, inUse: agentlessInUse }, now);
  if (taken.hosts.length > 0 || taken.contested.length > 0 || changed || taken.touched.size > 0) {
    await journalInventory(tx, told, { ...taken, touched: new Set([...taken.touched, row.id]) }, now);
  }
  const disputed = taken.disputed.length === 0 ? {} : { disputed: [...taken.disputed] };
  return { wanted: unchanged.map(({ id }) => id).filter((id) => !same.has(id)), ...disputed };
}

/** Hosts that a HyperAgent reaches and told of last: of one that does not answer this time it says nothing, and what was
 * known of it stands, that it is reached too (F-3). */
async function toldBefore(tx: Tx, account: string, machine: string, actor: string): Promise<string[]> {
  const rows = await tx.all<{ host_id: string }>(
    `SELECT r.host_id FROM hyper_agent_hosts r JOIN hosts h ON h.account = r.account AND h.id = r.host_id
       WHERE r.account = ? AND r.machine_id = ? AND h.reported_by = ?`,
    [account, machine, actor],
  );
  return rows.map((row) => row.host_id);
}

/** Hosts that stand as the agent says, by the name that it calls them, with the ids under which they are known. */
async function stillKnown(
  tx: Tx,
  account: string,
  border: Border,
  unchanged: Message<'AgentInventory'>['unchanged'],
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const { id, digest } of unchanged) {
    const row = await tx.get<{ id: string; company_id: string | null }>(
      `SELECT h.id, h.company_id FROM hosts h LEFT JOIN host_names n ON n.account = h.account AND n.host_id = h.id
         WHERE h.account = ? AND h.digest = ? AND COALESCE(n.name, h.id) = ?`,
      [account, digest, id],
    );
    if (row !== undefined && border.owns(row.company_id)) known.set(id, row.id);
  }
  return known;
}
