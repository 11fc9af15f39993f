import { LeaseholdError } from '@leasehold/protocol';
import { decide, type Cals, type Decision, type Request } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { appendJournal, type Reader } from '../store/index.js';
import { setCals } from './cals.js';
import { poolFacts } from './facts.js';
import { keyChanged } from './key-row.js';
import { poolChanged } from './pool-rows.js';

export interface NewKey {
  readonly id: string;
  readonly pool: string;
  readonly licenseeName: string;
  readonly quota?: Cals | null | undefined;
  readonly keyHash: string;
}

/** Creates a Pool Key out of its pool's quota (LMP-3.5, LMP-2.4). */
export const poolKeyCreate: Change<NewKey, null, { readonly id: string }> = {
  async judge(reader, { account }, { pool, licenseeName, quota }, now) {
    const taken = await reader.get('SELECT id FROM pool_keys WHERE account = ? AND licensee_name = ?', [
      account,
      licenseeName,
    ]);
    if (taken !== undefined) {
      throw new LeaseholdError('CONFLICT', `There is a Pool Key ${licenseeName} already.`, { path: 'licenseeName' });
    }
    const decision = await judged(
      reader,
      account,
      { action: 'key.create', pool, licenseeName, quota: quota ?? null },
      now,
    );
    return { decision, plan: null };
  },
  async apply(tx, { account, actor }, { id, pool, licenseeName, quota, keyHash }, _plan, now) {
    await tx.run(
      `INSERT INTO pool_keys (account, id, pool_id, licensee_name, status, created_at)
         VALUES (?, ?, ?, ?, 'not_in_use', ?)`,
      [account, id, pool, licenseeName, now],
    );
    await tx.run("INSERT INTO directory (hash, account, kind, target) VALUES (?, ?, 'pool_key', ?)", [
      keyHash,
      account,
      id,
    ]);
    await setCals(tx, account, 'key', id, quota ?? {});
    appendJournal(tx, account, {
      type: 'pool_key.created',
      subject: { type: 'pool_key', id },
      actor,
      details: { pool, licenseeName, quota },
      rows: [await keyChanged(tx, account, id, now), await poolChanged(tx, account, pool)],
    });
    return { id };
  },
};

export interface KeyQuota {
  readonly key: string;
  readonly quota: Cals;
}

/** Sets a key's quota at any time (LMP-3.10); its server learns at its next check (LMP-3.11). */
export const poolKeySetQuota: Change<KeyQuota, { readonly pool: string }, { readonly id: string }> = {
  edits: ({ key }) => [key],
  async judge(reader, { account }, { key, quota }, now) {
    const pool = await poolOf(reader, account, key);
    return { decision: await judged(reader, account, { action: 'key.set_quota', key, quota }, now), plan: { pool } };
  },
  async apply(tx, { account, actor }, { key, quota }, { pool }, now) {
    await setCals(tx, account, 'key', key, quota);
    appendJournal(tx, account, {
      type: 'pool_key.quota_changed',
      subject: { type: 'pool_key', id: key },
      actor,
      details: { quota },
      rows: [await keyChanged(tx, account, key, now), await poolChanged(tx, account, pool)],
    });
    return { id: key };
  },
};

async function judged(reader: Reader, account: string, request: Request, now: number): Promise<Decision> {
  const own = await accountOf(reader, account);
  return decide(at(await poolFacts(reader, own), now), request, own.catalogs.lmp);
}

async function poolOf(reader: Reader, account: string, key: string): Promise<string> {
  const row = await reader.get<{ pool_id: string }>('SELECT pool_id FROM pool_keys WHERE account = ? AND id = ?', [
    account,
    key,
  ]);
  if (row === undefined) throw new LeaseholdError('NOT_FOUND', `There is no Pool Key ${key}.`, { path: 'key' });
  return row.pool_id;
}
