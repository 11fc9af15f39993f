import type { Cals, LicensePool, PoolKey, PoolLicense, PoolType } from '../model.js';

/** The CALs of one kind; a kind that is not named is a kind of none. */
export function count(cals: Cals, kind: string): number {
  return Object.hasOwn(cals, kind) ? Number(cals[kind]) : 0;
}

/** Sum by kind; every kind that any summand names, and those of `kinds`, is named in the sum. */
export function sum(summands: readonly Cals[], kinds: readonly string[] = []): Cals {
  const total = new Map(kinds.map((kind) => [kind, 0]));
  for (const cals of summands) {
    for (const kind of Object.keys(cals)) total.set(kind, (total.get(kind) ?? 0) + count(cals, kind));
  }
  return Object.fromEntries(total);
}

/** Does every kind of `part` fit into `whole`? Equal fits. */
export function fits(part: Cals, whole: Cals): boolean {
  return Object.keys(part).every((kind) => count(part, kind) <= count(whole, kind));
}

/** Licenses of the type that were converted (LMP-4.3); only these carry pools and keys. */
export function pooled(licenses: readonly PoolLicense[], type?: PoolType): PoolLicense[] {
  return licenses.filter((license) => license.state === 'pooled' && (type === undefined || license.type === type));
}

/** LMP-1.2: the cumulative total of a type. */
export function typeTotal(licenses: readonly PoolLicense[], type: PoolType, kinds: readonly string[] = []): Cals {
  return sum(
    pooled(licenses, type).map((license) => license.cals),
    kinds,
  );
}

/** LMP-2.3: what the pools of a type hand out together once `pool` (or a new one) has this quota. */
export function poolsOf(pools: readonly LicensePool[], type: PoolType, quota: Cals, pool?: string): Cals {
  const others = pools.filter((other) => other.type === type && other.id !== pool);
  return sum([...others.map((other) => other.quota), quota]);
}

/** LMP-2.4: what the keys of a pool hand out together once `key` (or a new one) has this quota. */
export function keysOf(keys: readonly PoolKey[], pool: string, quota: Cals = {}, key?: string): Cals {
  const others = keys.filter((other) => other.poolId === pool && other.id !== key);
  return sum([...others.map((other) => other.quota), quota]);
}
