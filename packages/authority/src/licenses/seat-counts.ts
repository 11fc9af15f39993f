import { dayOf, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { within, type Scope } from '../companies/reach.js';
import type { Reader, SqlValue } from '../store/index.js';

/** Seats of one type of license, owned and used. */
interface SeatCount {
  readonly type: string;
  readonly used: number;
  readonly owned: number;
}

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}

/** The licenses of the scope that are not revoked: company, type, seats, those without an end, and the first end from a day on. Those of instances,
 * of which there may be a million, are added up within their index. A technician's license has one seat, and who works with
 * it has a session in place of an activation (AIP-9.6): its seat is counted from there. */
function licenses(ask: Ask, from: Day): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const coming = 'CASE WHEN valid_until >= ? THEN valid_until END';
  const sql = `SELECT company_id, edition AS type, used, quota AS owned,
         CASE WHEN valid_until IS NULL THEN quota ELSE 0 END AS perpetual, ${coming} AS ends FROM machine_licenses
       WHERE account = ? AND state = 'active' AND ${own.sql}
     UNION ALL
     SELECT company_id, edition, 1, 0, 0, NULL FROM machine_licenses
       WHERE account = ? AND state = 'active' AND ${own.sql} AND id IN (
         SELECT license_id FROM technician_seats WHERE account = ? AND session_id IS NOT NULL AND busy_until > ?)
     UNION ALL
     SELECT company_id, type, count(assigned_to), count(*), count(*) - count(valid_until), min(${coming})
       FROM instance_licenses
       WHERE account = ? AND state = 'active' AND ${own.sql} GROUP BY type, company_id`;
  const single = [account, ...own.params];
  const params = [from, ...single, ...single, account, now, from, ...single];
  return { sql, params };
}

/** By type, over all companies of the scope, and the first day from today on after which a license of the type is not
 * valid any more. */
export async function seatsByType(
  reader: Reader,
  ask: Ask,
): Promise<(SeatCount & { readonly perpetual: number; readonly first_end: string | null })[]> {
  const { timeZone } = await accountOf(reader, ask.account);
  const { sql, params } = licenses(ask, dayOf(ask.now, timeZone));
  return reader.all(
    `SELECT type, sum(used) AS used, sum(owned) AS owned, sum(perpetual) AS perpetual, min(ends) AS first_end
       FROM (${sql}) AS t GROUP BY type ORDER BY type`,
    params,
  );
}

/** By company and type, of the whole account. */
export async function seatsByCompany(
  reader: Reader,
  ask: Omit<Ask, 'scope'>,
): Promise<(SeatCount & { readonly company_id: string | null })[]> {
  const { sql, params } = licenses({ ...ask, scope: null }, dayOf(ask.now));
  return reader.all(
    `SELECT company_id, type, sum(used) AS used, sum(owned) AS owned FROM (${sql}) AS t
       GROUP BY company_id, type ORDER BY company_id, type`,
    params,
  );
}
