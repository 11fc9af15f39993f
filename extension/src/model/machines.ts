import { isMachineDetail, isMachinePage } from '@leasehold/protocol/guards';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { HostRow, MachineDetail, MachinePage, MachineRow } from './rows.js';
import { upsert } from './tables.js';

export interface MachineFilters {
  readonly search?: string;
  readonly company?: string;
  readonly status?: string;
  readonly mark?: string;
}

export const MACHINES_AT_ONCE = 200;

/** Are not all machines asked for? */
export const isFiltering = ({ search, company, status, mark }: MachineFilters): boolean =>
  (search ?? company ?? status ?? mark) !== undefined;

export function machinePage(live: Live, filters: MachineFilters, pages: number): Resource<MachinePage> {
  const { search, company, status, mark } = filters;
  return createResource<MachinePage>(
    async (signal) => {
      let whole: MachinePage | undefined;
      for (let page = 0; page < pages; page += 1) {
        const after = whole?.next ?? undefined;
        const query = { search, company, status, mark, limit: String(MACHINES_AT_ONCE), after };
        const reply: MachinePage = await live.authority.call('machines', isMachinePage, { query, signal });
        const [rows, todos] = [
          [...(whole?.rows ?? []), ...reply.rows],
          [...(whole?.todos ?? []), ...(reply.todos ?? [])],
        ];
        whole = { ...reply, rows, todos };
        if (reply.next === null) break;
      }
      return whole as MachinePage;
    },
    (page, changes) => ({
      ...page,
      rows: [...upsert(page.rows, 'machine', changes, isFiltering(filters) ? 'known' : 'append')],
      hosts: [...upsert(page.hosts, 'host', changes, 'append')],
    }),
  );
}

export type MachineCounts = NonNullable<MachinePage['counts']>;

/** What each filter would leave: counted apart, so that the list need not wait for it. */
export function machineCounts(live: Live, { search, company, status, mark }: MachineFilters): Resource<MachineCounts> {
  return createResource(async (signal) => {
    const query = { search, company, status, mark, limit: '1', counts: 'yes' };
    return (await live.authority.call('machines', isMachinePage, { query, signal })).counts ?? {};
  });
}

/** Everything that is known of one machine. */
export function machineDetail(live: Live, machine: string): Resource<MachineDetail> {
  return createResource((signal) => live.authority.call('machine', isMachineDetail, { params: { machine }, signal }));
}

/** The copy that waits for a decision: the machine itself, or the one that was copied from it where nothing tells the two
 * apart and both are marked. */
export function waitingCopy(live: Live, machine: MachineRow): Resource<MachineDetail | undefined> {
  return createResource(async (signal) => {
    const query = { mark: 'fork', limit: '500' };
    const copy =
      machine.forkedFrom == null
        ? (await live.authority.call('machines', isMachinePage, { query, signal })).rows.find(
            ({ forkedFrom }) => forkedFrom === machine.id,
          )
        : machine;
    if (copy === undefined) return undefined;
    return live.authority.call('machine', isMachineDetail, { params: { machine: copy.id }, signal });
  });
}

/** Does it carry a mark that waits for a person, or that says what it is? */
export const isMarked = ({ marks }: MachineRow, mark: NonNullable<MachineRow['marks']>[number]): boolean =>
  marks?.includes(mark) === true;

export interface HostBranch {
  readonly host: HostRow;
  readonly guests: readonly MachineRow[];
}

/** Hosts with their guests, then machines on no host: those that need a person first, then by name. */
export function treeOf(
  page: MachinePage,
  isFiltered: boolean,
): {
  readonly branches: readonly HostBranch[];
  readonly alone: readonly MachineRow[];
} {
  const hosts = new Set(page.hosts.map(({ id }) => id));
  const byHost = new Map<string, MachineRow[]>();
  for (const row of page.rows) {
    const under = row.hostId !== null && hosts.has(row.hostId) ? row.hostId : '';
    byHost.set(under, [...(byHost.get(under) ?? []), row]);
  }
  const branches = page.hosts
    .map((host) => ({ host, guests: (byHost.get(host.id) ?? []).toSorted(byConcern) }))
    .filter(({ guests }) => !isFiltered || guests.length > 0)
    .toSorted((a, b) => concern(a.guests[0]) - concern(b.guests[0]) || nameOf(a.host).localeCompare(nameOf(b.host)));
  return { branches, alone: (byHost.get('') ?? []).toSorted(byConcern) };
}

const ORDER: Readonly<Record<MachineRow['status'], number>> = {
  stopped: 0,
  grace: 1,
  expires_soon: 2,
  offline: 2,
  valid: 3,
  released: 4,
};
const concern = (row: MachineRow | undefined): number => {
  if (row === undefined) return 3;
  const isOpen = isMarked(row, 'fork') || isMarked(row, 'contradicted') || isMarked(row, 'disputed');
  return isOpen ? 1 : ORDER[row.status];
};
const byConcern = (a: MachineRow, b: MachineRow): number =>
  concern(a) - concern(b) || nameOf(a).localeCompare(nameOf(b));

export const nameOf = ({ id, name }: { readonly id: string; readonly name: string | null }): string => name ?? id;
