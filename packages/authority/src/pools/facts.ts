import type { BackupServer, Facts, LicensePool, PoolKey, PoolLicense } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import type { InstanceRow } from '../instances/instance.js';
import { factsOf } from '../instances/instance.js';
import type { Reader } from '../store/index.js';
import { calsByOwner, calsOf } from './cals.js';
import type { PoolColumns, PoolKeyColumns, PoolLicenseColumns } from './rows.js';

/** All that the pool rules may look at: licenses, pools and keys of the account, and the servers that hold keys. */
export async function poolFacts(reader: Reader, account: Account): Promise<Omit<Facts, 'now'>> {
  const id = account.account;
  const licenses = await reader.all<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? ORDER BY id', [
    id,
  ]);
  const pools = await reader.all<PoolColumns>('SELECT * FROM license_pools WHERE account = ? ORDER BY id', [id]);
  const keys = await reader.all<PoolKeyColumns>('SELECT * FROM pool_keys WHERE account = ? ORDER BY id', [id]);
  const servers = await reader.all<InstanceRow>(
    "SELECT * FROM instances WHERE account = ? AND entitlement_kind = 'pool_key' ORDER BY id",
    [id],
  );
  const [brought, allotted, keyQuota, used] = [
    await calsByOwner(reader, id, 'license'),
    await calsByOwner(reader, id, 'pool'),
    await calsByOwner(reader, id, 'key'),
    await calsByOwner(reader, id, 'key_used'),
  ];
  return {
    ...frame(account),
    licenses: licenses.map((row) => licenseFact(row, brought.get(row.id) ?? {})),
    pools: pools.map((row) => poolFact(row, allotted.get(row.id) ?? {})),
    keys: keys.map((row) => keyFact(row, keyQuota.get(row.id) ?? {}, used.get(row.id) ?? {})),
    servers: servers.map((row) => serverFact(row)),
  };
}

/** What a server sees of its key: the key, its pool, and the dates of all pooled licenses of the type, because the
 * earliest of them is the key's own (LMP-4.17). */
export async function keyFacts(reader: Reader, account: Account, server: InstanceRow): Promise<Omit<Facts, 'now'>> {
  const id = account.account;
  const key = await reader.get<PoolKeyColumns>('SELECT * FROM pool_keys WHERE account = ? AND id = ?', [
    id,
    server.entitlement_id ?? '',
  ]);
  if (key === undefined) return { ...frame(account), servers: [serverFact(server, null)] };
  const pool = await reader.get<PoolColumns>('SELECT * FROM license_pools WHERE account = ? AND id = ?', [
    id,
    key.pool_id,
  ]);
  const licenses = await reader.all<PoolLicenseColumns>(
    "SELECT * FROM pool_licenses WHERE account = ? AND type = ? AND state = 'pooled' ORDER BY id",
    [id, pool?.type ?? ''],
  );
  const quota = await calsOf(reader, id, 'key', key.id);
  // Its own use is the server's to know.
  const { used: _used, ...fact } = keyFact(key, quota, {});
  return {
    ...frame(account),
    licenses: licenses.map((row) => licenseFact(row, {})),
    pools: pool === undefined ? [] : [poolFact(pool, await calsOf(reader, id, 'pool', pool.id))],
    keys: [fact],
    servers: [serverFact(server)],
  };
}

function frame(account: Account): Omit<Facts, 'now'> {
  const { timeZone, prefix, policy } = account;
  return { profile: 'lmp', account: { timeZone, ...(prefix === null ? {} : { prefix }) }, policy };
}

export function licenseFact(row: PoolLicenseColumns, cals: PoolLicense['cals']): PoolLicense {
  return {
    id: row.id,
    type: row.type,
    purchase: row.purchase,
    state: row.state,
    cals,
    freeUpgradeUntil: row.free_upgrade_until,
    appliedTo: row.applied_to,
    pooledAt: isoOrNull(row.pooled_at),
  };
}

function poolFact(row: PoolColumns, quota: LicensePool['quota']): LicensePool {
  return { id: row.id, name: row.name, type: row.type, quota };
}

function keyFact(row: PoolKeyColumns, quota: PoolKey['quota'], used: PoolKey['quota']): PoolKey {
  return {
    id: row.id,
    poolId: row.pool_id,
    licenseeName: row.licensee_name,
    quota,
    createdAt: new Date(row.created_at).toISOString(),
    status: row.status,
    serverId: row.server_id,
    lastCheckAt: isoOrNull(row.last_check_at),
    used,
  };
}

/** `applied` null: it holds no key (any more). */
export function serverFact(
  row: InstanceRow,
  applied: BackupServer['applied'] = { kind: 'pool_key', id: row.entitlement_id ?? '' },
): BackupServer {
  const { utcOffsetMinutes } = factsOf(row);
  return {
    id: row.id,
    version: row.agent_version ?? '0',
    online: true,
    ...(utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes }),
    applied,
  };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
