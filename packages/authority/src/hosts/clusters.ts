import type { Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import { allOf } from '../store/many.js';
import type { Border } from './border.js';
import { machineOf } from './guests.js';

type Reported = NonNullable<Message<'InventoryReport'>['clusters']>[number];

/** Takes in the nodes of a cluster group. Answers the machines that joined, stayed or left, where any did: each is judged
 * again (F-5). A group that stands as it did takes no cover, and begins no grace of a license that has ended (F-4). Undefined
 * where the group or one of its nodes is somebody else's. */
export async function takeCluster(
  tx: Tx,
  account: string,
  border: Border,
  group: Reported,
  now: number,
): Promise<string[] | undefined> {
  const nodes = new Set<string>();
  for (const node of group.nodes) nodes.add((await machineOf(tx, account, node)) ?? node);
  if (await isForeignGroup(tx, account, border, group.id, [...nodes])) return undefined;
  await tx.run(
    `INSERT INTO cluster_groups (account, id, label, company_id, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, id) DO UPDATE SET label = excluded.label`,
    [account, group.id, group.name ?? null, border.company, now],
  );
  const before = await tx.all<{ machine_id: string }>(
    'SELECT machine_id FROM cluster_nodes WHERE account = ? AND cluster_group_id = ?',
    [account, group.id],
  );
  await tx.run('DELETE FROM cluster_nodes WHERE account = ? AND cluster_group_id = ?', [account, group.id]);
  for (const node of nodes) {
    await tx.run('INSERT INTO cluster_nodes (account, cluster_group_id, machine_id) VALUES (?, ?, ?)', [
      account,
      group.id,
      node,
    ]);
  }
  const touched = [...new Set([...before.map((row) => row.machine_id), ...nodes])].sort();
  // One that left may be in another group already, of which the same report told before.
  const left = 'UPDATE instances SET cluster_group_id = NULL WHERE cluster_group_id = ? AND account = ? AND id = ?';
  const joined = 'UPDATE instances SET cluster_group_id = ? WHERE account = ? AND id = ?';
  for (const machine of touched) await tx.run(nodes.has(machine) ? joined : left, [group.id, account, machine]);
  return touched.length === before.length && touched.length === nodes.size ? [] : touched;
}

async function isForeignGroup(
  reader: Reader,
  account: string,
  border: Border,
  id: string,
  nodes: readonly string[],
): Promise<boolean> {
  if (border.company === null) return false;
  const group = await reader.get<{ company_id: string | null }>(
    'SELECT company_id FROM cluster_groups WHERE account = ? AND id = ?',
    [account, id],
  );
  if (group !== undefined && !border.owns(group.company_id)) return true;
  const machines = await allOf<{ company_id: string | null }>(
    reader,
    'SELECT DISTINCT company_id FROM instances WHERE account = ? AND id IN (*)',
    account,
    nodes,
  );
  return machines.some((machine) => !border.owns(machine.company_id));
}
