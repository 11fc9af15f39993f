import { dayOf, type Day, type Term } from '@leasehold/terms';
import type { Reader } from '../store/index.js';

/** A license that an order brought or renewed, with the days that the order moved. */
export interface NamedLicense {
  readonly license_id: string;
  readonly from_day: Day | null;
  readonly until_day: Day | null;
  /** The first instant after its end as it stands, epoch ms; null: it never ends. */
  readonly ends_at: number | null;
  /** A rental that an order brought is one that was given back: none is sold. */
  readonly given_back: 0 | 1;
  /** Of a license of machines. */
  readonly term: Term | null;
}

/** The licenses of instances and of machines that an order names, by id. */
export async function namedLicenses(reader: Reader, account: string, order: string): Promise<NamedLicense[]> {
  return reader.all<NamedLicense>(
    `SELECT o.license_id, o.from_day, o.until_day, coalesce(i.ends_at, m.ends_at) AS ends_at, m.term,
       CASE WHEN m.term = 'rental' AND EXISTS (SELECT 1 FROM orders b WHERE b.account = m.account
         AND b.id = m.transaction_id) THEN 1 ELSE 0 END AS given_back FROM order_licenses o
       LEFT JOIN instance_licenses i ON i.account = o.account AND i.id = o.license_id
       LEFT JOIN machine_licenses m ON m.account = o.account AND m.id = o.license_id
       WHERE o.account = ? AND o.order_id = ? AND coalesce(i.id, m.id) IS NOT NULL ORDER BY o.license_id`,
    [account, order],
  );
}

/** Up to when a license is still paid for below what an order gave it from `day` on: where the order that led up to that day
 * was given back while this one stood upon it, the day before that one. Null: nothing of it is paid any more. */
export async function paidUntil(
  reader: Reader,
  account: string,
  license: string,
  day: Day | null,
): Promise<Day | null> {
  const moves = await reader.all<Pick<NamedLicense, 'from_day' | 'until_day'> & { kind: string; gone: number }>(
    `SELECT o.from_day, o.until_day, r.kind, CASE WHEN r.status IN ('refunded', 'void') THEN 1 ELSE 0 END AS gone
       FROM order_licenses o JOIN orders r ON r.account = o.account AND r.id = o.order_id
       WHERE o.account = ? AND o.license_id = ? ORDER BY o.order_id`,
    [account, license],
  );
  const wasBought = !moves.some(({ kind, gone }) => kind === 'licenses' && gone === 1);
  let last = day;
  while (last !== null) {
    const ends = moves.filter((one) => one.until_day === last);
    if (ends.some((one) => one.gone === 0)) break;
    if (ends.length === 0) return wasBought ? last : null;
    last = ends[0]!.from_day;
  }
  return last;
}

/** The day with whose end an instant comes: the last day of what ends at it. */
export const lastDayBefore = (end: number, timeZone: string): Day => dayOf(end - 1, timeZone);
