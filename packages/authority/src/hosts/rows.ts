import type { Message } from '@leasehold/protocol';
import { bindingOf, type SeatUnit } from '../licenses/machine-license.js';
import type { ChangedRow, Reader } from '../store/index.js';

interface Columns {
  readonly id: string;
  readonly label: string | null;
  readonly kind: 'bare_metal' | 'hosted';
  readonly hypervisor: string;
  readonly hci_id: string | null;
  readonly inventory_at: number | null;
  readonly license_id: string | null;
}

/** A host with the license whose seat it holds. */
const SELECT = `SELECT h.*, (SELECT min(s.license_id) FROM seats s WHERE s.account = h.account AND s.state = 'held'
    AND s.instance_id = 'host:' || h.id) AS license_id FROM hosts h WHERE h.account = ?`;

function hostRow(row: Columns): Message<'HostRow'> {
  return {
    id: row.id,
    name: row.label,
    kind: row.kind,
    hypervisor: row.hypervisor,
    hciId: row.hci_id,
    coveredBy: row.license_id,
    reportedAt: row.inventory_at === null ? null : new Date(row.inventory_at).toISOString(),
  };
}

export async function hostChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await reader.get<Columns>(`${SELECT} AND h.id = ?`, [account, id]);
  return { table: 'host', id, row: row === undefined ? null : hostRow(row) };
}

/** The hosts among these units. */
export async function hostsChanged(reader: Reader, account: string, units: readonly SeatUnit[]): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  for (const { type, id } of units.map((unit) => bindingOf(unit)))
    if (type === 'host') rows.push(await hostChanged(reader, account, id));
  return rows;
}

export async function listHosts(reader: Reader, account: string, limit: number): Promise<Message<'HostRow'>[]> {
  const rows = await reader.all<Columns>(`${SELECT} ORDER BY h.id LIMIT ?`, [account, limit]);
  return rows.map((row) => hostRow(row));
}
