import { decide, isAllowed } from '@leasehold/terms';
import { LeaseholdError } from '@leasehold/protocol';
import type { Account } from '../accounts/account.js';
import { at } from '../facts.js';
import type { Entitled } from '../instances/entitled.js';
import type { InstanceRow } from '../instances/instance.js';
import { serialize, type Tx } from '../store/index.js';
import { calsOf } from './cals.js';
import { poolFacts, serverFact } from './facts.js';
import { keyChanged } from './key-row.js';
import { leavePools } from './leave.js';
import type { PoolKeyColumns } from './rows.js';

/** Applies a Pool Key to a backup server (LMP-3.9): one key, one server (LMP-P1); the key is in use from then on. */
export async function applyPoolKey(
  tx: Tx,
  account: Account,
  id: string,
  draft: InstanceRow,
  now: number,
): Promise<Entitled> {
  const key = await tx.get<PoolKeyColumns>('SELECT * FROM pool_keys WHERE account = ? AND id = ?', [
    account.account,
    id,
  ]);
  if (key === undefined) {
    throw new LeaseholdError('LICENSE_KEY_UNKNOWN', 'This Pool Key was deleted.', {
      path: 'licenseKey',
      remedy: 'Create another Pool Key for this server in the console.',
    });
  }
  await serialize(tx, account.account);
  const server = { ...draft, entitlement_kind: 'pool_key', entitlement_id: id } as const;
  const known = await poolFacts(tx, account);
  const others = (known.servers ?? []).filter((one) => one.id !== draft.id);
  const facts = { ...known, servers: [...others, serverFact(server, null)] };
  const decision = decide(at(facts, now), { action: 'key.apply', key: id, server: draft.id }, account.catalogs.lmp);
  if (!isAllowed(decision)) return { ok: false, decision, code: 'REFUSED' };
  const left = await leavePools(tx, account.account, draft.id, now, id);
  await tx.run(
    `UPDATE pool_keys SET status = 'in_use', server_id = ?, fetched = ?,
       last_check_at = CASE WHEN stopped_at IS NULL THEN ? ELSE last_check_at END WHERE account = ? AND id = ?`,
    [draft.id, JSON.stringify(await calsOf(tx, account.account, 'key', id)), now, account.account, id],
  );
  const columns = { entitlement_kind: 'pool_key', entitlement_id: id } as const;
  const rows = async () => [await keyChanged(tx, account.account, id, now), ...left];
  return { ok: true, decision, columns, rows };
}
