import { linesOf } from '../companies/tree.js';
import type { Reader } from '../store/index.js';
import { allOf } from '../store/many.js';
import { licensedAmong } from './licensed.js';

const HOUR = 3_600_000;
/** For so long a host that is silent keeps its claims (F-3), and a guest that two hosts claim stays covered (design section
 * 4, Inventory). */
const FRESH = 72 * HOUR;

/** Where a guest is taken to live. */
export interface Place {
  readonly host: string;
  /** Two hosts that both speak claim it. */
  readonly disputed: boolean;
  /** Until then a licensed host carried it, which claims it still: the dispute grew old, or that host fell silent. Nobody
   * bought or sold anything, so its grace began there (F-4), epoch ms. */
  readonly shortSince?: number;
}

interface Claim {
  readonly guest: string;
  readonly host_id: string;
  readonly claimed_at: number;
  readonly inventory_at: number;
  readonly reported_by: string | null;
  readonly licensed: boolean;
  /** Whose host it is; null: the provider's. */
  readonly company_id: string | null;
}

/** The places of guests, by the name that their hosts call them. */
export async function placesOf(
  reader: Reader,
  account: string,
  guests: readonly string[],
  now: number,
): Promise<Map<string, Place>> {
  return placesFrom(await countedClaims(reader, account, guests, now), now);
}

/** The same of claims that count. */
export function placesFrom(counted: readonly Claim[], now: number): Map<string, Place> {
  const byGuest = new Map<string, Claim[]>();
  for (const claim of counted) {
    const claims = byGuest.get(claim.guest);
    if (claims === undefined) byGuest.set(claim.guest, [claim]);
    else claims.push(claim);
  }
  return new Map([...byGuest].map(([guest, claims]) => [guest, placeOf(claims, now)]));
}

/** What hosts say of these guests, the newest claim first. */
export async function claimsOf(
  reader: Reader,
  account: string,
  guests: readonly string[],
  now: number,
): Promise<Claim[]> {
  const rows = await allOf<{ guest: string; host_id: string; claimed_at: number }>(
    reader,
    'SELECT guest, host_id, claimed_at FROM guest_claims WHERE account = ? AND guest IN (*)',
    account,
    guests,
  );
  if (rows.length === 0) return [];
  // Sorted here: few guests have a claim, and none shall pay for a sorter in the database.
  rows.sort((a, b) => b.claimed_at - a.claimed_at || (a.host_id < b.host_id ? -1 : 1));
  const ids = [...new Set(rows.map((row) => row.host_id))].sort();
  const hosts = await allOf<{
    id: string;
    inventory_at: number | null;
    reported_by: string | null;
    company_id: string | null;
  }>(
    reader,
    'SELECT id, inventory_at, reported_by, company_id FROM hosts WHERE account = ? AND id IN (*)',
    account,
    ids,
  );
  const known = new Map(hosts.map((host) => [host.id, host]));
  const licensed = await licensedAmong(reader, account, ids, now);
  return rows.map((row) => {
    const { inventory_at: at = null, reported_by = null, company_id = null } = known.get(row.host_id) ?? {};
    return { ...row, inventory_at: at ?? 0, reported_by, licensed: licensed.has(row.host_id), company_id };
  });
}

/** Whose a machine is; null: the provider's. Asked only where some host claims it: most have none. */
export type Owner = () => string | null | Promise<string | null>;

/** The claims that count: those of hosts of the guest's own company, of a company above it, and of the provider. A guest
 * without an agent belongs to the company whose host claimed it first, so that no other can draw it away. `without`: a
 * host that is taken to claim nothing. `own`: the company of the machine that says that it is this guest, and may not have
 * said so before. */
export async function countedClaims(
  reader: Reader,
  account: string,
  guests: readonly string[],
  now: number,
  { without, own }: { readonly without?: string; readonly own?: Owner } = {},
): Promise<Claim[]> {
  const claims = (await claimsOf(reader, account, guests, now)).filter((claim) => claim.host_id !== without);
  if (claims.every((claim) => claim.company_id === null)) return claims;
  const agents = await allOf<{ guest: string; company_id: string | null }>(
    reader,
    `SELECT id AS guest, company_id FROM instances WHERE account = ? AND id IN (*) UNION ALL
       SELECT c.hash AS guest, i.company_id FROM machine_components c JOIN instances i ON i.account = c.account
       AND i.id = c.instance_id WHERE c.account = ? AND c.name = 'hardware_uuid' AND c.hash IN (*)`,
    account,
    guests,
    2,
  );
  // The newest claim comes first, so that the oldest is what stays.
  const owners = new Map(claims.map((claim) => [claim.guest, claim.company_id]));
  for (const { guest, company_id: known } of agents) if (known !== null) owners.set(guest, known);
  const asking = (await own?.()) ?? null;
  if (asking !== null) for (const guest of guests) owners.set(guest, asking);
  const companies = [...new Set(owners.values())].filter((company) => company !== null);
  const lines = await linesOf(reader, account, companies);
  return claims.filter(({ guest, company_id: host }) => {
    const owner = owners.get(guest) ?? null;
    return host === null || (owner !== null && lines.get(owner)?.includes(host) === true);
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
  const at = best ?? counted[0]!;
  const lost = claims
    .filter((claim) => claim.licensed && !at.licensed)
    .map((claim) => Math.min(since, claim.inventory_at));
  const short = lost.length === 0 ? {} : { shortSince: Math.max(at.claimed_at, Math.max(...lost) + FRESH) };
  return { host: at.host_id, disputed, ...short };
}
