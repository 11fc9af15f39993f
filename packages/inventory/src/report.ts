import { createHmac } from 'node:crypto';
import type { ClusterFound, HostName, Inventory } from './model.js';

/** What an authority takes: hosts, guests and nodes by keyed hashes, nothing raw but the labels. */
export interface InventoryReport {
  readonly hosts: readonly {
    readonly id: string;
    readonly name?: string;
    readonly kind: 'bare_metal' | 'hosted';
    readonly hypervisor: string;
    readonly hciId?: string;
    readonly guests: string[];
  }[];
  readonly clusters?: readonly { readonly id: string; readonly name?: string; readonly nodes: string[] }[];
}

export interface ReportOptions {
  /** Keys the hashes: the same product as the agents inside the guests, or they are not found again. */
  readonly product: string;
  /** Send what admins call their hosts and clusters; true where nothing is said. */
  readonly labels?: boolean;
  /** All these hosts form one cluster group (AIP-5.4), where their hypervisor knows none. */
  readonly cluster?: string;
  /** All these hosts form one hyper-converged system (AIP-5.3), where their hypervisor does not tell. */
  readonly hci?: string;
}

/** What a guest is called in decisions: `authorize({ action: 'backup', machine: guestId(product, uuid), mode: 'agentless' })`.
 * It is the hash by which an agent inside it names its hardware UUID. */
export function guestId(product: string, uuid: string): string {
  return keyedHash(product, 'hardware_uuid', uuid);
}

/** Names everything as an authority knows it. */
export function inventoryReport(inventory: Inventory, options: ReportOptions): InventoryReport {
  const { product, labels = true, cluster, hci } = options;
  const label = (name: string | null): { name?: string } => (labels && name !== null ? { name } : {});
  const hosts = inventory.hosts.map((host) => {
    const system = hci ?? host.hci;
    return {
      id: hostId(product, host.host),
      ...label(host.label),
      kind: host.kind,
      hypervisor: host.hypervisor,
      ...(system === undefined ? {} : { hciId: keyedHash(product, 'hci', system) }),
      guests: host.guests.map((uuid) => guestId(product, uuid)),
    };
  });
  const nodesOfAll = inventory.hosts.map(({ host }) => host);
  const declared: ClusterFound[] = cluster === undefined ? [] : [{ name: cluster, nodes: nodesOfAll }];
  const clusters = [...inventory.clusters, ...declared].map(({ id, name, nodes }) => ({
    id: keyedHash(product, 'cluster', id ?? name),
    ...label(name),
    nodes: nodes.map((node) => hostId(product, node)),
  }));
  return { hosts, ...(clusters.length === 0 ? {} : { clusters }) };
}

/** An agent on the host names it by the same hash, so that host and machine are known to be one. */
function hostId(product: string, host: HostName): string {
  return host.by === 'uuid' ? guestId(product, host.uuid) : keyedHash(product, 'host', `${host.scope}/${host.name}`);
}

/** As agents hash their parts (fingerprint and sdk/machine.ts); a test holds both against each other. */
function keyedHash(product: string, part: string, raw: string): string {
  return createHmac('sha256', `leasehold ${product}`)
    .update(`${part}\0${raw.trim().toLowerCase()}`)
    .digest('base64url');
}
