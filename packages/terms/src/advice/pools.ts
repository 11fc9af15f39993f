import type { Need } from '../decision.js';
import type { BackupServer, Cals, PoolLicense, PoolType, Request } from '../model.js';
import { count, keysOf, pooled, poolsOf, sum, typeTotal } from '../pools/cals.js';
import { yearAhead } from './carry-out.js';
import { freshIds, isOpen, rowsOfKind, type Context, type Cure } from './context.js';
import type { Step } from './steps.js';

const TYPES: readonly PoolType[] = ['OEM', 'Standard'];

export function licensesOf({ facts }: Context): readonly PoolLicense[] {
  return (facts.licenses ?? []) as readonly PoolLicense[];
}

/** What a part has more than the whole, by kind. */
function excess(part: Cals, whole: Cals): Cals {
  const over = Object.keys(part).map((kind) => [kind, Math.max(0, count(part, kind) - count(whole, kind))] as const);
  return Object.fromEntries(over.filter(([, number]) => number > 0));
}

/** More CALs of a type: licenses in stock are pooled first, those in use after them; the rest is bought, and pooled. */
export function moreOfType(context: Context, type: PoolType, missing: Cals): Cure {
  const rule = context.decision.reason_rule;
  const stock = licensesOf(context)
    .filter((license) => license.type === type && license.state === 'poolable')
    .filter(({ id }) => isOpen(context, { action: 'pool.convert', license: id, confirm: true }))
    .sort(
      (one, other) => Number(one.appliedTo !== null) - Number(other.appliedTo !== null) || (one.id < other.id ? -1 : 1),
    );
  const steps: Step[] = [];
  let short = missing;
  for (const license of stock) {
    if (Object.keys(short).length === 0) break;
    const rest = excess(short, license.cals);
    if (Object.keys(short).every((kind) => count(rest, kind) === count(short, kind))) continue;
    steps.push({ do: 'convert', rule: 'LMP-1.1', license: license.id });
    short = rest;
  }
  if (Object.keys(short).length === 0) return steps;
  const [id = ''] = freshIds(context.facts.licenses, 1);
  const buy: Step = {
    do: 'buy',
    rule,
    licenses: [id],
    edition: type,
    term: 'perpetual',
    count: 1,
    bindTo: 'stock',
    cals: short,
  };
  return [...steps, buy, { do: 'convert', rule: 'LMP-1.1', license: id }];
}

/** LMP-2.3: what is missing to the pools of this type. */
export function totalCures(context: Context): readonly Cure[] {
  const { facts, request } = context;
  const pool = facts.pools?.find(({ id }) => id === request['pool']);
  const type = pool?.type ?? (request['type'] as PoolType);
  const asked = poolsOf(facts.pools ?? [], type, (request['quota'] ?? {}) as Cals, pool?.id);
  return [moreOfType(context, type, excess(asked, typeTotal(licensesOf(context), type)))];
}

/** LMP-2.4: the pool gets what its keys need; a pool that is to shrink stays as large as its keys. */
export function poolCures(context: Context): readonly Cure[] {
  const { facts, request, decision } = context;
  const key = facts.keys?.find(({ id }) => id === request['key']);
  const id = String(key?.poolId ?? request['pool']);
  const pool = facts.pools?.find((one) => one.id === id);
  if (pool === undefined) return [];
  const asked = (request['quota'] ?? {}) as Cals;
  if (request.action === 'pool.set_quota') {
    const quota = larger(asked, keysOf(facts.keys ?? [], id));
    return [[{ do: 'choose', rule: decision.reason_rule, field: 'quota', value: quota }]];
  }
  const quota = larger(pool.quota, keysOf(facts.keys ?? [], id, asked, key?.id));
  return done(context, { action: 'pool.set_quota', pool: id, quota });
}

function larger(one: Cals, other: Cals): Cals {
  const kinds = Object.keys(sum([one, other]));
  return Object.fromEntries(kinds.map((kind) => [kind, Math.max(count(one, kind), count(other, kind))]));
}

/** LMP-1.4: a pool of a type that has the CALs, or can get them. */
export function newPoolCures(context: Context, types: readonly PoolType[] = TYPES): readonly Cure[] {
  const { facts, request, decision } = context;
  const [pool = ''] = freshIds(facts.pools, 1);
  const quota = (request['quota'] ?? {}) as Cals;
  const choose: Step = { do: 'choose', rule: decision.reason_rule, field: 'pool', value: pool };
  return types.flatMap((type) =>
    done(context, { action: 'pool.create', name: pool, type, quota }).map((steps) => [...steps, choose]),
  );
}

/** LMP-3.9: a server gets a key: of the CALs of its own license where that was pooled, else of what a pool has left. */
export function serverCures(context: Context, need?: Need): readonly Cure[] {
  const { facts, request } = context;
  const id = need?.bindTo.slice('server:'.length) ?? String(request['server']);
  const server = facts.servers?.find((one) => one.id === id);
  if (server === undefined) return [];
  const own = licensesOf(context).find((license) => license.id === server.applied?.id);
  const pools = (facts.pools ?? []).filter(({ type }) => own === undefined || own.type === type);
  const inPools = pools.flatMap((pool) => newKey(context, server, pool.id, own?.cals ?? leftIn(context, pool.id)));
  if (inPools.length > 0) return inPools;
  return (own === undefined ? TYPES : [own.type]).flatMap((type) => inNewPool(context, server, type, own?.cals));
}

function inNewPool(context: Context, server: BackupServer, type: PoolType, cals: Cals | undefined): readonly Cure[] {
  const { facts } = context;
  const total = typeTotal(licensesOf(context), type);
  if (cals === undefined && pooled(licensesOf(context), type).length === 0) return [];
  const [pool = ''] = freshIds(facts.pools, 1);
  const quota = cals ?? excess(total, poolsOf(facts.pools ?? [], type, {}));
  const created = context.prepare({ action: 'pool.create', name: pool, type, quota });
  if (created === undefined) return [];
  const make: Step = { do: 'create_pool', rule: 'LMP-3.3', pool, type, quota };
  return keySteps(context, server, pool, quota).map((steps) => [...created.steps, make, ...steps]);
}

/** A key in a pool that is there, and its application. */
function newKey(context: Context, server: BackupServer, pool: string, quota: Cals): readonly Cure[] {
  const [licenseeName = ''] = freshIds(context.facts.keys, 1);
  const created = context.prepare({ action: 'key.create', pool, licenseeName, quota });
  return created === undefined
    ? []
    : keySteps(context, server, pool, quota).map((steps) => [...created.steps, ...steps]);
}

function keySteps(context: Context, server: BackupServer, pool: string, quota: Cals): readonly Cure[] {
  const [key = ''] = freshIds(context.facts.keys, 1);
  const make: Step = { do: 'create_key', rule: 'LMP-3.5', key, pool, licenseeName: key, quota };
  const steps: Step[] = [make];
  if (server.online === false) steps.push({ do: 'check_in', rule: 'LMP-4.14', server: server.id });
  return [[...steps, ...newerServer(context, server), { do: 'apply_key', rule: 'LMP-3.9', key, server: server.id }]];
}

function newerServer(context: Context, server: BackupServer): Cure {
  const lowest = rowsOfKind(context, 'apply.old-server')[0]?.lowestVersion ?? 0;
  const old = !(Number(/^v?(\d+)/i.exec(server.version)?.[1] ?? Number.NaN) >= lowest);
  return old ? [{ do: 'update_server', rule: 'LMP-4.8', server: server.id, version: `${lowest}.0` }] : [];
}

function leftIn({ facts }: Context, pool: string): Cals {
  const quota = facts.pools?.find(({ id }) => id === pool)?.quota ?? {};
  return Object.fromEntries(
    Object.keys(quota).map((kind) => [
      kind,
      Math.max(0, count(quota, kind) - count(keysOf(facts.keys ?? [], pool), kind)),
    ]),
  );
}

/** The maintenance of the licenses whose date is over: all that lock the console, or those of one type. */
export function renewals(context: Context, type?: PoolType): Cure {
  const { facts, decision } = context;
  const until = yearAhead(facts);
  return pooled(licensesOf(context), type)
    .filter(({ freeUpgradeUntil }) => freeUpgradeUntil < until)
    .filter(({ id }) => isOpen(context, { action: 'maintenance.renew', license: id, until }))
    .filter((license) => isPast(context, license))
    .map(({ id }) => ({ do: 'renew', rule: decision.reason_rule, license: id, until }));
}

/** Would it lock the console by itself? */
function isPast(context: Context, license: PoolLicense): boolean {
  const facts = { ...context.facts, licenses: [license], policy: { lmpLockout: 'literal' as const } };
  return !isOpen({ ...context, facts }, { action: 'portal.login' });
}

/** A change of the console as steps, with whatever it needs before. */
export function done(context: Context, request: Request): readonly Cure[] {
  const prepared = context.prepare(request);
  return prepared === undefined ? [] : [[...prepared.steps, ...carried(context, prepared.request)]];
}

function carried(context: Context, request: Request): Cure {
  const quota = (request['quota'] ?? {}) as Cals;
  if (request.action === 'pool.create') {
    const type = request['type'] as PoolType;
    return [{ do: 'create_pool', rule: 'LMP-3.3', pool: String(request['name']), type, quota }];
  }
  return [{ do: 'set_pool_quota', rule: 'LMP-3.4', pool: String(request['pool']), quota }];
}
