import { createHash, randomUUID } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Message, RequestOf } from '@leasehold/protocol';
import { waitFor } from '../abort.js';
import type { License, InventoryOutcome, Waiting } from '../license.js';
import type { LicenseParts } from '../license-handle.js';
import { online } from '../media/media-desk.js';
import { asLeaseholdError, notActivated, statusProblem } from '../problem-log.js';
import { isWord } from '../wire/carried.js';

/** What `inventoryReport` of @leasehold/inventory makes of what hypervisors told. */
export interface InventoryTold {
  readonly hosts: readonly Message<'HostReport'>[];
  readonly clusters?: readonly NonNullable<Message<'InventoryReport'>['clusters']>[number][];
}

export interface InventoryOptions {
  /** Agentless backups run through this machine (AIP-7.4). */
  readonly agentlessInUse: boolean;
  /** When it was read, epoch ms; now, where it is left out. */
  readonly takenAt?: number;
}

/** Tells the authority of the hosts that this machine reaches: those whose digest changed since it acknowledged them. What
 * it learns of them in return comes with the check-in after it. */
export function inventoryDesk(parts: LicenseParts): License['inventory'] {
  const acknowledged = new Map<string, string>();
  return { report: (told, options) => report(parts, acknowledged, told, options) };
}

async function report(
  parts: LicenseParts,
  acknowledged: Map<string, string>,
  told: InventoryTold,
  options: InventoryOptions & Waiting,
): Promise<InventoryOutcome> {
  const { transport, installation, identity, renewal, clock } = parts;
  try {
    assertInventory(told, options);
    const { signal } = options;
    installation.localGuests.tell(told.hosts);
    const { holding } = installation.document;
    const signer = await identity.find();
    if (holding === null || signer === undefined) throw notActivated();
    const digests = new Map(told.hosts.map((host) => [host.id, digestOf(host)]));
    const changed = told.hosts.filter(({ id }) => acknowledged.get(id) !== digests.get(id));
    const ask = async (whole: InventoryTold['hosts']): Promise<Message<'AgentInventoryReply'>> => {
      const request = requestOf(parts, holding.instance, { told, whole, digests, options });
      const bodies = inParts(request);
      for (const body of bodies.slice(0, -1)) await online(transport).call('inventory', { body, signer, signal });
      return online(transport).call('inventory', { body: bodies.at(-1)!, signer, signal });
    };
    const first = await ask(changed);
    const disputed = new Set(first.disputed);
    // One that is another's is not known better when it comes whole.
    const wanted = new Set(first.wanted.filter((id) => !disputed.has(id)));
    if (wanted.size > 0) {
      const again = await ask(told.hosts.filter(({ id }) => wanted.has(id)));
      for (const id of again.disputed ?? []) disputed.add(id);
    }
    acknowledged.clear();
    for (const [id, digest] of digests) acknowledged.set(id, digest);
    const sent = changed.length + wanted.size;
    if (sent > 0 && renewal !== undefined) await waitFor(renewal.check(true), signal);
    return { ok: true, sent, disputed: [...disputed] };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
}

/** What is told here is judged by at once, long before an authority could refuse it. */
function assertInventory(told: unknown, options: unknown): void {
  const { hosts, clusters = [] } = (told ?? {}) as Partial<Record<'hosts' | 'clusters', unknown>>;
  const { agentlessInUse, takenAt = 0 } = (options ?? {}) as Partial<Record<'agentlessInUse' | 'takenAt', unknown>>;
  const path = [
    ...(Array.isArray(hosts) && hosts.every(isHost) ? [] : ['hosts']),
    ...(Array.isArray(clusters) ? [] : ['clusters']),
    ...(typeof agentlessInUse === 'boolean' ? [] : ['agentlessInUse']),
    ...(typeof takenAt === 'number' && !Number.isNaN(new Date(takenAt).getTime()) ? [] : ['takenAt']),
  ][0];
  if (path === undefined) return;
  throw new LeaseholdError('INPUT_INVALID', `This is no inventory: ${path} is missing or of another form.`, {
    path,
    remedy: 'Give what `inventoryReport` of @leasehold/inventory made, and `agentlessInUse` as true or false.',
  });
}

function isHost(host: unknown): boolean {
  const { id, kind, hypervisor, guests } = (host ?? {}) as Partial<Record<string, unknown>>;
  return [id, kind, hypervisor].every(isWord) && Array.isArray(guests) && guests.every(isWord);
}

interface Asked {
  readonly told: InventoryTold;
  readonly whole: InventoryTold['hosts'];
  readonly digests: ReadonlyMap<string, string>;
  readonly options: InventoryOptions;
}

function requestOf(
  { settings, installation }: LicenseParts,
  instance: string,
  { told, whole, digests, options }: Asked,
): RequestOf<'inventory'> {
  const { agentlessInUse, takenAt = installation.moment().now } = options;
  const named = new Set(whole.map(({ id }) => id));
  return {
    instance,
    product: settings.product,
    takenAt: new Date(takenAt).toISOString(),
    hosts: whole.map((host) => ({ ...host, digest: digests.get(host.id)! })),
    unchanged: [...digests].filter(([id]) => !named.has(id)).map(([id, digest]) => ({ id, digest })),
    ...(told.clusters === undefined ? {} : { clusters: [...told.clusters] }),
    agentlessInUse,
  };
}

/** Characters of one part: with all else that a request carries it stays far below the 2 MB that an authority takes. */
const PART = 1_000_000;

/** The request, in parts where it is large: one host with all of its guests is never divided. */
function inParts(request: RequestOf<'inventory'>): RequestOf<'inventory'>[] {
  const groups: (typeof request.hosts)[] = [[]];
  let size = 0;
  for (const host of request.hosts) {
    const own = JSON.stringify(host).length;
    if (size > 0 && size + own > PART) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(host);
    size += own;
  }
  const of = groups.length;
  if (of === 1) return [request];
  const name = randomUUID();
  const { clusters: _clusters, ...bare } = { ...request, unchanged: [] };
  return groups.map((hosts, n) => ({ ...(n === of - 1 ? request : bare), hosts, part: { report: name, n, of } }));
}

function digestOf({ id, name, kind, hypervisor, hciId, guests }: Message<'HostReport'>): string {
  const text = JSON.stringify([id, name, kind, hypervisor, hciId, [...guests].sort()]);
  return createHash('sha256').update(text).digest('base64url');
}
