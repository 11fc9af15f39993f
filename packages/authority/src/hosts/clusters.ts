import type { Message } from '@leasehold/protocol';
import type { Tx } from '../store/index.js';
import { machineOf } from './guests.js';

type Reported = NonNullable<Message<'InventoryReport'>['clusters']>[number];

/** Takes in the nodes of a cluster group. Answers the machines that joined, stayed or left: each is judged again (F-5). */
export async function takeCluster(tx: Tx, account: string, group: Reported, now: number): Promise<string[]> {
  await tx.run(
    `INSERT INTO cluster_groups (account, id, label, created_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, id) DO UPDATE SET label = excluded.label`,
    [account, group.id, group.name ?? null, now],
  );
  const before = await tx.all<{ machine_id: string }>(
    'SELECT machine_id FROM cluster_nodes WHERE account = ? AND cluster_group_id = ?',
    [account, group.id],
  );
  const nodes = new Set<string>();
  for (const node of group.nodes) nodes.add((await machineOf(tx, account, node)) ?? node);
  await tx.run('DELETE FROM cluster_nodes WHERE account = ? AND cluster_group_id = ?', [account, group.id]);
  for (const node of nodes) {
    await tx.run('INSERT INTO cluster_nodes (account, cluster_group_id, machine_id) VALUES (?, ?, ?)', [
      account,
      group.id,
      node,
    ]);
  }
  const touched = [...new Set([...before.map((row) => row.machine_id), ...nodes])].sort();
  for (const machine of touched) {
    await tx.run('UPDATE instances SET cluster_group_id = ? WHERE account = ? AND id = ?', [
      nodes.has(machine) ? group.id : null,
      account,
      machine,
    ]);
  }
  return touched;
}
