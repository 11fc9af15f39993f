import { matchComponents, type Match } from '@leasehold/fingerprint';
import type { Reader, Tx } from '../store/index.js';
import { componentsOf, factsOf, findInstance, type InstanceRow, type MachineReport } from './instance.js';

/** How many machines that share a part are looked at; a golden image may stand behind thousands. */
const CANDIDATES = 64;
/** The name under which an injected instance id is searched; no component can have it (a word has no `#`). */
const INJECTED = '#instance';

/** Is this the machine that we know? An injected id decides where both have one; then the weighted parts; parts that
 * say too little leave it unknown, and the chain or the device key decides (D-9). */
export function likeness(known: InstanceRow, machine: MachineReport): Match {
  const match = matchComponents(componentsOf(known), machine.components);
  const injected = factsOf(known).instanceId;
  if (injected === undefined || machine.instanceId === undefined) return match;
  const same = injected === machine.instanceId;
  return { ...match, verdict: same ? 'same' : 'different', similarity: same ? 1 : 0 };
}

/** The machine that an activation comes from, if it was here before: by its device key, or, after a new installation or
 * a lost state folder, by its parts. */
export async function recognize(
  reader: Reader,
  account: string,
  product: string,
  jkt: string,
  machine: MachineReport,
): Promise<InstanceRow | undefined> {
  const byKey = await reader.all<InstanceRow>(
    'SELECT * FROM instances WHERE account = ? AND jkt = ? AND product = ? ORDER BY last_seen_at DESC LIMIT ?',
    [account, jkt, product, CANDIDATES],
  );
  const sameKey = byKey.find((known) => likeness(known, machine).verdict !== 'different');
  if (sameKey !== undefined) return sameKey;
  const alike = (await candidates(reader, account, machine))
    .filter((row) => row.product === product)
    .map((row) => ({ row, match: likeness(row, machine) }))
    .filter(({ match }) => match.verdict === 'same' || match.verdict === 'drift');
  alike.sort((a, b) => b.match.similarity - a.match.similarity || b.row.last_seen_at - a.row.last_seen_at);
  return alike[0]?.row;
}

async function candidates(reader: Reader, account: string, machine: MachineReport): Promise<InstanceRow[]> {
  const found = new Map<string, InstanceRow>();
  for (const [name, hash] of searched(machine)) {
    const ids = await reader.all<{ instance_id: string }>(
      'SELECT instance_id FROM machine_components WHERE account = ? AND name = ? AND hash = ? LIMIT ?',
      [account, name, hash, CANDIDATES],
    );
    for (const { instance_id: id } of ids) {
      if (found.has(id)) continue;
      const row = await findInstance(reader, account, id);
      if (row !== undefined) found.set(id, row);
    }
  }
  return [...found.values()];
}

/** Writes down by which parts a machine is found again. */
export async function noteComponents(tx: Tx, account: string, id: string, machine: MachineReport): Promise<void> {
  await tx.run('DELETE FROM machine_components WHERE account = ? AND instance_id = ?', [account, id]);
  for (const [name, hash] of searched(machine)) {
    await tx.run('INSERT INTO machine_components (account, name, hash, instance_id) VALUES (?, ?, ?, ?)', [
      account,
      name,
      hash,
      id,
    ]);
  }
}

function searched(machine: MachineReport): [string, string][] {
  const injected: [string, string][] = machine.instanceId === undefined ? [] : [[INJECTED, machine.instanceId]];
  return [...injected, ...Object.entries(machine.components)];
}
