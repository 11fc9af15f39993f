import type { Reader } from '../store/index.js';
import { allOf } from '../store/many.js';

/** A machine in a report is named by its instance id or by the hash of its hardware UUID, which the hypervisor knows as
 * well. */
export async function machineOf(reader: Reader, account: string, named: string): Promise<string | undefined> {
  const row = await reader.get<{ id: string }>(
    `SELECT id FROM instances WHERE account = ? AND id = ?
       UNION ALL SELECT instance_id FROM machine_components WHERE account = ? AND name = 'hardware_uuid' AND hash = ?`,
    [account, named, account, named],
  );
  return row?.id;
}

/** The machines with an agent among these guests, each with the name that its host calls it. */
export async function agentsAmong(
  reader: Reader,
  account: string,
  guests: readonly string[],
): Promise<{ readonly name: string; readonly id: string }[]> {
  const rows = await allOf<{ name: string; id: string }>(
    reader,
    `SELECT id AS name, id FROM instances WHERE account = ? AND id IN (*) UNION ALL
       SELECT hash AS name, instance_id AS id FROM machine_components
       WHERE account = ? AND name = 'hardware_uuid' AND hash IN (*)`,
    account,
    guests,
    2,
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}
