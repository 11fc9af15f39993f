import type { Reader, Tx } from '../store/index.js';
import type { InstanceRow } from './instance.js';

/** Former keys of an instance that are known again: more than there are machines that somebody runs under one name. */
const KEPT = 64;

/** Is this one of two machines that nothing tells apart but their device keys, such as two containers with one injected
 * id? A key that was displaced may come back once: the machine was installed anew, then restored. When the key that this
 * displaced comes back too, both are there, as with branches of a chain (design section 3, Lease chain). Unnoticed, each
 * would take the seat from the other, and both run on it for good. */
export async function isTwin(reader: Reader, known: InstanceRow, jkt: string): Promise<boolean> {
  if (known.state !== 'active' || known.jkt === jkt) return false;
  const back = await reader.all<{ jkt: string; returned: number }>(
    'SELECT jkt, returned FROM former_keys WHERE account = ? AND instance_id = ? AND jkt IN (?, ?)',
    [known.account, known.id, jkt, known.jkt],
  );
  return back.length === 2 && back.some((key) => key.jkt === known.jkt && key.returned === 1);
}

/** Those of the instances that were this key's before another took them. */
export async function formerOf(
  reader: Reader,
  account: string,
  jkt: string,
  instances: readonly string[],
): Promise<string[]> {
  const rows = await reader.all<{ instance_id: string }>(
    `SELECT instance_id FROM former_keys WHERE account = ? AND instance_id IN (${instances.map(() => '?').join(', ')})
       AND jkt = ?`,
    [account, ...instances, jkt],
  );
  return rows.map((row) => row.instance_id);
}

/** Writes down whose instance it was until now. */
export async function noteKeys(tx: Tx, known: InstanceRow, jkt: string, now: number): Promise<void> {
  if (known.state !== 'active' || known.jkt === jkt) return;
  const { account, id } = known;
  await tx.run('UPDATE former_keys SET returned = 1 WHERE account = ? AND instance_id = ? AND jkt = ?', [
    account,
    id,
    jkt,
  ]);
  await tx.run(
    `INSERT INTO former_keys (account, instance_id, jkt, displaced_at, returned) VALUES (?, ?, ?, ?, 0)
       ON CONFLICT (account, instance_id, jkt) DO UPDATE SET displaced_at = excluded.displaced_at`,
    [account, id, known.jkt, now],
  );
  await tx.run(
    `DELETE FROM former_keys WHERE account = ? AND instance_id = ? AND jkt NOT IN
       (SELECT jkt FROM former_keys WHERE account = ? AND instance_id = ? ORDER BY displaced_at DESC, jkt LIMIT ?)`,
    [account, id, account, id, KEPT],
  );
}
