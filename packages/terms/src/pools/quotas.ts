import type { Judge } from '../kinds.js';
import type { Cals, PoolType } from '../model.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { fits, keysOf, pooled, poolsOf, typeTotal } from './cals.js';
import type { PoolParams } from './kinds.js';
import { askedKey, askedPool, earliestFreeUpgrade, poolLicenses } from './stock.js';

type PoolJudge<Kind extends keyof PoolParams> = Judge<PoolParams, Kind>;

const poolTypes: readonly PoolType[] = ['OEM', 'Standard'];

/** LMP-3.3: a pool has a name and a type. */
export const poolUnnamed: PoolJudge<'pool_unnamed'> = (question, row) => {
  const { name, type } = question.request;
  const named = typeof name === 'string' && name.trim() !== '';
  return named && typeof type === 'string' && type !== '' ? undefined : refuse(row, 'POOL_NAME_AND_TYPE');
};

/** LMP-2.3: the pools of a type hand out no more than is pooled of it. A pool may be created first and filled later. */
export const poolOverTotal: PoolJudge<'pool_over_total'> = (question, row) => {
  const pool = question.request['pool'] === undefined ? undefined : askedPool(question);
  const type = pool?.type ?? (question.text('type') as PoolType);
  const asked = poolsOf(question.facts.pools ?? [], type, quotaOf(question), pool?.id);
  const licenses = poolLicenses(question);
  if (fits(asked, typeTotal(licenses, type))) return undefined;
  // Rules 1.8: the CALs are there, only of the other type (LMP-4.11).
  const mixed = pooled(licenses, type).length === 0 && poolTypes.some((other) => pooled(licenses, other).length > 0);
  return refuse(row, 'POOL_QUOTA_EXCEEDS_TOTAL', mixed ? { also: [row.mixing] } : {});
};

/** LMP-2.4 seen from the pool: it cannot shrink below what its keys carry. */
export const poolBelowKeys: PoolJudge<'pool_below_keys'> = (question, row) => {
  const carried = keysOf(question.facts.keys ?? [], askedPool(question).id);
  return fits(carried, quotaOf(question)) ? undefined : refuse(row, 'KEY_QUOTA_EXCEEDS_POOL');
};

/** LMP-1.4: keys come after their pool. */
export const noPool: PoolJudge<'no_pool'> = (question, row) =>
  question.ledger.find('pools', question.request['pool'] as string | null | undefined) === undefined
    ? refuse(row, 'NO_POOL')
    : undefined;

/** LMP-4.15 (A-27: ASCII only) */
export const licenseeNamed: PoolJudge<'licensee_named'> = (question, row) => {
  const name = question.request['licenseeName'];
  // `$` alone would let a line break at the end pass.
  const right = typeof name === 'string' && new RegExp(`^(?:${row.pattern})$`).exec(name)?.[0] === name;
  return right ? undefined : refuse(row, 'LICENSEE_NAME');
};

/** LMP-3.5: a key is created with its quota, which may be zero. */
export const quotaMissing: PoolJudge<'quota_missing'> = (question, row) =>
  Object.keys(quotaOf(question)).length === 0 ? refuse(row, 'QUOTA_REQUIRED') : undefined;

/** LMP-2.4: the keys of a pool carry no more than the pool has (A-21: keys do not overlap). */
export const keyOverPool: PoolJudge<'key_over_pool'> = (question, row) => {
  const key = question.request['key'] === undefined ? undefined : askedKey(question);
  const pool = key === undefined ? askedPool(question) : question.ledger.find('pools', key.poolId);
  const asked = keysOf(question.facts.keys ?? [], pool?.id ?? '', quotaOf(question), key?.id);
  return fits(asked, pool?.quota ?? {}) ? undefined : refuse(row, 'KEY_QUOTA_EXCEEDS_POOL');
};

/** LMP-3.10, A-22: who is above the new quota keeps restoring; the newest clients stop backing up. */
export const keyBelowUse: PoolJudge<'key_below_use'> = (question, row) => {
  const key = askedKey(question);
  const used = key.status === 'in_use' ? (key.used ?? {}) : {};
  return fits(used, quotaOf(question)) ? undefined : warn(row, ['OVER_QUOTA']);
};

/** LMP-3.5, 4.16, 4.17: what a new key looks like. */
export const keyCreated: PoolJudge<'key_created'> = (question, row) => {
  const prefix = question.facts.account?.prefix ?? '';
  const name = question.text('licenseeName');
  const value = {
    fullName: prefix === '' ? name : `${prefix}-${name}`,
    status: 'not_in_use',
    expiryDate: question.clock.dayAhead(row.expiryDays, question.timeZone),
    freeUpgradeUntil: earliestFreeUpgrade(poolLicenses(question), askedPool(question).type),
  };
  return allow(row, { value });
};

function quotaOf(question: Question): Cals {
  return (question.request['quota'] ?? {}) as Cals;
}
