import type { Host, Machine } from '@leasehold/terms';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader } from '../store/index.js';
import { othersThatReach } from './hyper-agents.js';
import { allOf } from '../store/many.js';
import { countedClaims, placesFrom } from './places.js';
import { hostFact, type HostFacts } from './rows.js';

/** Guests that one lease names at most: its entitlements stay below the 8 MB that an agent reads. */
const GUESTS = 30_000;

/** What a machine with a HyperAgent may know of the hosts that it reaches: them, and their guests by the names that their
 * hosts call them, so that it can judge their backups (AIP-7.1); of a guest that is on another host, who reaches that. */
export async function reachedFacts(
  reader: Reader,
  { account, id: machine, lease_issued_at: leasedAt, registered_at: registeredAt }: InstanceRow,
  reached: readonly string[],
): Promise<{ readonly hosts: readonly Host[]; readonly machines: readonly Machine[] }> {
  if (reached.length === 0) return { hosts: [], machines: [] };
  // Of its lease, and not of now: the same lease always entitles to the same.
  const at = leasedAt ?? registeredAt;
  const claimed = await allOf<{ guest: string }>(
    reader,
    'SELECT guest FROM guest_claims WHERE account = ? AND host_id IN (*) ORDER BY guest',
    account,
    reached,
  );
  const told = [...new Set(claimed.map(({ guest }) => guest))].sort().slice(0, GUESTS);
  const claims = await countedClaims(reader, account, told, at);
  const places = placesFrom(claims, at);
  // Whose word on a guest does not count is not told where it is either.
  const near = new Set(reached);
  const here = new Set(claims.filter((claim) => near.has(claim.host_id)).map(({ guest }) => guest));
  const names = told.filter((guest) => here.has(guest));
  const shortages = await allOf<{ guest: string; short_since: number }>(
    reader,
    'SELECT guest, short_since FROM guest_shortages WHERE account = ? AND guest IN (*)',
    account,
    names,
  );
  const since = new Map(shortages.map((row) => [row.guest, row.short_since]));
  const guests = names.map((id): Machine => {
    const { host, shortSince } = places.get(id)!;
    const short = since.get(id) ?? shortSince;
    return {
      id,
      kind: 'guest',
      os: 'unknown',
      hostId: host,
      ...(short === undefined ? {} : { shortSince: new Date(short).toISOString() }),
    };
  });
  const on = new Set([...reached, ...[...places.values()].map(({ host }) => host)]);
  const elsewhere = [...on].filter((host) => !reached.includes(host)).sort();
  const others = await othersThatReach(reader, account, machine, elsewhere);
  return { hosts: await withTheirSystems(reader, account, [...on].sort()), machines: [...guests, ...others] };
}

/** These hosts, and those that share a hyper-converged system with one of them (AIP-5.3). */
async function withTheirSystems(reader: Reader, account: string, ids: readonly string[]): Promise<Host[]> {
  const own = await allOf<HostFacts>(reader, 'SELECT * FROM hosts WHERE account = ? AND id IN (*)', account, ids);
  const systems = [...new Set(own.flatMap((host) => host.hci_id ?? []))].sort();
  const peers = await allOf<HostFacts>(
    reader,
    'SELECT * FROM hosts WHERE account = ? AND hci_id IN (*)',
    account,
    systems,
  );
  const all = new Map([...own, ...peers].map((host) => [host.id, hostFact(host)]));
  return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
