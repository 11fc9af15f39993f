import type { Reader } from '../store/index.js';

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
