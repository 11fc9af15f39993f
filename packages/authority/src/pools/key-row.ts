import type { Message } from '@leasehold/protocol';
import { addDays, dayOf, type Cals } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import type { ChangedRow, Reader } from '../store/index.js';
import { calsOf } from './cals.js';
import { earliestPooled, keyLease, KEY_LEASE_DAYS } from './key-lease.js';
import type { PoolKeyColumns } from './rows.js';

export type PoolKeyRow = Message<'PoolKeyRow'>;

const DAY = 86_400_000;

/** What a key's row shows beyond its own columns. */
export interface KeySurroundings {
  readonly account: Account;
  readonly quota: Cals;
  readonly used: Cals;
  readonly serverName: string | null;
  readonly earliest: { readonly id: string; readonly free_upgrade_until: string } | undefined;
}

export function poolKeyRow(key: PoolKeyColumns, around: KeySurroundings, now: number): PoolKeyRow {
  const { prefix, timeZone } = around.account;
  return {
    id: key.id,
    poolId: key.pool_id,
    fullName: prefix === null ? key.licensee_name : `${prefix}-${key.licensee_name}`,
    quota: around.quota,
    used: around.used,
    status: key.status,
    serverId: key.server_id,
    serverName: around.serverName,
    createdAt: new Date(key.created_at).toISOString(),
    lastCheckAt: key.last_check_at === null ? null : new Date(key.last_check_at).toISOString(),
    expiryDate: addDays(dayOf(now, timeZone), KEY_LEASE_DAYS),
    freeUpgradeUntil: around.earliest?.free_upgrade_until ?? null,
    freeUpgradeFrom: around.earliest?.id ?? null,
    deletableFrom: deletableFrom(key, now),
    fetchedQuota: key.fetched === null ? null : (JSON.parse(key.fetched) as Cals),
    leaseUntil: leaseUntil(key, around),
    renewing: key.stopped_at === null,
  };
}

/** Rules 1.7: 14 days after the last check, and never after the end of the Free Upgrade Until day. */
function leaseUntil(key: PoolKeyColumns, { account, earliest }: KeySurroundings): string | null {
  if (key.status === 'not_in_use') return null;
  return new Date(keyLease(key.last_check_at ?? key.created_at, earliest, account.timeZone)).toISOString();
}

/** LMP-4.13, A-25: a key in use must be 14 days old and its last lease must have lapsed. Null: now. */
function deletableFrom(key: PoolKeyColumns, now: number): string | null {
  if (key.status === 'not_in_use') return null;
  const from = Math.max(key.created_at, key.last_check_at ?? key.created_at) + KEY_LEASE_DAYS * DAY;
  return from <= now ? null : new Date(from).toISOString();
}

/** The row of one key as it stands, for the journal. */
export async function keyChanged(reader: Reader, account: string, id: string, now: number): Promise<ChangedRow> {
  const key = await reader.get<PoolKeyColumns & { type: string; label: string | null }>(
    `SELECT k.*, p.type, i.label FROM pool_keys k JOIN license_pools p ON p.account = k.account AND p.id = k.pool_id
       LEFT JOIN instances i ON i.account = k.account AND i.id = k.server_id WHERE k.account = ? AND k.id = ?`,
    [account, id],
  );
  if (key === undefined) return { table: 'pool_key', id, row: null };
  const around = {
    account: await accountOf(reader, account),
    quota: await calsOf(reader, account, 'key', id),
    used: await calsOf(reader, account, 'key_used', id),
    serverName: key.label,
    earliest: await earliestPooled(reader, account, key.type),
  };
  return { table: 'pool_key', id, row: poolKeyRow(key, around, now) };
}

/** One journal row carries at most this many; a page that shows more keys asks again. */
const CARRIED = 1000;

/** The rows of a type's keys, which all show the earliest date of its pooled licenses (LMP-4.17). */
export async function keysOfType(reader: Reader, account: string, type: string, now: number): Promise<ChangedRow[]> {
  const keys = await reader.all<{ id: string }>(
    `SELECT k.id FROM pool_keys k JOIN license_pools p ON p.account = k.account AND p.id = k.pool_id
       WHERE k.account = ? AND p.type = ? ORDER BY k.id LIMIT ?`,
    [account, type, CARRIED],
  );
  const rows: ChangedRow[] = [];
  for (const { id } of keys) rows.push(await keyChanged(reader, account, id, now));
  return rows;
}
