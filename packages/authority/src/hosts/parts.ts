import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Tx } from '../store/index.js';

type Report = Message<'AgentInventory'>;

/** For so long the parts of a report wait for the others, ms. */
const KEPT = 3_600_000;

/** Gathers a report that comes in parts, because it would be too large at once: nothing of it counts before its last part,
 * so that a guest which an earlier part does not name is not taken to be gone. Answers its hosts, or undefined while parts
 * are to come. @throws LeaseholdError CONFLICT when one of them never came */
export async function gathered(
  tx: Tx,
  account: string,
  { instance, hosts, part }: Report,
  now: number,
): Promise<Report['hosts'] | undefined> {
  if (part === undefined) return hosts;
  const { report, n, of } = part;
  const place = [account, instance, report] as const;
  if (n < of - 1) {
    // A machine writes one report at a time.
    await tx.run('DELETE FROM inventory_parts WHERE account = ? AND instance_id = ? AND report <> ?', [...place]);
    await tx.run(
      `INSERT INTO inventory_parts (account, instance_id, report, n, hosts, received_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (account, instance_id, report, n) DO UPDATE SET hosts = excluded.hosts, received_at = excluded.received_at`,
      [...place, n, JSON.stringify(hosts), now],
    );
    return undefined;
  }
  const rows = await tx.all<{ hosts: string }>(
    'SELECT hosts FROM inventory_parts WHERE account = ? AND instance_id = ? AND report = ? AND n < ? ORDER BY n',
    [...place, n],
  );
  if (rows.length < n) {
    throw new LeaseholdError('CONFLICT', `${n - rows.length} parts of this report are not there.`, {
      path: 'part',
      remedy: 'Send the report again, from its first part on.',
    });
  }
  await tx.run('DELETE FROM inventory_parts WHERE account = ? AND instance_id = ?', [account, instance]);
  return [...rows.flatMap((row) => JSON.parse(row.hosts) as Report['hosts']), ...hosts];
}

/** Drops parts of reports that nobody ended. */
export function forgetParts(tx: Tx, account: string, now: number): Promise<number> {
  return tx.run('DELETE FROM inventory_parts WHERE account = ? AND received_at <= ?', [account, now - KEPT]);
}
