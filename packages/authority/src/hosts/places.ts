import type { Reader } from '../store/index.js';
import { allOf } from '../store/many.js';

const HOUR = 3_600_000;
/** For so long a host that is silent keeps its claims (F-3), and a guest that two hosts claim stays covered (design section
 * 4, Inventory). */
const FRESH = 72 * HOUR;

/** Where a guest is taken to live. */
export interface Place {
  readonly host: string;
  /** Two hosts that both speak claim it. */
  readonly disputed: boolean;
}

interface Claim {
  readonly guest: string;
  readonly host_id: string;
  readonly claimed_at: number;
  readonly inventory_at: number;
  readonly reported_by: string | null;
  readonly licensed: boolean;
}

/** The places of guests, by the name that their hosts call them. */
export async function placesOf(
  reader: Reader,
  account: string,
  guests: readonly string[],
  now: number,
): Promise<Map<string, Place>> {
  const byGuest = new Map<string, Claim[]>();
  for (const claim of await claimsOf(reader, account, guests)) {
    const claims = byGuest.get(claim.guest);
    if (claims === undefined) byGuest.set(claim.guest, [claim]);
    else claims.push(claim);
  }
  return new Map([...byGuest].map(([guest, claims]) => [guest, placeOf(claims, now)]));
}

/** What hosts say of these guests, the newest claim first. */
export async function claimsOf(reader: Reader, account: string, guests: readonly string[]): Promise<Claim[]> {
  const rows = await allOf<{ guest: string; host_id: string; claimed_at: number }>(
    reader,
    'SELECT guest, host_id, claimed_at FROM guest_claims WHERE account = ? AND guest IN (*) ORDER BY claimed_at DESC, host_id',
    account,
    guests,
  );
  const hosts = await allOf<{
    id: string;
    inventory_at: number | null;
    reported_by: string | null;
    licensed: number;
  }>(
    reader,
    `SELECT h.id, h.inventory_at, h.reported_by, (SELECT count(*) FROM seats s WHERE s.account = h.account AND s.state = 'held'
       AND s.instance_id = 'host:' || h.id) AS licensed FROM hosts h WHERE h.account = ? AND h.id IN (*)`,
    account,
    [...new Set(rows.map((row) => row.host_id))].sort(),
  );
  const known = new Map(hosts.map((host) => [host.id, host]));
  return rows.map((row) => {
    const { inventory_at: at = null, reported_by = null, licensed = 0 } = known.get(row.host_id) ?? {};
    return { ...row, inventory_at: at ?? 0, reported_by, licensed: licensed > 0 };
  });
}

/** Where all these claims, of one guest and the newest first, put it. While a dispute is young the guest is on the licensed
 * host, later on the other: what two hosts claim for good licenses nobody. A host that is silent loses against one that
 * speaks. */
export function placeOf(claims: readonly Claim[], now: number): Place {
  const speaking = claims.filter(({ inventory_at: at }) => now - at <= FRESH);
  const counted = speaking.length > 0 ? speaking : claims.slice(0, 1);
  const disputed = new Set(counted.map(({ host_id: id }) => id)).size > 1;
  const since = Math.max(...counted.map(({ claimed_at: at }) => at));
  const wantsLicensed = now - since <= FRESH;
  const best = disputed ? counted.find(({ licensed }) => licensed === wantsLicensed) : undefined;
  return { host: (best ?? counted[0]!).host_id, disputed };
}
