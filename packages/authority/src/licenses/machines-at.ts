import type { Reader } from '../store/index.js';
import { bindingOf } from './machine-license.js';

/** Machines that a change at one host or group judges anew at once; the others are judged at their check-in. */
const JUDGED = 1000;

/** The machines that a seat's unit carries: the machine itself, the guests of a host, the nodes of a cluster group. */
export async function machinesAt(reader: Reader, account: string, unit: string): Promise<string[]> {
  const { type, id } = bindingOf(unit);
  if (type === 'machine') return [id];
  const rows =
    type === 'cluster_group'
      ? await reader.all<{ id: string }>(
          'SELECT machine_id AS id FROM cluster_nodes WHERE account = ? AND cluster_group_id = ? ORDER BY machine_id LIMIT ?',
          [account, id, JUDGED],
        )
      : await reader.all<{ id: string }>(
          `SELECT id FROM instances WHERE account = ? AND host_id = ? UNION
             SELECT id FROM instances WHERE account = ? AND declared_host_id = ? ORDER BY id LIMIT ?`,
          [account, id, account, id, JUDGED],
        );
  return rows.map((row) => row.id);
}
