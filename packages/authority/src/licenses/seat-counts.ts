import { within, type Scope } from '../companies/reach.js';
import type { Reader, SqlValue } from '../store/index.js';

/** Seats of one type of license, owned and used, and the first day on which one of them ends. */
export interface SeatCount {
  readonly company_id: string | null;
  readonly type: string;
  readonly used: number;
  readonly owned: number;
  readonly first_end: string | null;
}

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}

/** The licenses of the scope with company, type, seats and end. Those of instances, of which there may be a million, are
 * added up within their index. A technician's license has one seat, and who works with it has a session in place of an
 * activation (AIP-9.6): its seat is counted from there. */
function licenses(ask: Ask): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const sql = `SELECT company_id, edition AS type, used, quota AS owned, valid_until FROM machine_licenses
       WHERE account = ? AND state = 'active' AND ${own.sql}
     UNION ALL
     SELECT company_id, edition, 1, 0, NULL FROM machine_licenses
       WHERE account = ? AND state = 'active' AND ${own.sql} AND id IN (
         SELECT license_id FROM technician_seats WHERE account = ? AND session_id IS NOT NULL AND busy_until > ?)
     UNION ALL
     SELECT company_id, type, count(assigned_to), count(*), min(valid_until) FROM instance_licenses
       WHERE account = ? AND ${own.sql} GROUP BY type, company_id`;
  const params = [account, ...own.params, account, ...own.params, account, now, account, ...own.params];
  return { sql, params };
}

/** By type, over all companies of the scope. */
export async function seatsByType(reader: Reader, ask: Ask): Promise<Omit<SeatCount, 'company_id'>[]> {
  const { sql, params } = licenses(ask);
  return reader.all(
    `SELECT type, sum(used) AS used, sum(owned) AS owned, min(valid_until) AS first_end FROM (${sql}) AS t
       GROUP BY type ORDER BY type`,
    params,
  );
}

/** By company and type, of the whole account. */
export async function seatsByCompany(reader: Reader, ask: Omit<Ask, 'scope'>): Promise<SeatCount[]> {
  const { sql, params } = licenses({ ...ask, scope: null });
  return reader.all(
    `SELECT company_id, type, sum(used) AS used, sum(owned) AS owned, min(valid_until) AS first_end FROM (${sql}) AS t
       GROUP BY company_id, type ORDER BY company_id, type`,
    params,
  );
}
