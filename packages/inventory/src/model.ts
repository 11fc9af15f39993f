/** What one host is called for good. `uuid`: of its hardware, which an agent on it sees as well. `name`: within the
 * management that tells of it (`cluster/node`), where that does not tell the hardware's. */
export type HostName =
  | { readonly by: 'uuid'; readonly uuid: string }
  | { readonly by: 'name'; readonly scope: string; readonly name: string };

export interface HostFound {
  readonly host: HostName;
  /** What its admins call it. */
  readonly label: string | null;
  /** `hosted`: the hypervisor runs on a client system (AIP-8.1). */
  readonly kind: 'bare_metal' | 'hosted';
  readonly hypervisor: string;
  /** Name of the hyper-converged system that it belongs to (AIP-5.3). */
  readonly hci?: string;
  /** Hardware UUIDs of its guests as the guests see them, running or not, in lower case; `SCOPE/NUMBER` where one has none. */
  readonly guests: readonly string[];
}

export interface ClusterFound {
  readonly name: string;
  readonly nodes: readonly HostName[];
}

/** What a hypervisor told. A host of which it could tell nothing is not among `hosts`: what was known of it stands, and
 * grows stale (F-3). */
export interface Inventory {
  readonly hosts: readonly HostFound[];
  readonly clusters: readonly ClusterFound[];
  /** Labels of hosts that are known and did not answer. */
  readonly silent: readonly string[];
}

/** A place that knows hosts and guests. Holds its credentials in memory only. */
export interface InventoryProvider {
  /** Reads everything, or throws InventoryError: an empty answer means that there is nothing, never that it failed. */
  read(signal?: AbortSignal): Promise<Inventory>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What firmware says that was never told its own. */
const NOBODYS = /^(0{8}-(0{4}-){3}0{12}|f{8}-(f{4}-){3}f{12})$/;

/** A UUID in lower case, without braces; undefined where it is none that tells machines apart. */
export function readUuid(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const uuid = text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1');
  return UUID.test(uuid) && !NOBODYS.test(uuid) ? uuid : undefined;
}
