import type { Message } from '@leasehold/protocol';
import type { ChangedRow } from '../store/index.js';
import { factsOf, isCovered, type InstanceRow } from './instance.js';

export type MachineRow = Message<'MachineRow'>;

/** A machine that was not heard of for this long is shown as offline while its lease still runs: two daily checks. */
export const SILENT_AFTER = 2 * 86_400_000;
/** D-10: silent for more than 31 whole days. */
export const STALE_AFTER = 32 * 86_400_000;

/** The row of a machine as every page shows it. */
export function machineRow(row: InstanceRow, now: number): MachineRow {
  return {
    id: row.id,
    name: row.label,
    kind: row.kind,
    os: row.os,
    hostId: row.host_id ?? row.declared_host_id,
    hypervisor: factsOf(row).hypervisor,
    companyId: row.company_id,
    product: row.product,
    version: row.agent_version ?? '0',
    status: machineStatus(row, now),
    coveredBy: row.covered_by,
    rule: row.cover_rule,
    verdict: row.verdict,
    lastSeenAt: new Date(row.last_seen_at).toISOString(),
    leaseUntil: new Date(row.lease_expires_at ?? row.registered_at).toISOString(),
    bytes: row.bytes,
    jobs: row.jobs,
    marks: marksOf(row, now),
    forkedFrom: row.forked_from,
    standbyOf: row.standby_of,
  };
}

/** What an admin should know beside the status. The same conditions stand in {@link MARKS_SQL}. */
function marksOf(row: InstanceRow, now: number): NonNullable<MachineRow['marks']> {
  const stale = row.state === 'active' && row.standby_of === null && row.last_seen_at <= now - STALE_AFTER;
  return [
    ...(row.forked_at === null ? [] : (['fork'] as const)),
    ...(stale ? (['stale'] as const) : []),
    ...(row.standby_of === null ? [] : (['standby'] as const)),
    ...(row.declared === null ? [] : (['disposed'] as const)),
    ...(row.contradicted_at === null ? [] : (['contradicted'] as const)),
  ];
}

/** Marks as SQL conditions; `stale` takes `now - STALE_AFTER`. */
export const MARKS_SQL: Readonly<Record<string, string>> = {
  fork: 'forked_at IS NOT NULL',
  stale: "state = 'active' AND standby_of IS NULL AND last_seen_at <= ?",
  standby: 'standby_of IS NOT NULL',
  disposed: 'declared IS NOT NULL',
  contradicted: 'contradicted_at IS NOT NULL',
};

/** What the row says first. The order is that of an admin's concern: gone, stopped, running out, silent, fine. The same
 * order stands in {@link STATUS_SQL}. */
export function machineStatus(row: InstanceRow, now: number): MachineRow['status'] {
  if (row.state === 'released' || row.state === 'retired') return 'released';
  if (row.state === 'standby') return 'offline';
  if (!isCovered(row)) return 'stopped';
  if (row.lease_expires_at === null || row.lease_expires_at <= now) return 'stopped';
  if (['IN_GRACE', 'SHORTAGE_GRACE', 'POOLED_GRACE'].includes(row.cover_code ?? '')) return 'grace';
  if (row.cover_code === 'EXPIRES_SOON') return 'expires_soon';
  return row.last_seen_at < now - SILENT_AFTER ? 'offline' : 'valid';
}

/** {@link machineStatus} as an SQL expression; its two parameters are `now` and `now - SILENT_AFTER`. */
export const STATUS_SQL = `CASE
  WHEN state IN ('released', 'retired') THEN 'released'
  WHEN state = 'standby' THEN 'offline'
  WHEN cover_decision IS NULL OR cover_decision NOT IN ('allow', 'warn') THEN 'stopped'
  WHEN lease_expires_at IS NULL OR lease_expires_at <= ? THEN 'stopped'
  WHEN cover_code IN ('IN_GRACE', 'SHORTAGE_GRACE', 'POOLED_GRACE') THEN 'grace'
  WHEN cover_code = 'EXPIRES_SOON' THEN 'expires_soon'
  WHEN last_seen_at < ? THEN 'offline'
  ELSE 'valid' END`;

export function machineChanged(row: InstanceRow, now: number): ChangedRow {
  return { table: 'machine', id: row.id, row: machineRow(row, now) };
}
