import { isPoolsReply } from '@leasehold/protocol/guards';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { Cals, PoolKeyRow, PoolLicenseRow, PoolRow, Pools, PoolTotal } from './rows.js';
import { upsert } from './tables.js';

export function openPools(live: Live): Resource<Pools> {
  return createResource<Pools>(
    (signal) => live.authority.call('pools', isPoolsReply, { signal }),
    (pools, changes) => ({
      ...pools,
      licenses: [...upsert(pools.licenses, 'pool_license', changes, 'append')],
      pools: [...upsert(pools.pools, 'pool', changes, 'append')],
      keys: [...upsert(pools.keys, 'pool_key', changes, 'append')],
    }),
  );
}

export const count = (cals: Cals, cal: string): number => cals[cal] ?? 0;
export const sum = (cals: Cals): number => Object.values(cals).reduce((a, b) => a + b, 0);

/** The kinds of CAL that these pools speak of, in one order everywhere: that of the licenses that bring them. */
export function kindsOf(pools: Pools): readonly string[] {
  const all = [...pools.licenses, ...pools.totals].flatMap(({ cals }) => Object.keys(cals));
  return [...new Set(all)].toSorted().toReversed();
}

/** A kind as people write it: `obm` → OBM. */
export const calName = (cal: string): string => cal.toUpperCase();

/** `100 OBM, 40 ACB`; kinds without any are left out. */
export function calsText(cals: Cals, kinds: readonly string[]): string {
  const named = kinds.filter((cal) => count(cals, cal) > 0).map((cal) => `${count(cals, cal)} ${calName(cal)}`);
  return named.length === 0 ? '0' : named.join(', ');
}

export function totalOf(pools: Pools, type: PoolRow['type']): PoolTotal | undefined {
  return pools.totals.find((total) => total.type === type);
}

export interface PoolFigures {
  readonly quota: number;
  /** In use on servers, as far as keys allow it. */
  readonly used: number;
  /** Given to keys and not used. */
  readonly reserved: number;
  readonly free: number;
  /** Keys that use more than they have. */
  readonly over: readonly { readonly key: PoolKeyRow; readonly by: number }[];
}

/** What becomes of a pool's quota of one kind. */
export function figuresOf(pool: PoolRow, keys: readonly PoolKeyRow[], cal: string): PoolFigures {
  const quota = count(pool.quota, cal);
  const within = keys.map((key) => Math.min(count(key.used, cal), count(key.quota, cal)));
  const used = within.reduce((a, b) => a + b, 0);
  const given = keys.reduce((a, key) => a + count(key.quota, cal), 0);
  const over = keys
    .map((key) => ({ key, by: count(key.used, cal) - count(key.quota, cal) }))
    .filter(({ by }) => by > 0);
  return { quota, used, reserved: given - used, free: Math.max(0, quota - given), over };
}

/** What adding a license to the pool changes at once (LMP-1.2, LMP-1.5b, LMP-3.2), from what the page already shows. */
export interface Conversion {
  readonly before: Cals;
  readonly after: Cals;
  /** Set when every key of the type inherits an earlier date. */
  readonly lowers: { readonly from: string; readonly to: string } | undefined;
  readonly keys: number;
  readonly server: string | null;
}

export function conversionOf(pools: Pools, license: PoolLicenseRow): Conversion {
  const total = totalOf(pools, license.type);
  const before = total?.cals ?? {};
  const after = { ...before };
  for (const [cal, n] of Object.entries(license.cals)) after[cal] = count(after, cal) + n;
  const ofType = new Set(pools.pools.filter(({ type }) => type === license.type).map(({ id }) => id));
  const from = total?.freeUpgradeUntil ?? null;
  const isLower = from !== null && license.freeUpgradeUntil < from;
  return {
    before,
    after,
    lowers: isLower ? { from, to: license.freeUpgradeUntil } : undefined,
    keys: pools.keys.filter(({ poolId }) => ofType.has(poolId)).length,
    server: license.appliedTo,
  };
}

interface Earliest {
  readonly date: string;
  readonly license: string;
}

/** The date that every key of the type inherits (LMP-4.17): now, and with this license renewed until a day. */
export function earliestWith(pools: Pools, license: PoolLicenseRow, until: string): readonly [Earliest, Earliest] {
  const ofType = pools.licenses.filter(({ state, type }) => state === 'pooled' && type === license.type);
  const earliest = (dateOf: (row: PoolLicenseRow) => string): Earliest =>
    ofType
      .map((row) => ({ date: dateOf(row), license: row.id }))
      .reduce((first, next) => (next.date < first.date ? next : first));
  return [
    earliest((row) => row.freeUpgradeUntil),
    earliest((row) => (row.id === license.id ? until : row.freeUpgradeUntil)),
  ];
}

/** A key's lease is its last check + 14 days (LMP-4.16). */
export const KEY_LEASE_MS = 14 * 86_400_000;

/** The prefix is the account's; the licensee name is what stands behind it (LMP-3.5). */
export function splitName(fullName: string, prefix: string | null): readonly [prefix: string, name: string] {
  const head = prefix === null ? '' : `${prefix}-`;
  return fullName.startsWith(head) ? [head, fullName.slice(head.length)] : ['', fullName];
}
