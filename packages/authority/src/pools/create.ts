import { LeaseholdError } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { appendJournal } from '../store/index.js';
import { poolFacts } from './facts.js';
import { poolChanged } from './pool-rows.js';

export interface NewPool {
  readonly id: string;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
}

/** Creates a License Pool. Name and type are asked for by the rules (LMP-3.3); its quota comes afterwards (LMP-3.4). */
export const poolCreate: Change<NewPool, null, { readonly id: string }> = {
  async judge(reader, { account }, { name, type }, now) {
    if (type !== undefined && !['OEM', 'Standard', ''].includes(type)) {
      throw new LeaseholdError('INPUT_INVALID', 'A License Pool is of the type OEM or Standard.', { path: 'type' });
    }
    const taken = await reader.get('SELECT id FROM license_pools WHERE account = ? AND name = ?', [
      account,
      name ?? '',
    ]);
    if (taken !== undefined) throw new LeaseholdError('CONFLICT', `There is a pool ${name} already.`, { path: 'name' });
    const own = await accountOf(reader, account);
    const facts = await poolFacts(reader, own);
    return { decision: decide(at(facts, now), { action: 'pool.create', name, type }, own.catalogs.lmp), plan: null };
  },
  async apply(tx, { account, actor }, { id, name, type }, _plan, now) {
    await tx.run('INSERT INTO license_pools (account, id, name, type, created_at) VALUES (?, ?, ?, ?, ?)', [
      account,
      id,
      name!,
      type!,
      now,
    ]);
    appendJournal(tx, account, {
      type: 'pool.created',
      subject: { type: 'pool', id },
      actor,
      details: { name, type },
      rows: [await poolChanged(tx, account, id)],
    });
    return { id };
  },
};
