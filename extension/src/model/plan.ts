import type { ReplyOf } from '@leasehold/protocol';
import { isAdviseReply } from '@leasehold/protocol/guards';
import type { Facts, Request } from '@leasehold/terms';
import type { Live } from './live.js';
import { calsOf, coverageFacts, type Estate } from './plan-facts.js';
import { count, kindsOf } from './pools.js';
import { createResource, type Resource } from './resource.js';
import type { Cals, HostRow, MachineRow, Pools } from './rows.js';

export const CHANGES = ['migrate', 'standby', 'replace', 'cluster', 'split'] as const;
export type Change = (typeof CHANGES)[number];

/** What stands in the form; it is kept in the address, so that nothing is lost with the page. */
export type Wish = Readonly<Partial<Record<WishField, string>>>;
export type WishField =
  | 'change'
  | 'source'
  | 'host'
  | 'to'
  | 'after'
  | 'from'
  | 'what'
  | 'group'
  | 'nodes'
  | 'os'
  | 'pool'
  | 'name'
  | `cal_${string}`;

/** Something that stands for hardware or a cloud machine which is not there yet. */
export const NEW = 'new';

export type Plan = ReplyOf<'advise'>;
export type CoverLine = Plan['cover'][number];

export interface Planned {
  readonly plan: Plan;
  /** The act itself, after what the plan prepares. */
  readonly act: Act;
}

export type Act =
  | {
      readonly do: 'migrate';
      readonly kind: string;
      readonly from: string;
      readonly to: string;
      readonly disposed: boolean;
    }
  | { readonly do: 'standby'; readonly from: string; readonly to: string }
  | { readonly do: 'cluster'; readonly group: string; readonly nodes: number }
  | { readonly do: 'split'; readonly pool: string; readonly name: string; readonly left: Cals; readonly moved: Cals };

/** Facts without their instant: the authority's counts. */
type Given = Omit<Facts, 'now'>;

interface Question {
  readonly facts: Given;
  readonly request: Request;
  /** A change that comes before, and the facts after it. */
  readonly first?: { readonly request: Request; readonly after: Given };
  readonly act: Act;
  readonly watched: readonly { readonly type: 'machine' | 'host'; readonly id: string }[];
}

const TARGETS: Readonly<Record<string, 'V' | 'C' | 'P'>> = { host: 'V', cloud: 'C', machine: 'P' };
const LETTER: Readonly<Record<string, string>> = { guest: 'V', cloud: 'C' };

/** Plans what stands in the form, by the authority's rules and policy; undefined while something of it is still to be
 * given. Nothing is changed or bought. */
export function planOf(
  live: Live,
  wish: Wish,
  estate: Estate,
  pools: Pools | undefined,
): Resource<Planned | undefined> {
  return createResource(async (signal) => {
    const question = questionOf(wish, estate, pools);
    if (question === undefined) return undefined;
    const { facts: given, request: when, act, watched: watch, first } = question;
    const ask = async (body: { given: Given; when: Request }) =>
      live.authority.call('advise', isAdviseReply, { body: { ...body, watch: [...watch] }, signal });
    // What must be possible before: where it is not, that is the answer.
    const before = first && (await ask({ given, when: first.request }));
    const isOpen = before?.before.decision === 'allow' || before?.before.decision === 'warn';
    if (before !== undefined && !isOpen) return { plan: before, act };
    return { plan: await ask({ given: first?.after ?? given, when }), act };
  });
}

function questionOf(wish: Wish, estate: Estate, pools: Pools | undefined): Question | undefined {
  if (wish.change === 'split') return pools && splitOf(wish, pools);
  if (wish.change === 'cluster') return clusterOf(wish, estate);
  if (wish.change === 'replace' && wish.what === 'host') return hostReplacement(wish, estate);
  const source = estate.machines.find(({ id }) => id === wish.source);
  if (source === undefined) return undefined;
  return wish.change === 'standby' ? standbyOf(wish, source, estate) : migrationOf(wish, source, estate);
}

function migrationOf(wish: Wish, source: MachineRow, estate: Estate): Question | undefined {
  const own = LETTER[source.kind] ?? 'P';
  const to = wish.change === 'replace' ? own : TARGETS[wish.to ?? 'host'];
  if (to === undefined) return undefined;
  const disposed = wish.change === 'replace' || wish.after !== 'parallel';
  const kind = `${own}2${to}`;
  const common = { action: 'migrate', kind, source: source.id, sourceDisposition: disposed ? 'disposed' : 'parallel' };
  const from = { type: 'machine', id: source.id } as const;
  if (to === 'V') {
    const host = estate.hosts.find(({ id }) => id === wish.host);
    if (host === undefined) return undefined;
    return {
      facts: coverageFacts(estate),
      request: { ...common, targetHost: host.id },
      act: { do: 'migrate', kind, from: source.id, to: host.id, disposed },
      watched: [from, { type: 'host', id: host.id }],
    };
  }
  const target = { id: NEW, kind: to === 'C' ? 'cloud' : 'physical', os: osLike(source) } as const;
  return {
    facts: coverageFacts(estate, { machines: [target] }),
    request: { ...common, targetMachine: NEW },
    act: { do: 'migrate', kind, from: source.id, to: NEW, disposed },
    watched: [from, { type: 'machine', id: NEW }],
  };
}

function osLike(source: MachineRow): 'windows_server' | 'windows_client' | 'linux' | 'macos' | 'unknown' {
  return coverageFacts({ machines: [source], hosts: [], licenses: [] }).machines?.[0]?.os ?? 'unknown';
}

function standbyOf(wish: Wish, source: MachineRow, estate: Estate): Question | undefined {
  const host = estate.hosts.find(({ id }) => id === wish.host);
  if (host === undefined) return undefined;
  const from = wish.from === 'live' ? 'live' : 'backup_files';
  return {
    facts: coverageFacts(estate),
    request: { action: 'standby.create', from, source: source.id, targetHost: host.id },
    act: { do: 'standby', from: source.id, to: host.id },
    watched: [
      { type: 'machine', id: source.id },
      { type: 'host', id: host.id },
    ],
  };
}

/** Another host takes the place of one: its license moves along once the old one is out of service (F-7). */
function hostReplacement(wish: Wish, estate: Estate): Question | undefined {
  const host = estate.hosts.find(({ id }) => id === wish.host);
  if (host === undefined) return undefined;
  const facts = coverageFacts(estate, { hosts: [{ ...hostLike(host), id: NEW }] });
  return {
    facts,
    request: { action: 'coverage.check', scope: { type: 'host', id: NEW } },
    act: { do: 'migrate', kind: 'host', from: host.id, to: NEW, disposed: true },
    watched: [
      { type: 'host', id: host.id },
      { type: 'host', id: NEW },
    ],
  };
}

const hostLike = ({ kind, hypervisor }: HostRow) => ({ kind, hypervisor }) as const;

const MOST_NODES = 64;

function clusterOf(wish: Wish, estate: Estate): Question | undefined {
  const nodes = Number(wish.nodes);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) return undefined;
  const group = wish.group === undefined || wish.group === '' ? NEW : wish.group;
  const ids = Array.from({ length: nodes }, (_, n) => `node-${n + 1}`);
  const os = wish.os === 'linux' ? 'linux' : 'windows_server';
  const facts = coverageFacts(
    { ...estate, machines: [], hosts: [] },
    {
      machines: ids.map((id) => ({ id, kind: 'physical', os, clusterGroupId: group })),
      clusters: [{ id: group, nodeIds: ids }],
    },
  );
  const request = { action: 'coverage.check', scope: { type: 'cluster_group', id: group } };
  return { facts, request, act: { do: 'cluster', group, nodes }, watched: ids.map((id) => ({ type: 'machine', id })) };
}

/** A part of a pool becomes one of its own: the rest stays where it is, and no key loses what it has. */
function splitOf(wish: Wish, pools: Pools): Question | undefined {
  const pool = pools.pools.find(({ id }) => id === wish.pool);
  const name = wish.name?.trim() ?? '';
  if (pool === undefined || name === '') return undefined;
  const kinds = kindsOf(pools);
  const moved = calsOf(kinds, (kind) => Math.max(0, Math.floor(Number(wish[`cal_${kind}`] ?? 0)) || 0));
  const left = calsOf(kinds, (kind) => Math.max(0, count(pool.quota, kind) - count(moved, kind)));
  const facts: Given = {
    profile: 'lmp',
    licenses: pools.licenses.map((license) => ({ ...license })),
    pools: pools.pools.map(({ id, name: title, type, quota }) => ({ id, name: title, type, quota })),
    keys: pools.keys.map(({ id, poolId, fullName, quota, used, status, serverId, createdAt, lastCheckAt }) => ({
      id,
      poolId,
      licenseeName: fullName,
      quota,
      used,
      status,
      serverId,
      createdAt,
      lastCheckAt,
    })),
  };
  const lower: Request = { action: 'pool.set_quota', pool: pool.id, quota: left };
  const shrunk = (facts.pools ?? []).map((one) => (one.id === pool.id ? { ...one, quota: left } : one));
  return {
    facts,
    first: { request: lower, after: { ...facts, pools: shrunk } },
    request: { action: 'pool.create', name, type: pool.type, quota: moved },
    act: { do: 'split', pool: pool.id, name, left, moved },
    watched: [],
  };
}
