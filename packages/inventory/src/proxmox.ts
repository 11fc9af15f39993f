import { rowIn, rowsIn, textIn, type Row } from './answers.js';
import { assertGood, Server, type Said, type Trust } from './https.js';
import { readUuid, type HostFound, type HostName, type Inventory, type InventoryProvider } from './model.js';
import { InventoryError, unreadable } from './problem.js';
import { eachOf } from './read-all.js';

export interface ProxmoxOptions {
  /** Any node of the cluster: `https://pve-1:8006`. */
  readonly url: string;
  /** `USER@REALM!TOKENID=SECRET`, with the role PVEAuditor on `/`. */
  readonly token: string;
  readonly trust?: Trust;
  /** Milliseconds for each answer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** Configurations asked for at once: one request a guest, and its nodes have other work. */
const WIDTH = 8;
/** What a node says of a guest that has just moved on. */
const MOVED = /does not exist|no such vm/i;

/** A Proxmox VE cluster or a node of its own, by its API with a token (documented for versions 7 to 9). */
export function proxmox(options: ProxmoxOptions): InventoryProvider {
  const { url, token, trust = {}, timeoutMs = TIMEOUT_MS } = options;
  if (!/^[^@\s]+@[^!\s]+![^=\s]+=\S+$/.test(token)) {
    throw new InventoryError('OPTIONS_INVALID', 'The API token is not whole.', 'Give USER@REALM!TOKENID=SECRET.');
  }
  return {
    async read(signal): Promise<Inventory> {
      const server = await Server.at({ url, trust, timeoutMs });
      const reading = new Reading(server, token, signal);
      try {
        // A guest that moves while we look is gone from where it was listed; then all is looked at once more.
        return await reading.all().catch((failure: unknown) => {
          if (failure instanceof GuestMoved) return reading.all();
          throw failure;
        });
      } finally {
        await server.close();
      }
    },
  };
}

class GuestMoved extends InventoryError {}

interface Node {
  readonly name: string;
  /** Where its guests are asked for. */
  readonly path: string;
  readonly guests: readonly Row[];
}

class Reading {
  readonly #server: Server;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal | undefined;

  constructor(server: Server, token: string, signal: AbortSignal | undefined) {
    this.#server = server;
    this.#headers = { authorization: `PVEAPIToken=${token}` };
    this.#signal = signal;
  }

  async all(): Promise<Inventory> {
    const place = this.#server.origin;
    const status = rowsIn(await this.#get('/cluster/status'), place, 'cluster/status');
    const nodes = status.filter((row) => row['type'] === 'node');
    if (nodes.length === 0) throw unreadable(place, 'cluster/status names no node');
    const cluster = status.find((row) => row['type'] === 'cluster');
    const online = nodes.filter((row) => row['online'] === 1 || cluster === undefined);
    const scope = await this.#scope(online.find((row) => row['local'] === 1) ?? nodes[0]!);
    const storage = await this.#storageNodes();
    // All are listed at once, before any guest is looked at: one that moves meanwhile would be on no list, or on two.
    const listed = await eachOf(online, online.length, (row) => this.#guestsOf(row));
    const hosts = await eachOf(listed, WIDTH, (node) => this.#host(node, scope, storage));
    const called = (row: Row): HostName => ({ by: 'name', scope, name: textIn(row, 'name', place, 'a node') });
    return {
      hosts,
      clusters:
        cluster === undefined
          ? []
          : [{ id: scope, name: textIn(cluster, 'name', place, 'the cluster'), nodes: nodes.map(called) }],
      silent: nodes.filter((row) => !online.includes(row)).map((row) => textIn(row, 'name', place, 'a node')),
    };
  }

  /** Nodes whose own disks make up the cluster's storage (Ceph): these are one hyper-converged system (AIP-5.3). */
  async #storageNodes(): Promise<ReadonlySet<string>> {
    const path = '/cluster/ceph/metadata';
    const said = await this.#ask(path);
    if (said.status >= 500 && /not installed|not initialized|not initialised/i.test(messageOf(said))) return new Set();
    assertGood(said, this.#server.origin, path);
    const osds = rowsIn(dataOf(said)['osd'], this.#server.origin, 'the list of OSDs');
    return new Set(osds.map((row) => textIn(row, 'hostname', this.#server.origin, 'an OSD')));
  }

  /** What its nodes are named within: the certificate authority that each cluster, and each node of its own, makes for
   * itself when it is installed. Many nodes are called `pve`, and many clusters alike. */
  async #scope(node: Row): Promise<string> {
    const place = this.#server.origin;
    const path = `/nodes/${encodeURIComponent(textIn(node, 'name', place, 'a node'))}/certificates/info`;
    const own = rowsIn(await this.#get(path), place, path).find((row) => row['filename'] === 'pve-root-ca.pem');
    if (own === undefined) throw unreadable(place, 'it has no pve-root-ca.pem');
    return textIn(own, 'fingerprint', place, 'pve-root-ca.pem');
  }

  async #guestsOf(row: Row): Promise<Node> {
    const place = this.#server.origin;
    const name = textIn(row, 'name', place, 'a node');
    const path = `/nodes/${encodeURIComponent(name)}/qemu`;
    const guests = rowsIn(await this.#get(path), place, path);
    // A template never runs; it becomes a guest when it is cloned, with a UUID of its own.
    return { name, path, guests: guests.filter((guest) => guest['template'] !== 1) };
  }

  async #host({ name, path, guests }: Node, scope: string, storage: ReadonlySet<string>): Promise<HostFound> {
    const named = await eachOf(guests, WIDTH, (guest) => this.#guest(scope, path, guest));
    return {
      host: { by: 'name', scope, name },
      label: name,
      kind: 'bare_metal',
      hypervisor: 'kvm',
      ...(storage.has(name) ? { hci: scope } : {}),
      guests: named,
    };
  }

  async #guest(scope: string, path: string, guest: Row): Promise<string> {
    const place = this.#server.origin;
    const vmid = String(guest['vmid']);
    if (!/^\d+$/.test(vmid)) throw unreadable(place, `${path} has a guest without vmid`);
    const asked = `${path}/${vmid}/config`;
    const said = await this.#ask(asked);
    if (said.status >= 500 && MOVED.test(messageOf(said))) {
      throw new GuestMoved('UNREACHABLE', `Guest ${vmid} moves at this moment.`, 'Read the inventory again.');
    }
    assertGood(said, place, asked);
    const smbios = dataOf(said)['smbios1'];
    const uuid = readUuid(typeof smbios === 'string' ? /(?:^|,)uuid=([^,]+)/.exec(smbios)?.[1] : undefined);
    return uuid ?? `${scope}/${vmid}`;
  }

  async #get(path: string): Promise<unknown> {
    const said = await this.#ask(path);
    assertGood(said, this.#server.origin, path);
    return rowIn(said.body, this.#server.origin, path)['data'];
  }

  #ask(path: string): Promise<Said> {
    return this.#server.ask({ path: `/api2/json${path}`, headers: this.#headers, signal: this.#signal });
  }
}

function dataOf({ body }: Said): Row {
  return rowIn((body as Row | undefined)?.['data'], 'Proxmox VE', 'data');
}

/** It puts the cause into the body, and older versions into the words beside the status alone. */
function messageOf({ body, reason }: Said): string {
  const message = (body as Row | undefined)?.['message'];
  return typeof message === 'string' ? message : reason;
}
