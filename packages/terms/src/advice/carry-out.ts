import { addDays, DAY, dayOf, instant } from '../dates.js';
import type {
  BackupServer,
  Binding,
  Day,
  Facts,
  Iso,
  License,
  Machine,
  MspLicense,
  PoolKey,
  PoolLicense,
} from '../model.js';
import type { Buy, Deed, Situation, Step } from './steps.js';

/** What is bought lasts a year; a perpetual license has no end. Unit: days. */
const YEAR = 365;
/** The lease that a check-in brings. Unit: days. */
const LEASE = 14;

/** Time that counts (D-6). */
export function nowOf(facts: Facts): number {
  const { now, lastTrustedTime } = facts;
  return Math.max(instant(now), lastTrustedTime === undefined ? Number.NEGATIVE_INFINITY : instant(lastTrustedTime));
}

/** A day within the term of whatever is bought or renewed now. */
export function yearAhead(facts: Facts): Day {
  return addDays(dayOf(nowOf(facts), facts.account?.timeZone), YEAR);
}

/** The situation after a step. Nothing that was given is changed. */
export function carryOut(step: Step, situation: Situation): Situation {
  const { facts, request } = situation;
  if (step.do === 'ask') return { facts, request: step.request };
  if (step.do === 'choose' || step.do === 'declare') {
    return { facts, request: { ...request, [step.field]: step.value } };
  }
  return { facts: { ...facts, ...(changes[step.do] as Change<Deed>)(step, facts) }, request };
}

type Change<One> = (step: One, facts: Facts) => Partial<Facts>;
type FactsDeed = Exclude<Deed, { readonly do: 'ask' | 'choose' | 'declare' }>;
type Changes = { readonly [Name in FactsDeed['do']]: Change<Extract<Deed, { readonly do: Name }>> };

const changes: Changes = {
  buy: (step, facts) => {
    const { entitlement } = facts;
    if (step.bindTo === 'pool:default' && entitlement !== undefined) {
      return { entitlement: { ...entitlement, licensed: entitlement.licensed + step.count } };
    }
    return { licenses: [...(facts.licenses ?? []), ...step.licenses.map((id) => bought(step, id, facts))] };
  },
  assign: (step, facts) => bind(step, facts),
  move: (step, facts) => bind(step, facts),
  renew: ({ license, until }, facts) => ({
    licenses: change(facts.licenses, license, (one) =>
      'freeUpgradeUntil' in one ? { ...one, freeUpgradeUntil: until } : { ...one, validUntil: until },
    ),
  }),
  declare_host: ({ machine, host }, facts) => ({
    machines: change(facts.machines, machine, (one) => ({ ...one, declaredHostId: host })),
    hosts: (facts.hosts ?? []).some(({ id }) => id === host)
      ? (facts.hosts ?? [])
      : [...(facts.hosts ?? []), { id: host, kind: 'bare_metal', hypervisor: 'unknown' }],
  }),
  install_hyper_agent: ({ machine, host }, facts) => {
    const reach = (one: Machine): Machine => ({
      ...one,
      hyperAgent: { connectableHosts: [...(one.hyperAgent?.connectableHosts ?? []), host] },
    });
    const known = (facts.machines ?? []).some(({ id }) => id === machine);
    const added: Machine = { id: machine, kind: 'physical', os: 'unknown' };
    return {
      machines: known ? change(facts.machines, machine, reach) : [...(facts.machines ?? []), reach(added)],
    };
  },
  make_medium: ({ medium, base }, facts) => ({
    media: [...(facts.media ?? []).filter(({ id }) => id !== medium), { id: medium, base, stamp: 'valid' }],
  }),
  end_session: ({ session }, facts) => ({
    sessions: change(facts.sessions, session, (one) => ({ ...one, endedAt: facts.now })),
  }),
  check_in: ({ server }, facts) => ({
    ...(server === undefined || facts.lease !== undefined ? renewLease(facts) : {}),
    ...(server === undefined ? {} : checkServerIn(server, facts)),
  }),
  wait: ({ until }) => ({ now: until }),
  convert: ({ license }, facts) => ({
    licenses: change(facts.licenses as readonly PoolLicense[], license, (one) => ({
      ...one,
      state: 'pooled',
      pooledAt: facts.now,
    })),
  }),
  create_pool: ({ pool, type, quota }, facts) => ({
    pools: [...(facts.pools ?? []), { id: pool, name: pool, type, quota }],
  }),
  set_pool_quota: ({ pool, quota }, facts) => ({ pools: change(facts.pools, pool, (one) => ({ ...one, quota })) }),
  create_key: ({ key, pool, licenseeName, quota }, facts) => ({
    keys: [...(facts.keys ?? []), newKey(key, pool, licenseeName, quota, facts.now)],
  }),
  apply_key: ({ key, server }, facts) => ({
    keys: change(facts.keys, key, (one) => ({
      ...one,
      status: 'in_use',
      serverId: server,
      lastCheckAt: isoOf(nowOf(facts)),
    })),
    servers: change(facts.servers, server, (one) => ({
      ...one,
      freshInstall: false,
      applied: { kind: 'pool_key', id: key, at: isoOf(nowOf(facts)) },
    })),
  }),
  deactivate_key: ({ key }, facts) => ({
    keys: change(facts.keys, key, (one) => ({ ...one, status: 'not_in_use', serverId: null, lastCheckAt: null })),
    servers: (facts.servers ?? []).map((one) => (one.applied?.id === key ? { ...one, applied: null } : one)),
  }),
  update_server: ({ server, version }, facts) => ({
    servers: change(facts.servers, server, (one) => ({ ...one, version })),
  }),
};

type Entry = { readonly id: string };

function change<One extends Entry>(
  list: readonly One[] | undefined,
  id: string,
  to: (one: One) => One,
): readonly One[] {
  return (list ?? []).map((one) => (one.id === id ? to(one) : one));
}

function isoOf(at: number): Iso {
  return new Date(at).toISOString();
}

function newKey(id: string, poolId: string, licenseeName: string, quota: PoolKey['quota'], createdAt: Iso): PoolKey {
  return { id, poolId, licenseeName, quota, createdAt, status: 'not_in_use', serverId: null, lastCheckAt: null };
}

function bought(step: Buy, id: string, facts: Facts): License | MspLicense | PoolLicense {
  const { edition, term, bindTo } = step;
  if (facts.profile === 'lmp') return stockLicense(step, id, facts);
  const binding = bindingOf(bindTo);
  if (facts.profile === 'aip') {
    const validUntil = term === 'perpetual' ? null : isoOf(nowOf(facts) + YEAR * DAY);
    return { id, edition, term, validUntil, boundTo: binding };
  }
  const assignedTo = binding?.type === 'instance' ? binding.id : null;
  const owner = binding?.type === 'company' ? binding.id : null;
  const companyId = owner ?? facts.instances?.find((one) => one.id === assignedTo)?.companyId ?? null;
  const validUntil = yearAhead(facts);
  return { id, type: edition, kind: 'commercial', companyId, assignedTo, validUntil, autoRenew: false };
}

function stockLicense({ edition, cals = {} }: Buy, id: string, facts: Facts): PoolLicense {
  return {
    id,
    type: edition as PoolLicense['type'],
    purchase: 'purchased',
    state: 'poolable',
    cals,
    freeUpgradeUntil: yearAhead(facts),
    appliedTo: null,
    pooledAt: null,
  };
}

/** `host:esx2` → a binding; `stock` → none. */
export function bindingOf(bindTo: string): Binding | null {
  const [type, ...rest] = bindTo.split(':');
  return rest.length === 0 ? null : { type: type as Binding['type'], id: rest.join(':') };
}

function bind(step: { readonly license: string; readonly bindTo: string }, facts: Facts): Partial<Facts> {
  const binding = bindingOf(step.bindTo);
  return {
    licenses: change(facts.licenses, step.license, (one) =>
      'assignedTo' in one ? { ...one, assignedTo: binding?.id ?? null } : { ...(one as License), boundTo: binding },
    ),
  };
}

function renewLease(facts: Facts): Partial<Facts> {
  const issuedAt = nowOf(facts);
  return {
    authority: { reachable: true },
    lease: { issuedAt: isoOf(issuedAt), expiresAt: isoOf(issuedAt + LEASE * DAY), signature: 'valid' },
  };
}

function checkServerIn(server: string, facts: Facts): Partial<Facts> {
  const lastCheckAt = isoOf(nowOf(facts));
  const applied = facts.servers?.find(({ id }) => id === server)?.applied;
  return {
    servers: change<BackupServer>(facts.servers, server, (one) => ({ ...one, online: true })),
    keys: change(facts.keys, applied?.id ?? '', (one) => ({ ...one, lastCheckAt })),
  };
}
