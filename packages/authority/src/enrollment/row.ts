import { LeaseholdError, type Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import type { Reader } from '../store/index.js';

/** An enrollment key: columns of `enrollment_keys`. */
export interface EnrollmentKey {
  readonly account: string;
  readonly id: string;
  /** SHA-256 of the key: all that is kept of it. */
  readonly hash: string;
  readonly name: string;
  readonly company_id: string | null;
  /** JSON array of license ids; null: all of `profile` and `type`. */
  readonly licenses: string | null;
  readonly profile: 'aip' | 'msp' | null;
  readonly type: string | null;
  readonly max_uses: number;
  readonly used: number;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
}

export async function findEnrollmentKey(
  reader: Reader,
  account: string,
  id: string,
): Promise<EnrollmentKey | undefined> {
  return reader.get<EnrollmentKey>('SELECT * FROM enrollment_keys WHERE account = ? AND id = ?', [account, id]);
}

/** The key that a person named. Throws NOT_FOUND. */
export async function assertEnrollmentKey(reader: Reader, account: string, id: string): Promise<EnrollmentKey> {
  const key = await findEnrollmentKey(reader, account, id);
  if (key === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such enrollment key.', { path: 'key' });
  return key;
}

/** Does it let another machine in? */
export function statusOf(key: EnrollmentKey, now: number): Message<'EnrollmentKeyRow'>['status'] {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at <= now) return 'expired';
  return key.used < key.max_uses ? 'usable' : 'used_up';
}

/** Keys by their id, a page from `after`. */
export async function listEnrollmentKeys(
  reader: Reader,
  ask: {
    readonly account: string;
    readonly scope: Scope;
    readonly after: string | null;
    readonly limit: number;
    readonly now: number;
  },
): Promise<Message<'EnrollmentKeyPage'>> {
  const { account, after, limit, now } = ask;
  const own = within('company_id', ask);
  const rows = await reader.all<EnrollmentKey>(
    `SELECT * FROM enrollment_keys WHERE account = ? AND ${own.sql} AND id > ? ORDER BY id LIMIT ?`,
    [account, ...own.params, after ?? '', limit],
  );
  const total = await reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM enrollment_keys WHERE account = ? AND ${own.sql}`,
    [account, ...own.params],
  );
  return {
    rows: rows.map((row) => rowOf(row, now)),
    next: rows.length < limit ? null : rows.at(-1)!.id,
    total: total?.n ?? 0,
  };
}

const instant = (at: number): string => new Date(at).toISOString();
const perhaps = (at: number | null): string | null => (at === null ? null : instant(at));

function rowOf(key: EnrollmentKey, now: number): Message<'EnrollmentKeyRow'> {
  return {
    id: key.id,
    name: key.name,
    companyId: key.company_id,
    licenses: key.licenses === null ? null : (JSON.parse(key.licenses) as string[]),
    profile: key.profile,
    type: key.type,
    used: key.used,
    maxUses: key.max_uses,
    createdAt: instant(key.created_at),
    expiresAt: instant(key.expires_at),
    revokedAt: perhaps(key.revoked_at),
    lastUsedAt: perhaps(key.last_used_at),
    status: statusOf(key, now),
  };
}
