import { rowIn, rowsIn, textIn, type Row } from './answers.js';
import { assertGood, Server, type Trust } from './https.js';
import {
  guestName,
  readUuid,
  type ClusterFound,
  type HostFound,
  type HostName,
  type Inventory,
  type InventoryProvider,
} from './model.js';
import { unreadable } from './problem.js';
import { eachOf } from './read-all.js';

export interface VsphereOptions {
  /** The vCenter Server: `https://vcenter.example`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly trust?: Trust;
  /** What its hosts are named within; the address where none is given. Keep it when the address changes. */
  readonly site?: string;
  /** Names of clusters whose storage is made of their hosts' own disks (AIP-5.3); the API does not tell. */
  readonly hciClusters?: readonly string[];
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
const WIDTH = 8;
/** What a vCenter says of a guest whose storage is away, or that no host knows any more: it tells no configuration of it. */
const INACCESSIBLE = 'RESOURCE_INACCESSIBLE';

/** A vCenter Server by its REST API (documented for version 7.0 and later). */
export function vsphere(options: VsphereOptions): InventoryProvider {
  const { url, trust = {}, timeoutMs = TIMEOUT_MS } = options;
  return {
    async read(signal): Promise<Inventory> {
      const server = await Server.at({ url, trust, timeoutMs });
      try {
        return await new Reading(server, options, signal).all();
      } finally {
        await server.close();
      }
    },
  };
}

class Reading {
  readonly #server: Server;
  readonly #options: VsphereOptions;
  readonly #signal: AbortSignal | undefined;
  #session = '';
  readonly #inaccessible: string[] = [];

  constructor(server: Server, options: VsphereOptions, signal: AbortSignal | undefined) {
    this.#server = server;
    this.#options = options;
    this.#signal = signal;
  }

  async all(): Promise<Inventory> {
    await this.#signIn();
    try {
      return await this.#read();
    } finally {
      // A session that stays behind ends by itself; that it could not be ended is no failure of the reading.
      await this.#send('DELETE', '/api/session').catch(() => undefined);
    }
  }

  async #signIn(): Promise<void> {
    const { user, password } = this.#options;
    const basic = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
    const path = '/api/session';
    const headers = { authorization: `Basic ${basic}` };
    const said = await this.#server.ask({ method: 'POST', path, headers, signal: this.#signal });
    assertGood(said, this.#server.origin, path);
    if (typeof said.body !== 'string') throw unreadable(this.#server.origin, 'the session is no text');
    this.#session = said.body;
  }

  async #read(): Promise<Inventory> {
    const place = this.#server.origin;
    const hosts = await this.#list('/api/vcenter/host');
    const connected = hosts.filter((row) => row['connection_state'] === 'CONNECTED');
    const clusters = await this.#clusters();
    const hciOf = new Map(clusters.filter(({ hci }) => hci).flatMap(({ id, ids }) => ids.map((host) => [host, id])));
    // All are listed before any guest is looked at, which takes minutes: one that moves meanwhile would be on no list.
    const listed = await eachOf(connected, WIDTH, (row) => this.#guestsOf(row));
    return {
      hosts: await eachOf(listed, WIDTH, ({ row, guests }) => this.#host(row, guests, hciOf)),
      clusters: clusters
        .filter(({ ids }) => ids.length > 0)
        .map(({ id, name, ids }): ClusterFound => {
          return { id, name, nodes: ids.map((host) => this.#hostName(host)) };
        }),
      silent: hosts.filter((row) => !connected.includes(row)).map((row) => textIn(row, 'name', place, 'a host')),
      inaccessible: this.#inaccessible,
    };
  }

  /** Two folders, or two vCenters, may each have a cluster of one name: it is called by its number within its vCenter. */
  async #clusters(): Promise<{ id: string; name: string; ids: string[]; hci: boolean }[]> {
    const place = this.#server.origin;
    const { hciClusters = [] } = this.#options;
    const listed = await this.#list('/api/vcenter/cluster');
    return eachOf(listed, WIDTH, async (row) => {
      const name = textIn(row, 'name', place, 'a cluster');
      const number = textIn(row, 'cluster', place, 'a cluster');
      const members = await this.#list(`/api/vcenter/host?clusters=${encodeURIComponent(number)}`);
      const id = `${this.#site}/${number}`;
      const ids = members.map((one) => textIn(one, 'host', place, 'a host'));
      return { id, name, ids, hci: hciClusters.includes(name) };
    });
  }

  get #site(): string {
    return this.#options.site ?? new URL(this.#server.origin).hostname;
  }

  #hostName(id: string): HostName {
    return { by: 'name', scope: this.#site, name: id };
  }

  async #guestsOf(row: Row): Promise<{ readonly row: Row; readonly guests: readonly Row[] }> {
    const id = textIn(row, 'host', this.#server.origin, 'a host');
    return { row, guests: await this.#list(`/api/vcenter/vm?hosts=${encodeURIComponent(id)}`) };
  }

  async #host(row: Row, guests: readonly Row[], hciOf: ReadonlyMap<string, string>): Promise<HostFound> {
    const place = this.#server.origin;
    const id = textIn(row, 'host', place, 'a host');
    const hci = hciOf.get(id);
    const named = await eachOf(guests, WIDTH, (guest) => this.#nameOf(guest));
    return {
      host: this.#hostName(id),
      label: textIn(row, 'name', place, 'a host'),
      kind: 'bare_metal',
      hypervisor: 'esxi',
      ...(hci === undefined ? {} : { hci }),
      guests: named.filter((name) => name !== undefined),
    };
  }

  /** Undefined: it was deleted since it was listed, or cannot be read. A vCenter keeps the id of a guest that moves. */
  async #nameOf(row: Row): Promise<string | undefined> {
    const place = this.#server.origin;
    const id = textIn(row, 'vm', place, 'a guest');
    const path = `/api/vcenter/vm/${encodeURIComponent(id)}`;
    const said = await this.#send('GET', path);
    if (said.status === 404) return undefined;
    if (said.status === 500 && rowIn(said.body, place, path)['error_type'] === INACCESSIBLE) {
      this.#inaccessible.push(typeof row['name'] === 'string' ? row['name'] : id);
      return undefined;
    }
    assertGood(said, place, path);
    const guest = rowIn(said.body, place, `guest ${id}`);
    const name = guestName(rowIn(guest['identity'], place, `identity of ${id}`)['bios_uuid'], this.#site, id);
    if (name === undefined) throw unreadable(place, `guest ${id} has no bios_uuid`);
    const version = textIn(rowIn(guest['hardware'], place, `hardware of ${id}`), 'version', place, id);
    return readUuid(name) === undefined
      ? name
      : asSeenInside(name, Number(/^VMX_(\d+)$/.exec(version)?.[1]), String(guest['guest_OS']));
  }

  async #list(path: string): Promise<Row[]> {
    return rowsIn(await this.#get(path), this.#server.origin, path);
  }

  async #get(path: string): Promise<unknown> {
    const said = await this.#send('GET', path);
    assertGood(said, this.#server.origin, path.split('?')[0]!);
    return said.body;
  }

  #send(method: 'GET' | 'DELETE', path: string): ReturnType<Server['ask']> {
    const headers = { 'vmware-api-session-id': this.#session };
    return this.#server.ask({ method, path, headers, signal: this.#signal });
  }
}

/** From hardware version 13 on the firmware tables are of SMBIOS 2.6 or later, whose first three fields are little-endian:
 * the guest reads them the other way round. Windows reads them so in older tables too. */
function asSeenInside(uuid: string, hardware: number, os: string): string {
  if (hardware < 13 && !os.startsWith('WIN')) return uuid;
  const turned = (hex: string): string => hex.match(/../g)!.toReversed().join('');
  const [first = '', second = '', third = '', ...rest] = uuid.split('-');
  return [turned(first), turned(second), turned(third), ...rest].join('-');
}
