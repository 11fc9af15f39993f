import { LeaseholdError } from '@leasehold/protocol';
import { decide, type Cals } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { appendJournal } from '../store/index.js';
import { setCals } from './cals.js';
import { poolFacts } from './facts.js';
import { poolChanged } from './pool-rows.js';

export interface PoolQuota {
  readonly pool: string;
  readonly quota: Cals;
}

/** Sets what a pool may give out: within the type's total (LMP-2.3), not below its keys (LMP-2.4). */
export const poolSetQuota: Change<PoolQuota, null, { readonly id: string }> = {
  edits: ({ pool }) => [pool],
  async judge(reader, { account }, { pool, quota }, now) {
    const own = await accountOf(reader, account);
    const facts = await poolFacts(reader, own);
    if (!(facts.pools ?? []).some((one) => one.id === pool)) {
      throw new LeaseholdError('NOT_FOUND', `There is no pool ${pool}.`, { path: 'pool' });
    }
    return {
      decision: decide(at(facts, now), { action: 'pool.set_quota', pool, quota }, own.catalogs.lmp),
      plan: null,
    };
  },
  async apply(tx, { account, actor }, { pool, quota }) {
    await setCals(tx, account, 'pool', pool, quota);
    appendJournal(tx, account, {
      type: 'pool.quota_changed',
      subject: { type: 'pool', id: pool },
      actor,
      details: { quota },
      rows: [await poolChanged(tx, account, pool)],
    });
    return { id: pool };
  },
};
