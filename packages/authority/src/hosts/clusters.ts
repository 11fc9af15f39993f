import type { Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import { allOf } from '../store/many.js';
import type { Border } from './border.js';
import { machineOf } from './guests.js';

type Reported = NonNullable<Message<'InventoryReport'>['clusters']>[number];

/** Of whose groups is told, and when that was read, epoch ms. */
interface Told {
  readonly account: string;
  readonly border: Border;
  readonly readAt: number;
}

/** Takes in the nodes of a cluster group. Answers the machines that joined, stayed or left, where any did: each is judged
 * again (F-5). A group that stands as it did takes no cover, and begins no grace of a license that has ended (F-4). What was
 * read later than this report stands: the group as a whole, and nodes that are in another one since. Undefined where the
 * group or one of its nodes is somebody else's. */
export async function takeCluster(tx: Tx, told: Told, group: Reported, now: number): Promise<string[] | undefined> {
  const { account, border, readAt } = told;
  const named = new Map<string, string>();
  for (const node of group.nodes) named.set((await machineOf(tx, account, node)) ?? node, node);
  if (await isForeignGroup(tx, account, border, group.id, [...named.keys()])) return undefined;
  const newer = await readLater(tx, told, group.id, named, now);
  if (newer === 'all') return [];
  const nodes = new Set([...named.keys()].filter((node) => !newer.has(node)));
  await tx.run(
    `INSERT INTO cluster_groups (account, id, label, company_id, inventory_at, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, id) DO UPDATE SET label = excluded.label, inventory_at = excluded.inventory_at`,
    [account, group.id, group.name ?? null, border.company, readAt, now],
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

/** What is known of the group, or of its nodes in others, as it was read later. An instant beyond `now` is none: our clock
 * had stood ahead. `named`: the nodes by their ids, with the names that the report has for them. */
async function readLater(
  reader: Reader,
  { account, readAt }: Told,
  id: string,
  named: ReadonlyMap<string, string>,
  now: number,
): Promise<'all' | ReadonlySet<string>> {
  const groups = await reader.all<{ id: string }>(
    'SELECT id FROM cluster_groups WHERE account = ? AND inventory_at > ? AND inventory_at <= ?',
    [account, readAt, now],
  );
  const later = new Set(groups.map((group) => group.id));
  if (later.has(id)) return 'all';
  if (later.size === 0) return new Set();
  // One that was activated since goes by its hardware UUID there until the next report.
  const placed = await allOf<{ machine_id: string; cluster_group_id: string }>(
    reader,
    'SELECT machine_id, cluster_group_id FROM cluster_nodes WHERE account = ? AND machine_id IN (*)',
    account,
    [...new Set([...named.keys(), ...named.values()])],
  );
  const there = new Set(placed.filter((node) => later.has(node.cluster_group_id)).map((node) => node.machine_id));
  return new Set([...named].filter((names) => names.some((name) => there.has(name))).map(([node]) => node));
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
