import type { Message } from '@leasehold/protocol';
import type { ChangedRow } from '../store/index.js';
import { factsOf, isCovered, type InstanceRow } from './instance.js';

export type MachineRow = Message<'MachineRow'>;

const DAY = 86_400_000;
/** A machine that was not heard of for this long is shown as offline while its lease still runs: two daily checks. */
export const SILENT_AFTER: number = 2 * DAY;
/** D-10: silent for more than 31 whole days. */
export const STALE_AFTER: number = 32 * DAY;

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

/** What an admin should know beside the status. The same conditions stand in {@link marksAt}. */
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

interface Mark {
  readonly sql: string;
  readonly params: readonly number[];
}
type MarkName = 'fork' | 'stale' | 'standby' | 'disposed' | 'contradicted' | 'lapses_day' | 'lapses_fortnight';

/** Marks as SQL conditions, and what a list can be narrowed to beside them: leases that lapse soon (rules, 5.3). */
export function marksAt(now: number): Readonly<Record<MarkName, Mark>> {
  const mark = (sql: string, ...params: number[]): Mark => ({ sql, params });
  const lapses = (span: number) =>
    mark("state = 'active' AND lease_expires_at > ? AND lease_expires_at <= ?", now, now + span);
  return {
    fork: mark('forked_at IS NOT NULL'),
    stale: mark("state = 'active' AND standby_of IS NULL AND last_seen_at <= ?", now - STALE_AFTER),
    standby: mark('standby_of IS NOT NULL'),
    disposed: mark('declared IS NOT NULL'),
    contradicted: mark('contradicted_at IS NOT NULL'),
    lapses_day: lapses(DAY),
    lapses_fortnight: lapses(14 * DAY),
  };
}

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
