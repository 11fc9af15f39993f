import { createHash } from 'node:crypto';
import type { Message, RequestOf } from '@leasehold/protocol';
import type { License, InventoryOutcome } from './license.js';
import type { LicenseParts } from './license-handle.js';
import { online } from './media-desk.js';
import { asLeaseholdError, notActivated, statusProblem } from './problem-log.js';

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
  options: InventoryOptions,
): Promise<InventoryOutcome> {
  const { transport, installation, identity, renewal, clock } = parts;
  installation.localGuests.tell(told.hosts);
  try {
    const { holding } = installation.document;
    const signer = await identity.find();
    if (holding === null || signer === undefined) throw notActivated();
    const digests = new Map(told.hosts.map((host) => [host.id, digestOf(host)]));
    const changed = told.hosts.filter(({ id }) => acknowledged.get(id) !== digests.get(id));
    const ask = async (whole: InventoryTold['hosts']): Promise<Message<'AgentInventoryReply'>> => {
      const body = requestOf(parts, holding.instance, { told, whole, digests, options });
      return online(transport).call('inventory', { body, signer });
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
    if (sent > 0) await renewal?.check(true);
    return { ok: true, sent, disputed: [...disputed] };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
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

function digestOf({ id, name, kind, hypervisor, hciId, guests }: Message<'HostReport'>): string {
  const text = JSON.stringify([id, name, kind, hypervisor, hciId, [...guests].sort()]);
  return createHash('sha256').update(text).digest('base64url');
}
