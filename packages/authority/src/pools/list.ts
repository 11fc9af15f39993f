import type { Message } from '@leasehold/protocol';
import { endOfDay, type Cals, type PoolType } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import type { Reader } from '../store/index.js';
import { calsByOwner, sumCals } from './cals.js';
import { poolKeyRow } from './key-row.js';
import { earliestPooled } from './key-lease.js';
import { poolLicenseRow, poolRow } from './pool-rows.js';
import type { PoolColumns, PoolKeyColumns, PoolLicenseColumns } from './rows.js';

const TYPES: readonly PoolType[] = ['OEM', 'Standard'];

/** The pools page, but what the rules say of looking at it. */
export async function listPools(
  reader: Reader,
  { account: id, now }: { readonly account: string; readonly now: number },
): Promise<Omit<Message<'PoolsReply'>, 'signIn'>> {
  const account = await accountOf(reader, id);
  const licenses = await reader.all<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? ORDER BY id', [
    id,
  ]);
  const pools = await reader.all<PoolColumns>('SELECT * FROM license_pools WHERE account = ? ORDER BY name', [id]);
  const keys = await reader.all<PoolKeyColumns & { label: string | null }>(
    `SELECT k.*, i.label FROM pool_keys k LEFT JOIN instances i ON i.account = k.account AND i.id = k.server_id
       WHERE k.account = ? ORDER BY k.licensee_name`,
    [id],
  );
  const brought = await calsByOwner(reader, id, 'license');
  const allotted = await calsByOwner(reader, id, 'pool');
  const quotas = await calsByOwner(reader, id, 'key');
  const used = await calsByOwner(reader, id, 'key_used');
  const earliest = new Map<string, Awaited<ReturnType<typeof earliestPooled>>>();
  for (const type of TYPES) earliest.set(type, await earliestPooled(reader, id, type));
  const typeOf = new Map(pools.map((pool) => [pool.id, pool.type]));
  const keysOf = (pool: string): Cals[] =>
    keys.filter((key) => key.pool_id === pool).map((key) => quotas.get(key.id) ?? {});
  return {
    licenses: licenses.map((row) => poolLicenseRow(row, brought.get(row.id) ?? {})),
    totals: TYPES.map((type) => ({
      type,
      cals: sumCals(
        licenses.filter((row) => row.type === type && row.state === 'pooled').map((row) => brought.get(row.id) ?? {}),
      ),
      inPools: sumCals(pools.filter((row) => row.type === type).map((row) => allotted.get(row.id) ?? {})),
      freeUpgradeUntil: earliest.get(type)?.free_upgrade_until ?? null,
      freeUpgradeFrom: earliest.get(type)?.id ?? null,
    })),
    pools: pools.map((row) => poolRow(row, allotted.get(row.id) ?? {}, keysOf(row.id))),
    keys: keys.map((key) => {
      const around = {
        account,
        quota: quotas.get(key.id) ?? {},
        used: used.get(key.id) ?? {},
        serverName: key.label,
        earliest: earliest.get(typeOf.get(key.pool_id) ?? ''),
      };
      return poolKeyRow(key, around, now);
    }),
    lockedBy: await lockedBy(reader, account, now),
  };
}

/** The license whose lapsed date closes the changes (LMP-1.7): that with the earliest. */
async function lockedBy(reader: Reader, { account, timeZone }: Account, now: number): Promise<string | null> {
  const first = await reader.get<{ id: string; free_upgrade_until: string }>(
    "SELECT id, free_upgrade_until FROM pool_licenses WHERE account = ? AND state = 'pooled' ORDER BY free_upgrade_until, id LIMIT 1",
    [account],
  );
  return first !== undefined && endOfDay(first.free_upgrade_until, timeZone) <= now ? first.id : null;
}
