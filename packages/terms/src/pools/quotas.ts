import type { Judges } from '../kinds.js';
import type { Cals, PoolType } from '../model.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { fits, keysOf, pooled, poolsOf, typeTotal } from './cals.js';
import { askedKey, askedPool, earliestFreeUpgrade, poolLicenses } from './stock.js';

interface Code {
  readonly code: string;
}

/** Pools and keys, and how many CALs each may hand out. */
export interface QuotaParams {
  /** A pool has a name and a type (LMP-3.3). */
  'pool.unnamed': Code;
  /** The pools of a type hand out no more than is pooled of it (LMP-2.3); `mixing` stands with it when only the other
   * type has CALs (rules 1.8). A pool may be created first and filled later. */
  'pool.over-total': Code & { readonly mixing: string };
  /** A pool cannot shrink below what its keys carry (LMP-2.4 from LMP-3.4). */
  'pool.below-keys': Code;
  /** A key comes after its pool (LMP-1.4). */
  'key.no-pool': Code;
  /** LMP-4.15; a regular expression for the whole name (A-27: ASCII only). */
  'key.name': Code & { readonly pattern: string };
  /** A key is created with its quota, which may be zero (LMP-3.5). */
  'key.no-quota': Code;
  /** The keys of a pool carry no more than the pool has; keys do not overlap (LMP-2.4, A-21). */
  'key.over-pool': Code;
  /** Below what the server uses (LMP-3.10, A-22): told, not refused. */
  'key.below-use': { readonly warning: string };
  /** What a new key looks like (LMP-3.5); days from today that its expiry shows (LMP-4.16). */
  'key.created': { readonly expiryDays: number };
}

const poolTypes: readonly PoolType[] = ['OEM', 'Standard'];

export const quotaKinds: Judges<QuotaParams> = {
  'pool.unnamed': (question, row) => {
    const { name, type } = question.request;
    const named = typeof name === 'string' && name.trim() !== '';
    return named && typeof type === 'string' && type !== '' ? undefined : refuse(row, row.code);
  },
  'pool.over-total': (question, row) => {
    const pool = question.request['pool'] === undefined ? undefined : askedPool(question);
    const type = pool?.type ?? (question.text('type') as PoolType);
    const asked = poolsOf(question.facts.pools ?? [], type, quotaOf(question), pool?.id);
    if (fits(asked, typeTotal(poolLicenses(question), type))) return undefined;
    return refuse(row, row.code, isOtherTypePooled(question, type) ? { also: [row.mixing] } : {});
  },
  'pool.below-keys': (question, row) => {
    const carried = keysOf(question.facts.keys ?? [], askedPool(question).id);
    return fits(carried, quotaOf(question)) ? undefined : refuse(row, row.code);
  },
  'key.no-pool': (question, row) => {
    const asked = question.request['pool'] as string | null | undefined;
    return question.ledger.find('pools', asked) === undefined ? refuse(row, row.code) : undefined;
  },
  'key.name': (question, row) => {
    const name = question.request['licenseeName'];
    // `$` alone would let a line break at the end pass.
    const right = typeof name === 'string' && new RegExp(`^(?:${row.pattern})$`).exec(name)?.[0] === name;
    return right ? undefined : refuse(row, row.code);
  },
  'key.no-quota': (question, row) => (Object.keys(quotaOf(question)).length === 0 ? refuse(row, row.code) : undefined),
  'key.over-pool': (question, row) => {
    const key = question.request['key'] === undefined ? undefined : askedKey(question);
    const pool = key === undefined ? askedPool(question) : question.ledger.find('pools', key.poolId);
    const asked = keysOf(question.facts.keys ?? [], pool?.id ?? '', quotaOf(question), key?.id);
    return fits(asked, pool?.quota ?? {}) ? undefined : refuse(row, row.code);
  },
  'key.below-use': (question, row) => {
    const key = askedKey(question);
    const used = key.status === 'in_use' ? (key.used ?? {}) : {};
    return fits(used, quotaOf(question)) ? undefined : warn(row, [row.warning]);
  },
  'key.created': (question, row) => {
    const prefix = question.facts.account?.prefix ?? '';
    const name = question.text('licenseeName');
    const value = {
      fullName: prefix === '' ? name : `${prefix}-${name}`,
      status: 'not_in_use',
      expiryDate: question.clock.dayAhead(row.expiryDays, question.timeZone),
      freeUpgradeUntil: earliestFreeUpgrade(poolLicenses(question), askedPool(question).type),
    };
    return allow(row, { value });
  },
};

function quotaOf(question: Question): Cals {
  return (question.request['quota'] ?? {}) as Cals;
}

function isOtherTypePooled(question: Question, type: PoolType): boolean {
  const licenses = poolLicenses(question);
  return pooled(licenses, type).length === 0 && poolTypes.some((other) => pooled(licenses, other).length > 0);
}
