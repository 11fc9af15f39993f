import { LeaseholdError, type Message } from '@leasehold/protocol';
import { readPlace, writePlace } from '../serving/place.js';
import { within, type Scope } from './reach.js';
import type { ChangedRow, Reader } from '../store/index.js';

export interface GrantColumns {
  readonly id: string;
  readonly from_company: string | null;
  readonly to_company: string;
  readonly type: string;
  readonly quantity: number;
  readonly granted_by: string;
  readonly granted_at: number;
}
interface Counted extends GrantColumns {
  readonly held: number;
  readonly used: number;
}

/** Grants with what of them was not taken back, and what of that cannot be: it is in use, or was given on. */
const SELECT = `SELECT g.*,
    (SELECT count(*) FROM grant_licenses m WHERE m.account = g.account AND m.grant_id = g.id) AS held,
    (SELECT count(*) FROM grant_licenses m LEFT JOIN instance_licenses i ON i.account = m.account AND i.id = m.license_id
       LEFT JOIN machine_licenses l ON l.account = m.account AND l.id = m.license_id
       WHERE m.account = g.account AND m.grant_id = g.id AND (i.assigned_to IS NOT NULL OR l.used > 0
         OR l.bound_type IS NOT NULL OR coalesce(i.company_id, l.company_id) <> g.to_company)) AS used
    FROM grants g WHERE g.account = ?`;

function grantRow(row: Counted): Message<'GrantRow'> {
  return {
    id: row.id,
    from: row.from_company,
    to: row.to_company,
    type: row.type,
    quantity: row.quantity,
    held: row.held,
    used: row.used,
    grantedAt: new Date(row.granted_at).toISOString(),
    grantedBy: row.granted_by,
  };
}

export async function findGrant(reader: Reader, account: string, id: string): Promise<GrantColumns | undefined> {
  return reader.get<GrantColumns>('SELECT * FROM grants WHERE account = ? AND id = ?', [account, id]);
}

/** What lies in a grant belongs to the company that got it, until the grant is taken back (MSP-4).
 * @throws LeaseholdError CONFLICT */
export async function assertNotGiven(reader: Reader, account: string, license: string): Promise<void> {
  const grant = await reader.get<{ id: string; to: string }>(
    `SELECT g.id AS id, g.to_company AS "to" FROM grant_licenses m
       JOIN grants g ON g.account = m.account AND g.id = m.grant_id
       WHERE m.account = ? AND m.license_id = ? ORDER BY g.granted_at DESC, g.id DESC LIMIT 1`,
    [account, license],
  );
  if (grant === undefined) return;
  throw new LeaseholdError('CONFLICT', `The license ${license} was given to ${grant.to} and belongs to it.`, {
    path: 'company',
    remedy: `Take it back first: grant ${grant.id}.`,
  });
}

export async function grantChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await reader.get<Counted>(`${SELECT} AND g.id = ?`, [account, id]);
  return { table: 'grant', id, row: row === undefined ? null : grantRow(row) };
}

/** The one order of the list. */
const ORDER = '-grantedAt';

/** Grants, the last first; of one company: what it got. */
export async function listGrants(
  reader: Reader,
  ask: {
    readonly account: string;
    readonly scope: Scope;
    readonly after: string | null;
    readonly limit: number;
    readonly company: string | null;
  },
): Promise<Message<'GrantPage'>> {
  const { account, after, limit, company } = ask;
  const seen = within('g.to_company', ask);
  const of = `AND ${seen.sql} ${company === null ? '' : 'AND g.to_company = ?'}`;
  const own = [...seen.params, ...(company === null ? [] : [company])];
  const place = readPlace(after, ORDER, 'number');
  const from = place === undefined ? '' : 'AND (g.granted_at, g.id) < (?, ?)';
  const rows = await reader.all<Counted>(`${SELECT} ${of} ${from} ORDER BY g.granted_at DESC, g.id DESC LIMIT ?`, [
    account,
    ...own,
    ...(place ?? []),
    limit,
  ]);
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM grants g WHERE g.account = ? ${of}`, [
    account,
    ...own,
  ]);
  const last = rows.at(-1);
  const next = rows.length < limit || last === undefined ? null : writePlace(ORDER, [last.granted_at, last.id]);
  return { rows: rows.map((row) => grantRow(row)), next, total: total?.n ?? 0 };
}
