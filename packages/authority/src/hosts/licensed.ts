import type { Term } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { afterEnd } from '../instances/graces.js';
import type { Reader } from '../store/index.js';
import { allOf } from '../store/many.js';

interface Held {
  readonly unit: string;
  readonly term: Term;
  readonly state: 'active' | 'revoked';
  readonly starts_at: string | null;
  readonly ends_at: number | null;
}

/** Which of these hosts have a license that counts: a seat is kept when its license was revoked, has ended with its grace
 * (D-3) or has not begun, and then it covers nobody. */
export async function licensedAmong(
  reader: Reader,
  account: string,
  hosts: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const own = await accountOf(reader, account);
  const held = await allOf<Held>(
    reader,
    `SELECT s.instance_id AS unit, l.term, l.state, l.starts_at, l.ends_at FROM seats s
       JOIN machine_licenses l ON l.account = s.account AND l.id = s.license_id
       WHERE s.account = ? AND s.state = 'held' AND s.instance_id IN (*)`,
    account,
    hosts.map((host) => `host:${host}`),
  );
  const counts = ({ term, state, starts_at: starts, ends_at: ends }: Held): boolean => {
    if (state === 'revoked' || (starts !== null && now < Date.parse(starts))) return false;
    return term === 'perpetual' || now < (ends ?? 0) + afterEnd(own, term);
  };
  return new Set(held.filter((seat) => counts(seat)).map(({ unit }) => unit.slice('host:'.length)));
}
