import { isLicensePage, isMachinePage } from '@leasehold/protocol/guards';
import type { Cals, Facts, Host, License, Machine, OsClass } from '@leasehold/terms';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { HostRow, LicenseRow, MachineRow } from './rows.js';

/** What a plan is made from: machines that were looked up, all hosts, the licenses that carry them, and free ones. */
export interface Estate {
  readonly machines: readonly MachineRow[];
  readonly hosts: readonly HostRow[];
  readonly licenses: readonly LicenseRow[];
}

const PICKS = '50';
/** Licenses of each kind that are looked at; a plan never takes as many. */
const LOOKED_AT = '200';

/** Machines by what was typed, and all hosts. */
export function machinesLike(live: Live, search: string): Resource<Pick<Estate, 'machines' | 'hosts'>> {
  return createResource(async (signal) => {
    const query = { search: search === '' ? undefined : search, limit: PICKS };
    const page = await live.authority.call('machines', isMachinePage, { query, signal });
    return { machines: page.rows, hosts: page.hosts };
  });
}

/** Ids of the licenses that carry a machine, the host that it runs on, and the host that it would come to. */
export function carriersOf(
  source: MachineRow | undefined,
  hosts: readonly HostRow[],
  target: string | undefined,
): readonly string[] {
  const named = hosts.filter(({ id }) => id === target || id === source?.hostId);
  const carriers = [source, ...named].flatMap((row) => row?.coveredBy ?? []);
  return [...new Set(carriers)].filter((id) => !id.startsWith('host:')).toSorted();
}

/** The licenses that carry what is named, and those with a free seat: nobody holds them, or fewer than they have seats. */
export function licensesFor(live: Live, carriers: readonly string[]): Resource<readonly LicenseRow[]> {
  return createResource<readonly LicenseRow[]>(async (signal) => {
    const ask = async (query: Readonly<Record<string, string>>) =>
      (await live.authority.call('licenses', isLicensePage, { query: { kind: 'commercial', ...query }, signal })).rows;
    const [unused, used, ...carrying] = await Promise.all([
      ask({ usage: 'unused', limit: LOOKED_AT }),
      ask({ usage: 'used', validity: 'valid', limit: LOOKED_AT }),
      ...carriers.map((id) => ask({ search: id, limit: '5' })),
    ]);
    const found = [...unused, ...used.filter((row) => row.used < row.quota), ...carrying.flat()];
    return [...new Map(found.map((row) => [row.id, row])).values()];
  });
}

const OS = new Set(['windows_server', 'windows_client', 'linux', 'macos']);
const osOf = (os: string): OsClass => (OS.has(os) ? (os as OsClass) : 'unknown');

export function machineFact(row: MachineRow): Machine {
  const kind = row.kind === 'guest' || row.kind === 'cloud' ? row.kind : 'physical';
  return { id: row.id, kind, os: osOf(row.os), ...(row.hostId === null ? {} : { hostId: row.hostId }) };
}

export function hostFact({ id, kind, hypervisor, hciId }: HostRow): Host {
  return { id, kind, hypervisor, ...(hciId === null ? {} : { hciId }) };
}

/** A license of several seats is as many licenses of one: those that carry what the plan names, and the free ones. */
export function licenseFacts({ machines, hosts, licenses }: Estate): License[] {
  const carried = [
    ...machines.map((row) => ({ type: 'machine' as const, id: row.id, by: row.coveredBy })),
    ...hosts.map((row) => ({ type: 'host' as const, id: row.id, by: row.coveredBy })),
  ];
  return licenses
    .filter(({ profile, status }) => profile === 'aip' && status !== 'revoked')
    .flatMap((row) => {
      const { id, type: edition, term, validUntil, used, quota, assignedKind, assignedTo } = row;
      const base = { edition, term, validUntil };
      const bound = carried
        .filter(({ by }) => by === id)
        .map(({ type, id: on }, n) => ({ ...base, id: seatId(id, n), boundTo: { type, id: on } }));
      const group = assignedKind === 'cluster_group' && assignedTo !== null ? assignedTo : undefined;
      const grouped =
        group === undefined ? [] : [{ ...base, id, boundTo: { type: 'cluster_group' as const, id: group } }];
      const free = Array.from({ length: Math.min(20, Math.max(0, quota - used)) }, (_, n) => ({
        ...base,
        id: seatId(id, used + n),
        boundTo: null,
      }));
      return [...bound, ...grouped, ...free];
    });
}

const seatId = (id: string, n: number): string => (n === 0 ? id : `${id}#${n + 1}`);
/** The license behind a seat. */
export const licenseOfSeat = (id: string): string => id.replace(/#\d+$/, '');

/** Licensing by machine and host, as far as a plan needs it. */
export function coverageFacts(estate: Estate, more: Partial<Facts> = {}): Omit<Facts, 'now'> {
  return {
    profile: 'aip',
    licenses: licenseFacts(estate),
    ...more,
    machines: [...estate.machines.map(machineFact), ...(more.machines ?? [])],
    hosts: [...estate.hosts.map(hostFact), ...(more.hosts ?? [])],
  };
}

/** Kinds of CAL in one order, each with a number. */
export function calsOf(kinds: readonly string[], give: (kind: string) => number): Cals {
  return Object.fromEntries(kinds.map((kind) => [kind, give(kind)]));
}
