import { LeaseholdError, type LeaseClaims, type Message } from '@leasehold/protocol';
import type { Reader, SqlValue, Tx } from '../store/index.js';

export type MachineReport = Message<'MachineReport'>;
export type Verdict = Message<'MachineRow'>['verdict'];

/** What an instance runs on. */
export type EntitlementKind = 'machine_license' | 'instance_license' | 'pool_key' | 'pool_license';

/** A machine with an agent, as it is stored: columns of the tables `instances` (migrations 1 and 2). */
export interface InstanceRow {
  readonly account: string;
  readonly id: string;
  readonly company_id: string | null;
  readonly product: string;
  readonly label: string | null;
  readonly kind: MachineReport['kind'];
  readonly os: MachineReport['os'];
  readonly host_id: string | null;
  readonly declared_host_id: string | null;
  readonly cluster_group_id: string | null;
  /** `standby`: declared and never started yet; `retired`: a copy that was to go. */
  readonly state: 'active' | 'released' | 'standby' | 'retired';
  readonly jkt: string;
  /** JSON of LeaseClaims.components. */
  readonly components: string;
  /** JSON of {@link MachineFacts}. */
  readonly facts: string;
  readonly agent_version: string | null;
  readonly short_since: number | null;
  readonly lease_id: string | null;
  readonly lease_seq: number;
  readonly lease_parent: string | null;
  readonly lease_nonce: string | null;
  readonly lease_epoch: number | null;
  readonly lease_issued_at: number | null;
  readonly lease_expires_at: number | null;
  readonly registered_at: number;
  readonly last_seen_at: number;
  readonly entitlement_kind: EntitlementKind | null;
  readonly entitlement_id: string | null;
  readonly verdict: Verdict;
  readonly forked_at: number | null;
  readonly cover_decision: string | null;
  readonly cover_code: string | null;
  readonly cover_rule: string | null;
  /** No later than this time alone changes the answer; null: never. */
  readonly cover_until: number | null;
  readonly covered_by: string | null;
  readonly was_covered: number;
  readonly bytes: number;
  readonly jobs: number;
  /** The instance that it was copied from, or that it booted with the state of. */
  readonly forked_from: string | null;
  readonly fork_decision: 'replace' | 'license' | 'retire' | 'standby' | null;
  readonly standby_of: string | null;
  readonly declared: 'disposed' | 'dead' | null;
  readonly contradicted_at: number | null;
  readonly superseded_by: string | null;
  readonly superseded_at: number | null;
  readonly first_backup_at: number | null;
  /** JSON of origin.ts. */
  readonly origin: string | null;
}

/** What a machine last said of itself, beyond the columns that are searched. */
export interface MachineFacts {
  readonly hypervisor: string | null;
  readonly cloud: string | null;
  readonly bootId: string | null;
  readonly vmGeneration: string | null;
  readonly instanceId?: string;
  readonly utcOffsetMinutes?: number;
}

/** Might it back up when that was last asked? */
export function isCovered({ cover_decision: answer }: Pick<InstanceRow, 'cover_decision'>): boolean {
  return answer === 'allow' || answer === 'warn';
}

export function componentsOf(row: InstanceRow): LeaseClaims['components'] {
  return JSON.parse(row.components) as LeaseClaims['components'];
}

/** A machine that was recovered from its lease has said nothing of itself yet. */
const NOTHING_SAID = { hypervisor: null, cloud: null, bootId: null, vmGeneration: null };

export function factsOf(row: InstanceRow): MachineFacts {
  return { ...NOTHING_SAID, ...(JSON.parse(row.facts) as Partial<MachineFacts>) };
}

export async function findInstance(reader: Reader, account: string, id: string): Promise<InstanceRow | undefined> {
  return reader.get<InstanceRow>('SELECT * FROM instances WHERE account = ? AND id = ?', [account, id]);
}

/** The instance that a person named. Throws NOT_FOUND with `path`. */
export async function assertInstance(
  reader: Reader,
  account: string,
  id: string,
  path = 'machine',
): Promise<InstanceRow> {
  const row = await findInstance(reader, account, id);
  if (row !== undefined) return row;
  throw new LeaseholdError('NOT_FOUND', `There is no machine ${id}.`, {
    path,
    remedy: 'Name one of the machines that were activated, by its id.',
  });
}

/** The instance, which belongs to this command until its commit: another request of the same machine, at whatever node,
 * waits and then sees what became of it. By an UPDATE that changes nothing, because no engine lacks that lock. */
export async function holdInstance(tx: Tx, account: string, id: string): Promise<InstanceRow | undefined> {
  if (tx.alone) return findInstance(tx, account, id);
  return tx.get<InstanceRow>('UPDATE instances SET state = state WHERE account = ? AND id = ? RETURNING *', [
    account,
    id,
  ]);
}

/** Moves the given columns of an instance that this command holds; the names are ours, never a caller's. Answers the row
 * as it stands then. */
export async function updateInstance(
  tx: Tx,
  row: InstanceRow,
  columns: Partial<Omit<InstanceRow, 'account' | 'id'>>,
): Promise<InstanceRow> {
  const names = Object.keys(columns);
  await tx.run(`UPDATE instances SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE account = ? AND id = ?`, [
    ...Object.values<SqlValue>(columns),
    row.account,
    row.id,
  ]);
  return { ...row, ...columns };
}

/** The columns that a machine's own report fills. */
export function reported(machine: MachineReport, version: string, utcOffsetMinutes?: number): Partial<InstanceRow> {
  const { label, kind, os, components, hypervisor, cloud, bootId, vmGeneration, instanceId } = machine;
  const facts: MachineFacts = {
    hypervisor,
    cloud,
    bootId,
    vmGeneration,
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes }),
  };
  return {
    label,
    // What could not be told this time is what it was: a guest does not need a license of its own for that (rules 1.7).
    ...(kind === 'unknown' ? {} : { kind }),
    os,
    components: JSON.stringify(components),
    facts: JSON.stringify(facts),
    agent_version: version,
    declared_host_id: machine.declaredHostId ?? null,
  };
}

/** The same columns of a row that has them. */
export function reportedOf(row: InstanceRow): ReturnType<typeof reported> {
  const { label, kind, os, components, facts, agent_version, declared_host_id } = row;
  return { label, kind, os, components, facts, agent_version, declared_host_id };
}

export async function insertInstance(tx: Tx, row: InstanceRow): Promise<InstanceRow> {
  await tx.run(
    INSERT,
    COLUMNS.map((name) => row[name]),
  );
  return row;
}

/** What is known of every machine from its first moment. */
type FirstKnown = Pick<InstanceRow, 'account' | 'id' | 'jkt' | 'product' | 'registered_at' | 'last_seen_at'>;

/** A machine of which nothing else is known yet. All columns stand in one literal, because a row is copied several times on
 * its way: one that has its columns already takes a third of the time of one that grows. */
export function newInstance({ account, id, jkt, product, registered_at, last_seen_at }: FirstKnown): InstanceRow {
  return {
    account,
    id,
    company_id: null,
    product,
    label: null,
    kind: 'unknown',
    os: 'unknown',
    host_id: null,
    declared_host_id: null,
    cluster_group_id: null,
    state: 'active',
    jkt,
    components: '{}',
    facts: '{}',
    agent_version: null,
    short_since: null,
    lease_id: null,
    lease_seq: 0,
    lease_parent: null,
    lease_nonce: null,
    lease_epoch: null,
    lease_issued_at: null,
    lease_expires_at: null,
    registered_at,
    last_seen_at,
    entitlement_kind: null,
    entitlement_id: null,
    verdict: 'same',
    forked_at: null,
    cover_decision: null,
    cover_code: null,
    cover_rule: null,
    cover_until: null,
    covered_by: null,
    was_covered: 0,
    bytes: 0,
    jobs: 0,
    forked_from: null,
    fork_decision: null,
    standby_of: null,
    declared: null,
    contradicted_at: null,
    superseded_by: null,
    superseded_at: null,
    first_backup_at: null,
    origin: null,
  };
}

const COLUMNS = Object.keys(
  newInstance({ account: '', id: '', jkt: '', product: '', registered_at: 0, last_seen_at: 0 }),
) as (keyof InstanceRow)[];
const INSERT = `INSERT INTO instances (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;
