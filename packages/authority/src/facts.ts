import type { EntitlementsClaims } from '@leasehold/protocol';
import type { Catalog, Facts, Host, License, Machine, Request } from '@leasehold/terms';
import { accountOf, type Account } from './accounts/account.js';
import { isWithin } from './companies/reach.js';
import { machineOf } from './hosts/guests.js';
import { hyperAgentFacts } from './hosts/hyper-agents.js';
import { reachedFacts } from './hosts/reached.js';
import { hostFact, type HostFacts } from './hosts/rows.js';
import { findInstance, type InstanceRow } from './instances/instance.js';
import { instanceLicenseFacts } from './licenses/instance-license.js';
import { licenseIdOf, licensesOn } from './licenses/machine-license.js';
import { keyFacts, licenseFacts } from './pools/facts.js';
import type { Reader } from './store/index.js';
import { allOf } from './store/many.js';

/** What the rules may know, without the clock, and whom it is about. */
export interface KnownFacts {
  readonly self: EntitlementsClaims['self'];
  readonly facts: Omit<Facts, 'now'>;
  /** The rules that it is judged by. */
  readonly catalog: Catalog;
}

/** The facts of an instance as it may see them itself: what it runs on decides the profile. */
export async function factsFor(reader: Reader, row: InstanceRow): Promise<KnownFacts> {
  const account = await accountOf(reader, row.account);
  const { id } = row;
  const { aip, msp, lmp } = account.catalogs;
  if (row.entitlement_kind === 'instance_license') {
    return { self: { kind: 'instance', id }, facts: await instanceLicenseFacts(reader, account, row), catalog: msp };
  }
  if (row.entitlement_kind === 'pool_key') {
    return { self: { kind: 'server', id }, facts: await keyFacts(reader, account, row), catalog: lmp };
  }
  if (row.entitlement_kind === 'pool_license') {
    return { self: { kind: 'server', id }, facts: await licenseFacts(reader, account, row), catalog: lmp };
  }
  return { self: { kind: 'machine', id }, facts: await machineFacts(reader, account, row), catalog: aip };
}

/** The machine, its host with the hosts that share its system, its cluster group with theirs, and the licenses on all of
 * them. */
export async function machineFacts(reader: Reader, account: Account, row: InstanceRow): Promise<Omit<Facts, 'now'>> {
  const hosts = await hostsAround(reader, row);
  const nodes = await clusterNodes(reader, row);
  const others = nodes.filter((node) => node.id !== row.id);
  const machines = [row, ...others];
  const around = hosts.map(({ id }) => id);
  // A node that is a guest is covered by its host (F-5).
  const beside = await withSystems(reader, row.account, others.flatMap(hostsNamed));
  const agents = await hyperAgentFacts(reader, row.account, row.id, around);
  const reached = await reachedFacts(reader, row, agents.own.hyperAgent?.connectableHosts ?? []);
  const allHosts = uniqueById([...hosts, ...beside, ...reached.hosts]);
  const told = new Set(reached.hosts.map(({ id }) => id));
  const units = [
    ...machines.map(({ id }) => `machine:${id}`),
    ...allHosts.map(({ id }) => `host:${id}`),
    ...(row.cluster_group_id === null ? [] : [`cluster_group:${row.cluster_group_id}`]),
  ];
  const licenses = await licensesOn(reader, row.account, units);
  const byWord = others.flatMap((node) => (node.host_id === null ? hostsNamed(node) : []));
  const declared = [...(row.host_id === null ? around : []), ...byWord].filter((id) => !told.has(id));
  return {
    profile: 'aip',
    machines: uniqueById([
      ...reached.machines,
      ...agents.others,
      ...machines.map((one) => ({ ...machineFact(one), ...(one.id === row.id ? agents.own : {}) })),
    ]),
    hosts: allHosts,
    ...(row.cluster_group_id === null
      ? {}
      : { clusters: [{ id: row.cluster_group_id, nodeIds: nodes.map((node) => node.id) }] }),
    licenses: uniqueById([...(await withoutStrangers(reader, row, licenses, declared)), ...agents.licenses]),
    unknown: agents.unknown,
    ...agents.usage,
    policy: account.policy,
    account: { timeZone: account.timeZone },
  };
}

/** Of a host on which a machine lives by its own word alone (F-1) no stranger's license counts: whoever knows what it is
 * called would ride on it. No strangers are a company, those above and those below it. */
async function withoutStrangers(
  reader: Reader,
  { account, company_id: company }: InstanceRow,
  licenses: readonly License[],
  declared: readonly string[],
): Promise<readonly License[]> {
  const there = licenses.filter(({ boundTo }) => boundTo?.type === 'host' && declared.includes(boundTo.id));
  if (company === null || there.length === 0) return licenses;
  const owned = await allOf<{ id: string; owner: string }>(
    reader,
    `SELECT id, company_id AS owner FROM machine_licenses WHERE account = ? AND company_id IS NOT NULL AND id IN (*)`,
    account,
    there.map(licenseIdOf),
  );
  const strangers = new Set<string>();
  for (const { id, owner } of owned) {
    const related =
      (await isWithin(reader, account, company, owner)) || (await isWithin(reader, account, owner, company));
    if (!related) strangers.add(id);
  }
  return licenses.filter((license) => !there.includes(license) || !strangers.has(licenseIdOf(license)));
}

function uniqueById<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** Kinds that no rule knows are judged as physical: they need a license of their own, never somebody else's. */
export function machineFact(row: InstanceRow): Machine {
  const kind = row.kind === 'guest' || row.kind === 'cloud' ? row.kind : 'physical';
  return {
    id: row.id,
    kind,
    os: row.os,
    ...(row.host_id === null ? {} : { hostId: row.host_id }),
    ...(row.declared_host_id === null ? {} : { declaredHostId: row.declared_host_id }),
    ...(row.cluster_group_id === null ? {} : { clusterGroupId: row.cluster_group_id }),
    ...(row.short_since === null ? {} : { shortSince: new Date(row.short_since).toISOString() }),
    ...(row.first_backup_at === null ? {} : { firstBackupAt: new Date(row.first_backup_at).toISOString() }),
    ...(row.declared === null ? {} : { declared: 'disposed' }),
    ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
    ...(row.superseded_at === null ? {} : { supersededAt: new Date(row.superseded_at).toISOString() }),
    ...(row.standby_of === null ? {} : { standby: true }),
  };
}

/** The facts with their instant, ready to be judged. */
export function at(facts: Omit<Facts, 'now'>, now: number): Facts {
  return { now: new Date(now).toISOString(), ...facts };
}

/** What the rules are asked to learn whether this instance is covered. */
export function coverRequest({ self: { kind, id } }: KnownFacts): Request {
  if (kind === 'machine')
    return { action: 'backup', machine: id, mode: 'agent', scope: 'system_image', protects: 'local' };
  return { action: 'backup', [kind]: id };
}

async function hostsAround(reader: Reader, row: InstanceRow): Promise<Host[]> {
  const onThis = await reader.all<HostFacts>('SELECT * FROM hosts WHERE account = ? AND on_machine = ?', [
    row.account,
    row.id,
  ]);
  return withSystems(reader, row.account, hostsNamed(row), onThis);
}

function hostsNamed({ host_id: reported, declared_host_id: declared }: InstanceRow): string[] {
  return [reported, declared].filter((id) => id !== null);
}

/** The hosts of these names and these, with those that share a hyper-converged system with one of them (AIP-5.3). */
async function withSystems(
  reader: Reader,
  account: string,
  named: readonly string[],
  more: readonly HostFacts[] = [],
): Promise<Host[]> {
  const rows = new Map<string, HostFacts>();
  for (const id of named) {
    const host = await reader.get<HostFacts>('SELECT * FROM hosts WHERE account = ? AND id = ?', [account, id]);
    if (host !== undefined) rows.set(host.id, host);
  }
  for (const host of more) rows.set(host.id, host);
  const systems = new Set([...rows.values()].map((host) => host.hci_id));
  for (const hci of systems) {
    if (hci === null) continue;
    const peers = await reader.all<HostFacts>('SELECT * FROM hosts WHERE account = ? AND hci_id = ? ORDER BY id', [
      account,
      hci,
    ]);
    for (const peer of peers) rows.set(peer.id, peer);
  }
  return [...rows.values()].map((host) => hostFact(host));
}

/** The machine and the other nodes of its cluster group, if it is in one. */
export async function clusterNodes(reader: Reader, row: InstanceRow): Promise<InstanceRow[]> {
  if (row.cluster_group_id === null) return [];
  const nodes = await reader.all<{ machine_id: string }>(
    'SELECT machine_id FROM cluster_nodes WHERE account = ? AND cluster_group_id = ? ORDER BY machine_id',
    [row.account, row.cluster_group_id],
  );
  const rows: InstanceRow[] = [];
  for (const { machine_id: told } of nodes) {
    // One that was activated since goes by its hardware UUID there until the next report.
    const id = await machineOf(reader, row.account, told);
    const node = id === undefined ? undefined : await findInstance(reader, row.account, id);
    if (node !== undefined) rows.push(node);
  }
  return uniqueById([...rows, row]);
}
