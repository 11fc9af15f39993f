import { randomBytes } from 'node:crypto';
import type { License } from '@leasehold/sdk';
import { Desk } from './desk.js';
import { Door } from './door.js';

export interface RelayOptions {
  /** The backup server's own license: an open handle that holds a Pool Key. */
  readonly license: License;
  /** Absolute path of a folder of the relay alone. */
  readonly folder: string;
  /** What to listen on; loopback unless it says otherwise, and any free port. */
  readonly host?: string;
  readonly port?: number;
  /** PEM. Without it the relay speaks plain HTTP: what is signed stays safe on it, what is personal does not. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The address that agents use, where it is not the one listened on. */
  readonly publicUrl?: string;
  /** For tests alone. */
  readonly testing?: { readonly random?: (size: number) => Uint8Array; readonly now?: () => number };
}

/** One client of the relay, as its administrator sees it. */
export interface RelayClient {
  readonly id: string;
  /** CAL kind, and its number in the quota of that kind. */
  readonly kind: string;
  readonly n: number;
  readonly label: string | null;
  /** RFC 3339. */
  readonly since: string;
  readonly leaseUntil: string;
  /** Two machines hold its chain. */
  readonly forked: boolean;
  /** Taken off; its number is free from `leaseUntil` on. */
  readonly removed: boolean;
}

export interface Relay {
  /** What agents give as their `authority`. */
  readonly url: string;
  /** A code by which agents join as clients of a CAL kind, for seven days unless said otherwise; shown once. */
  enroll(kind: string, days?: number): Promise<string>;
  clients(): readonly RelayClient[];
  /** Takes a client off. Its number can be given again from the instant that is answered, RFC 3339. */
  remove(id: string): Promise<{ readonly reusableFrom: string }>;
  /** CALs in use by kind: what the option `server` of `openLicense` is to report. */
  used(): Record<string, number>;
  close(): Promise<void>;
}

const ENROLLMENT_DAYS = 7;

/** Lends a backup server's Pool Key to its agents on the local network: each gets a sub-lease with its number in the
 * quota, signed by the server's device key and chained to the vendor's root (design section 4, Relay). Works while the
 * server is offline inside its lease. Throws PORT_IN_USE and what the file system says of the folder. */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { license, folder, host = '127.0.0.1', port = 0, tls, publicUrl, testing = {} } = options;
  const random = testing.random ?? randomBytes;
  const now = testing.now ?? Date.now;
  const desk = await Desk.open({ license, folder, random });
  const optional = { ...(tls === undefined ? {} : { tls }), ...(publicUrl === undefined ? {} : { publicUrl }) };
  const door = new Door(desk, { host, port, random, now, ...optional });
  await door.listen();
  return {
    url: door.url,
    enroll: (kind, days = ENROLLMENT_DAYS) => desk.enroll(kind, days),
    clients: () => desk.slots.map((slot) => clientOf(slot)),
    remove: async (id) => ({ reusableFrom: iso((await desk.remove(id)).head.exp) }),
    used: () => desk.used(now()),
    close: async () => {
      await door.close();
      await desk.close();
    },
  };
}

function clientOf({ id, kind, n, label, since, head, forked, removed }: Desk['slots'][number]): RelayClient {
  return { id, kind, n, label, since: iso(since), leaseUntil: iso(head.exp), forked, removed };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
