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

/** The commercial licenses of the scope that are valid, as the list of licenses has them but for revoked ones: company, type,
 * seats, those without an end, and the first end. Those of instances, of which there may be a million, are added up
 * within their index. A technician's license has one seat, and who works with it has a session in place of an activation
 * (AIP-9.6): its seat is counted from there. */
function licenses(ask: Ask): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const valid = `state = 'active' AND (ends_at IS NULL OR ends_at > ?) AND ${own.sql}`;
  const ofMachines = `FROM machine_licenses WHERE account = ? AND term <> 'trial' AND ${valid}`;
  const sql = `SELECT company_id, edition AS type, used, quota AS owned,
         CASE WHEN valid_until IS NULL THEN quota ELSE 0 END AS perpetual, valid_until AS ends ${ofMachines}
     UNION ALL
     SELECT company_id, edition, 1, 0, 0, NULL ${ofMachines} AND id IN (
         SELECT license_id FROM technician_seats WHERE account = ? AND session_id IS NOT NULL AND busy_until > ?)
     UNION ALL
     SELECT company_id, type, count(assigned_to), count(*), count(*) - count(valid_until), min(valid_until)
       FROM instance_licenses WHERE account = ? AND kind = 'commercial' AND ${valid} GROUP BY type, company_id`;
  const each = [account, now, ...own.params];
  return { sql, params: [...each, ...each, account, now, ...each] };
}

/** By type, over all companies of the scope, and the first day after which a license of the type is not valid any more. */
export async function seatsByType(
  reader: Reader,
  ask: Ask,
): Promise<(SeatCount & { readonly perpetual: number; readonly first_end: string | null })[]> {
  const { sql, params } = licenses(ask);
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
  const { sql, params } = licenses({ ...ask, scope: null });
  return reader.all(
    `SELECT company_id, type, sum(used) AS used, sum(owned) AS owned FROM (${sql}) AS t
       GROUP BY company_id, type ORDER BY company_id, type`,
    params,
  );
}
