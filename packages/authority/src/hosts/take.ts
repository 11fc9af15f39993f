import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Reader, Tx } from '../store/index.js';
import { contest, isForeignSystem, mayTell, type Border } from './border.js';
import { takeCluster } from './clusters.js';
import { agentsAmong, machineOf } from './guests.js';
import { insertAll, runFor } from '../store/many.js';
import { knownHost } from './matching.js';
import { claimsOf, placesOf } from './places.js';
import { bared, coveringHosts, noteShortages } from './shortages.js';

type Reported = Message<'HostReport'> & { readonly digest?: string };

/** What was told of hosts and groups, by whom. */
export interface Told {
  readonly account: string;
  readonly actor: string;
  /** Of whose hosts the reporter may tell. */
  readonly border: Border;
  readonly hosts: readonly Reported[];
  readonly clusters: NonNullable<Message<'InventoryReport'>['clusters']>;
  /** Hosts that stand as they were told before. */
  readonly standing: ReadonlySet<string>;
  /** When the provider read it, epoch ms. */
  readonly readAt: number;
}

export interface Taken {
  /** The hosts by the ids under which they are known. */
  readonly hosts: readonly string[];
  /** Machines whose place changed, or what it gives them. */
  readonly touched: ReadonlySet<string>;
  /** Hosts and groups of somebody else, by the names that the reporter calls them: they stay as they were. */
  readonly disputed: readonly string[];
  /** Those among them that nobody contested before: what is new of them. */
  readonly contested: readonly string[];
  /** Hosts by their ids of which something newer is known: the report came late, and of these nothing was taken over. */
  readonly late: readonly string[];
}

/** Writes down which guests live on which hosts. What a host no longer tells of is gone from it first, so that a guest that
 * moved between two of them is not on both. */
export async function takeInventory(tx: Tx, told: Told, now: number): Promise<Taken> {
  const { account, clusters } = told;
  const { hosts, foreign, late } = await sorted(tx, told, now);
  const contested: string[] = [];
  for (const { id } of foreign) if (await contest(tx, told, id, now)) contested.push(id);
  const disputed = foreign.map(({ host }) => host.id);
  const moving = [...new Set(hosts.flatMap(({ added, removed }) => [...added, ...removed]))].sort();
  const before = await placesOf(tx, account, moving, now);
  const coveringBefore = await coveringHosts(tx, account, now);
  const more: string[] = [];
  for (const { id, host } of hosts) more.push(...(await takeHost(tx, told, id, host, now)));
  for (const { id, removed } of hosts) await dropClaims(tx, account, id, removed);
  for (const { id, added } of hosts) {
    await insertAll(
      tx,
      'INSERT INTO guest_claims (account, guest, host_id, claimed_at) VALUES *',
      added.map((guest) => [account, guest, id, now]),
    );
  }
  await dropOlder(tx, told, new Set(hosts.map(({ id }) => id)), moving, now);
  const after = await placesOf(tx, account, moving, now);
  const moves = { before, after, coveringBefore, coveringAfter: await coveringHosts(tx, account, now) };
  await noteShortages(tx, account, moves, now);
  const touched = await moveInstances(
    tx,
    account,
    moving,
    new Map([...after].map(([guest, { host }]) => [guest, host])),
  );
  for (const host of bared(moves)) more.push(...(await instancesOn(tx, account, host)));
  // A hypervisor that appears on a machine changes what that one needs too (AIP-8.3, F-4).
  for (const machine of more) touched.add(machine);
  for (const group of clusters) {
    const nodes = await takeCluster(tx, told, group, now);
    if (nodes === undefined) disputed.push(group.id);
    else for (const node of nodes) touched.add(node);
  }
  return { hosts: hosts.map(({ id }) => id), touched, disputed, contested, late };
}

interface Sorted extends Pick<Taken, 'late'> {
  readonly hosts: readonly Host[];
  readonly foreign: readonly Pick<Host, 'id' | 'host'>[];
}

/** The hosts of a report that its reporter may tell of, by their ids, those of somebody else, and those that it is late for. */
async function sorted(tx: Tx, told: Told, now: number): Promise<Sorted> {
  const { account, border } = told;
  const [hosts, foreign, late]: [Host[], Pick<Host, 'id' | 'host'>[], string[]] = [[], [], []];
  const ids = new Set<string>();
  assertApart(told.hosts);
  for (const host of told.hosts) {
    const id = await knownHost(tx, told, host.id, host.guests, ids);
    ids.add(id);
    const joins = host.hciId !== undefined && (await isForeignSystem(tx, account, border, host.hciId));
    if (joins || !(await mayTell(tx, account, border, id))) foreign.push({ id, host });
    else if (await isLate(tx, told, id, now)) late.push(id);
    else hosts.push({ ...(await changesOf(tx, account, id, host.guests)), id, host });
  }
  hosts.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { hosts, foreign, late };
}

/** Is the host known as it was read later than this? An instant beyond `now` is none: our clock had stood ahead. */
async function isLate(reader: Reader, { account, readAt }: Told, id: string, now: number): Promise<boolean> {
  const newer = 'SELECT id FROM hosts WHERE account = ? AND id = ? AND inventory_at > ? AND inventory_at <= ?';
  return (await reader.get(newer, [account, id, readAt, now])) !== undefined;
}

/** Two hosts of one name would share a license, and each take the other's guests away.
 * @throws LeaseholdError INPUT_INVALID */
function assertApart(hosts: readonly Reported[]): void {
  const names = new Set<string>();
  for (const { id, name = id } of hosts) {
    if (names.has(id)) {
      throw new LeaseholdError('INPUT_INVALID', `Two hosts of this report have one id: ${name} is the second.`, {
        path: 'hosts',
        remedy: 'Ask each host once. Where firmware names two alike, give one a UUID of its own: docs/inventory.md.',
      });
    }
    names.add(id);
  }
}

/** Whoever told of a guest elsewhere before, and not in this report, says that it has moved: nobody disputes himself. */
async function dropOlder(
  tx: Tx,
  { account, actor, standing }: Told,
  told: ReadonlySet<string>,
  guests: readonly string[],
  now: number,
): Promise<void> {
  const claims = await claimsOf(tx, account, guests, now);
  const older = claims.filter((claim) => {
    return claim.reported_by === actor && !told.has(claim.host_id) && !standing.has(claim.host_id);
  });
  for (const host of [...new Set(older.map((claim) => claim.host_id))].sort()) {
    const gone = older.filter((claim) => claim.host_id === host).map(({ guest }) => guest);
    await dropClaims(tx, account, host, gone.sort());
    // It stands no more as it was told.
    await tx.run('UPDATE hosts SET digest = NULL WHERE account = ? AND id = ?', [account, host]);
  }
}

function dropClaims(tx: Tx, account: string, host: string, guests: readonly string[]): Promise<void> {
  return runFor(
    tx,
    'DELETE FROM guest_claims WHERE account = ? AND host_id = ? AND guest IN (*)',
    [account, host],
    guests,
  );
}

interface Host {
  readonly id: string;
  readonly host: Reported;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

async function changesOf(
  tx: Tx,
  account: string,
  id: string,
  guests: readonly string[],
): Promise<Pick<Host, 'added' | 'removed'>> {
  const rows = await tx.all<{ guest: string }>('SELECT guest FROM guest_claims WHERE account = ? AND host_id = ?', [
    account,
    id,
  ]);
  const before = new Set(rows.map(({ guest }) => guest));
  const told = new Set(guests);
  return {
    added: [...told].filter((guest) => !before.has(guest)).sort(),
    removed: [...before].filter((guest) => !told.has(guest)).sort(),
  };
}

/** Answers the machine with an agent that it runs on, if there is one. */
async function takeHost(
  tx: Tx,
  { account, actor, border, readAt }: Told,
  id: string,
  host: Reported,
  now: number,
): Promise<string[]> {
  // An agent on the host names it by the same hash as the hypervisor.
  const onMachine = (await machineOf(tx, account, host.id)) ?? null;
  await tx.run(
    `INSERT INTO hosts (account, id, label, kind, hypervisor, hci_id, on_machine, guest_count, inventory_at, reported_by,
       digest, company_id, facts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?)
       ON CONFLICT (account, id) DO UPDATE SET label = COALESCE(excluded.label, hosts.label), kind = excluded.kind,
         hypervisor = excluded.hypervisor, hci_id = excluded.hci_id,
         on_machine = COALESCE(excluded.on_machine, hosts.on_machine), guest_count = excluded.guest_count,
         inventory_at = excluded.inventory_at, reported_by = excluded.reported_by, digest = excluded.digest,
         company_id = COALESCE(hosts.company_id, excluded.company_id), contested_by = NULL, contested_at = NULL`,
    [
      account,
      id,
      host.name ?? null,
      host.kind,
      host.hypervisor,
      host.hciId ?? null,
      onMachine,
      host.guests.length,
      readAt,
      actor,
      host.digest ?? null,
      border.company,
      now,
    ],
  );
  return onMachine === null ? [] : [onMachine];
}

/** Moves the machines with an agent among these guests to their places; answers them, and those that left. */
async function moveInstances(
  tx: Tx,
  account: string,
  guests: readonly string[],
  places: ReadonlyMap<string, string>,
): Promise<Set<string>> {
  const touched = new Set<string>();
  for (const { name, id } of await agentsAmong(tx, account, guests)) {
    touched.add(id);
    const host = places.get(name);
    // One that no host claims any more stays where it was: it may be on its way.
    if (host === undefined) continue;
    await tx.run('UPDATE instances SET host_id = ? WHERE account = ? AND id = ?', [host, account, id]);
  }
  return touched;
}

/** Those that were reported there, and those that say so where nobody reported them (F-1). */
async function instancesOn(tx: Tx, account: string, host: string): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(
    `SELECT id FROM instances WHERE account = ? AND host_id = ?
       UNION SELECT id FROM instances WHERE account = ? AND declared_host_id = ? AND host_id IS NULL ORDER BY id`,
    [account, host, account, host],
  );
  return rows.map(({ id }) => id);
}
