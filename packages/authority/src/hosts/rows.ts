import type { Message } from '@leasehold/protocol';
import type { Host } from '@leasehold/terms';
import { bindingOf, type SeatUnit } from '../licenses/machine-license.js';
import type { ChangedRow, Reader } from '../store/index.js';

/** Columns of the table `hosts` that the rules ask for. */
export interface HostFacts {
  readonly id: string;
  readonly kind: Host['kind'];
  readonly hypervisor: string;
  readonly hci_id: string | null;
  readonly on_machine: string | null;
  readonly inventory_at: number | null;
}

export function hostFact(host: HostFacts): Host {
  return {
    id: host.id,
    kind: host.kind,
    hypervisor: host.hypervisor,
    ...(host.hci_id === null ? {} : { hciId: host.hci_id }),
    ...(host.on_machine === null ? {} : { onMachine: host.on_machine }),
    ...(host.inventory_at === null ? {} : { inventoryAsOf: new Date(host.inventory_at).toISOString() }),
  };
}

interface Columns extends HostFacts {
  readonly label: string | null;
  readonly guest_count: number | null;
  readonly reported_by: string | null;
  readonly company_id: string | null;
  readonly contested_by: string | null;
  readonly contested_at: number | null;
  readonly license_id: string | null;
  readonly disputed: number;
}

/** A host with the license whose seat it holds, and how many of its guests another host claims as well. */
const SELECT = `SELECT h.*, (SELECT min(s.license_id) FROM seats s WHERE s.account = h.account AND s.state = 'held'
    AND s.instance_id = 'host:' || h.id) AS license_id, (SELECT count(*) FROM guest_claims c
    WHERE c.account = h.account AND c.host_id = h.id AND EXISTS (SELECT 1 FROM guest_claims o
    WHERE o.account = c.account AND o.guest = c.guest AND o.host_id <> c.host_id)) AS disputed
    FROM hosts h WHERE h.account = ?`;

function hostRow(row: Columns): Message<'HostRow'> {
  return {
    id: row.id,
    name: row.label,
    kind: row.kind,
    hypervisor: row.hypervisor,
    hciId: row.hci_id,
    coveredBy: row.license_id,
    reportedAt: row.inventory_at === null ? null : new Date(row.inventory_at).toISOString(),
    reportedBy: row.reported_by,
    guests: row.guest_count,
    disputed: row.disputed,
    companyId: row.company_id,
    contested:
      row.contested_by === null ? null : { by: row.contested_by, at: new Date(row.contested_at ?? 0).toISOString() },
  };
}

/** One host as it is known; null: nobody named it. */
export async function findHost(reader: Reader, account: string, id: string): Promise<Message<'HostRow'> | null> {
  const row = await reader.get<Columns>(`${SELECT} AND h.id = ?`, [account, id]);
  return row === undefined ? null : hostRow(row);
}

export async function hostChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  return { table: 'host', id, row: await findHost(reader, account, id) };
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
