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
  /** The hyper-converged system that it belongs to (AIP-5.3). */
  readonly hci?: string;
  /** Hardware UUIDs of its guests as the guests see them, running or not, in lower case; `SCOPE/NUMBER` where one has none
   * of its own. */
  readonly guests: readonly string[];
}

export interface ClusterFound {
  /** What it is called for good, as `hci` of its hosts; its name where that is all there is. */
  readonly id?: string;
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
  /** What admins call guests whose configuration nobody can read, since their storage is away or no host knows them any
   * more: they are on no host's list. */
  readonly inaccessible?: readonly string[];
}

/** A place that knows hosts and guests. Holds its credentials in memory only. */
export interface InventoryProvider {
  /** Reads everything, or throws InventoryError: an empty answer means that there is nothing, never that it failed. */
  read(signal?: AbortSignal): Promise<Inventory>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What firmware says that was never told its own: one byte over and over, digits in a row (in either order of bytes), a
 * maker's number without the machine's. Agents read these as none too (fingerprint); a test holds both against each other. */
const NOBODYS =
  /^((?<byte>..)\k<byte>{15}|(03000200040005000006|00020003000400050006)000700080009|(12345678|78563412)(12345678|34127856)90abcddeefaabbcc|ffffff00f{24}|(00010203|03020100)(04050607|05040706)08090a0b0c0d0e0f|4c4c454400[02]020108020[8a]0c04f202020)$/;

/** A UUID in lower case, without braces; undefined where it is none that tells machines apart. */
export function readUuid(text: unknown): string | undefined {
  const uuid = uuidIn(text);
  return uuid === undefined || NOBODYS.test(uuid.replaceAll('-', '')) ? undefined : uuid;
}

/** What a guest is called: its UUID, or, where many have the same, its number within the management that tells of it.
 * Undefined where there is no UUID at all. */
export function guestName(uuid: unknown, scope: string, number: string): string | undefined {
  return readUuid(uuid) ?? (uuidIn(uuid) === undefined ? undefined : `${scope}/${number}`);
}

function uuidIn(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const uuid = text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1');
  return UUID.test(uuid) ? uuid : undefined;
}
