import type { BackupServer, Facts, LicensePool, PoolKey, PoolLicense } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import type { InstanceRow } from '../instances/instance.js';
import { factsOf } from '../instances/instance.js';
import type { Reader } from '../store/index.js';
import { calsByOwner, calsOf } from './cals.js';
import type { PoolColumns, PoolKeyColumns, PoolLicenseColumns } from './rows.js';

type Applied = NonNullable<BackupServer['applied']> | null;

/** All that the pool rules may look at: licenses, pools and keys of the account, and the servers that hold keys. */
export async function poolFacts(reader: Reader, account: Account): Promise<Omit<Facts, 'now'>> {
  const id = account.account;
  const licenses = await reader.all<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? ORDER BY id', [
    id,
  ]);
  const pools = await reader.all<PoolColumns>('SELECT * FROM license_pools WHERE account = ? ORDER BY id', [id]);
  const keys = await reader.all<PoolKeyColumns>('SELECT * FROM pool_keys WHERE account = ? ORDER BY id', [id]);
  const servers = await reader.all<InstanceRow>(
    `SELECT * FROM instances WHERE account = ? AND entitlement_kind IN ('pool_key', 'pool_license') AND state = 'active'
       ORDER BY id`,
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
    servers: servers.map((row) => serverFact(row, appliedOn(row, licenses))),
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
  // Taken back, it may run on another server by now (LMP-P1).
  if (key?.server_id !== server.id) return { ...frame(account), servers: [serverFact(server, null)] };
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
    servers: [serverFact(server, appliedOn(server, []))],
  };
}

/** What a server sees of the license that it runs on by itself, pooled since or not (LMP-4.1, LMP-4.5). */
export async function licenseFacts(
  reader: Reader,
  account: Account,
  server: InstanceRow,
  freshInstall = false,
): Promise<Omit<Facts, 'now'>> {
  const row = await reader.get<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? AND id = ?', [
    account.account,
    server.entitlement_id ?? '',
  ]);
  if (row === undefined) return { ...frame(account), servers: [serverFact(server, null)] };
  const applied = freshInstall ? null : appliedOn(server, [row]);
  return {
    ...frame(account),
    licenses: [licenseFact(row, await calsOf(reader, account.account, 'license', row.id))],
    servers: [{ ...serverFact(server, applied), ...(freshInstall ? { freshInstall } : {}) }],
  };
}

/** The licenses that a server runs on by themselves. */
export async function appliedLicenses(reader: Reader, account: string, server: string): Promise<PoolLicenseColumns[]> {
  return reader.all<PoolLicenseColumns>(
    'SELECT * FROM pool_licenses WHERE account = ? AND applied_to = ? ORDER BY id',
    [account, server],
  );
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

/** What a server runs on, as the rules name it; null where that is gone. */
function appliedOn(row: InstanceRow, licenses: readonly PoolLicenseColumns[]): Applied {
  const { entitlement_kind: kind, entitlement_id: id } = row;
  if (id === null) return null;
  if (kind === 'pool_key') return { kind, id };
  const license = licenses.find((one) => one.id === id && one.applied_to === row.id);
  return license === undefined ? null : { kind: license.state, id };
}

/** `applied` null: it holds nothing (any more). */
export function serverFact(row: InstanceRow, applied: Applied): BackupServer {
  const { utcOffsetMinutes } = factsOf(row);
  return {
    id: row.id,
    version: row.agent_version ?? '0',
    online: true,
    ...(utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes }),
    ...(row.short_since === null ? {} : { shortSince: new Date(row.short_since).toISOString() }),
    applied,
  };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
