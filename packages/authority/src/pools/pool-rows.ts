import type { Message } from '@leasehold/protocol';
import type { Cals } from '@leasehold/terms';
import type { ChangedRow, Reader } from '../store/index.js';
import { calsOf, sumCals } from './cals.js';
import type { PoolColumns, PoolLicenseColumns } from './rows.js';

export function poolLicenseRow(row: PoolLicenseColumns, cals: Cals): Message<'PoolLicenseRow'> {
  return {
    id: row.id,
    type: row.type,
    purchase: row.purchase,
    state: row.state,
    cals: { ...cals },
    freeUpgradeUntil: row.free_upgrade_until,
    appliedTo: row.applied_to,
    pooledAt: row.pooled_at === null ? null : new Date(row.pooled_at).toISOString(),
  };
}

/** `keys` are the quotas of the pool's keys: what it has given out. */
export function poolRow(row: PoolColumns, quota: Cals, keys: readonly Cals[]): Message<'PoolRow'> {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    quota: { ...quota },
    keyQuota: sumCals(keys),
    keys: keys.length,
  };
}

export async function poolLicenseChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await reader.get<PoolLicenseColumns>('SELECT * FROM pool_licenses WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  const cals = await calsOf(reader, account, 'license', id);
  return { table: 'pool_license', id, row: row === undefined ? null : poolLicenseRow(row, cals) };
}

export async function poolChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await reader.get<PoolColumns>('SELECT * FROM license_pools WHERE account = ? AND id = ?', [account, id]);
  if (row === undefined) return { table: 'pool', id, row: null };
  const keys = await reader.all<{ id: string }>('SELECT id FROM pool_keys WHERE account = ? AND pool_id = ?', [
    account,
    id,
  ]);
  const quotas: Cals[] = [];
  for (const key of keys) quotas.push(await calsOf(reader, account, 'key', key.id));
  return { table: 'pool', id, row: poolRow(row, await calsOf(reader, account, 'pool', id), quotas) };
}
