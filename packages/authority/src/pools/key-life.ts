import { LeaseholdError } from '@leasehold/protocol';
import { decide, type Decision, type Request } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { setCals } from './cals.js';
import { poolFacts } from './facts.js';
import { keyChanged } from './key-row.js';
import { freeKey } from './leave.js';
import { poolChanged } from './pool-rows.js';

interface Plan {
  readonly pool: string;
  readonly server: string | null;
}
export interface KeyAsked {
  readonly key: string;
}
export interface KeyRenewing extends KeyAsked {
  readonly renewing: boolean;
}

/** Whether a key's lease is renewed by its server's checks. Stopped, the server runs on to the end of its lease, after
 * which the key can be deleted: the way to be rid of the key of a lost server (F-12). Renewing again is always possible
 * (D-7). */
export const poolKeySetRenewing: Change<KeyRenewing, Plan, { readonly id: string }> = {
  edits: ({ key }) => [key],
  async judge(reader, { account }, { key, renewing }, now) {
    const plan = await planOf(reader, account, key);
    const request = renewing ? { action: 'license.renew' } : { action: 'key.stop_renewing', key };
    return { decision: await judged(reader, account, request, now), plan };
  },
  async apply(tx, { account, actor }, { key, renewing }, _plan, now) {
    await tx.run("UPDATE pool_keys SET stopped_at = ? WHERE account = ? AND id = ? AND status = 'in_use'", [
      renewing ? null : now,
      account,
      key,
    ]);
    appendJournal(tx, account, {
      type: renewing ? 'pool_key.renewing' : 'pool_key.stopped_renewing',
      subject: { type: 'pool_key', id: key },
      actor,
      details: {},
      rows: [await keyChanged(tx, account, key, now)],
    });
    return { id: key };
  },
};

/** Takes a key back from here: only once no server can live on its lease any more. The server itself gives it back at once
 * (LMP-4.13). */
export const poolKeyDeactivate: Change<KeyAsked, Plan, { readonly id: string }> = {
  edits: ({ key }) => [key],
  async judge(reader, { account }, { key }, now) {
    const plan = await planOf(reader, account, key);
    return { decision: await judged(reader, account, { action: 'key.deactivate', key, by: 'admin' }, now), plan };
  },
  async apply(tx, { account, actor }, { key }, { server }, now) {
    await freeKey(tx, account, key);
    appendJournal(tx, account, {
      type: 'pool_key.deactivated',
      subject: { type: 'pool_key', id: key },
      actor,
      details: { server },
      rows: [await keyChanged(tx, account, key, now), ...(await serverAfter(tx, account, server, now))],
    });
    return { id: key };
  },
};

/** Deletes a Pool Key, once no server can live on its lease any more (LMP-4.13). */
export const poolKeyDelete: Change<KeyAsked, Plan, { readonly id: string }> = {
  edits: ({ key }) => [key],
  async judge(reader, { account }, { key }, now) {
    const plan = await planOf(reader, account, key);
    return { decision: await judged(reader, account, { action: 'key.delete', key }, now), plan };
  },
  async apply(tx, { account, actor }, { key }, { pool, server }, now) {
    await tx.run('DELETE FROM pool_keys WHERE account = ? AND id = ?', [account, key]);
    await tx.run("DELETE FROM directory WHERE account = ? AND kind = 'pool_key' AND target = ?", [account, key]);
    await setCals(tx, account, 'key', key, {});
    await setCals(tx, account, 'key_used', key, {});
    const changed = [await keyChanged(tx, account, key, now), await poolChanged(tx, account, pool)];
    appendJournal(tx, account, {
      type: 'pool_key.deleted',
      subject: { type: 'pool_key', id: key },
      actor,
      details: {},
      rows: [...changed, ...(await serverAfter(tx, account, server, now))],
    });
    return { id: key };
  },
};

/** The server that ran on a key that is gone: it needs another now. */
async function serverAfter(tx: Tx, account: string, server: string | null, now: number): Promise<ChangedRow[]> {
  const row = server === null ? undefined : await findInstance(tx, account, server);
  if (row === undefined || row.state !== 'active') return [];
  return [machineChanged((await noteCover(tx, row, now)).row, now)];
}

async function judged(reader: Reader, account: string, request: Request, now: number): Promise<Decision> {
  const own = await accountOf(reader, account);
  return decide(at(await poolFacts(reader, own), now), request, own.catalogs.lmp);
}

async function planOf(reader: Reader, account: string, key: string): Promise<Plan> {
  const row = await reader.get<{ pool_id: string; server_id: string | null }>(
    'SELECT pool_id, server_id FROM pool_keys WHERE account = ? AND id = ?',
    [account, key],
  );
  if (row !== undefined) return { pool: row.pool_id, server: row.server_id };
  throw new LeaseholdError('NOT_FOUND', `There is no Pool Key ${key}.`, { path: 'key' });
}
