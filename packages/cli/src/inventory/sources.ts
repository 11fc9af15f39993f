import { LeaseholdError } from '@leasehold/protocol';
import type * as Hypervisors from '@leasehold/inventory';
import type { Inventory, InventoryProvider, InventoryReport, Trust } from '@leasehold/inventory';
import type { Given, Io, Option } from '../command.js';
import { readTextFile } from '../read-file.js';

/** Which hypervisors are asked, and how. Credentials come from files: what is typed stands in the shell's history. */
export const SOURCE_OPTIONS: Readonly<Record<string, Option>> = {
  from: { what: 'libvirt, proxmox, vsphere or hyper-v', value: 'SYSTEM' },
  uri: { what: 'libvirt: connection, one for each host (qemu:///system)', value: 'URI', many: true },
  'host-uuid': { what: 'libvirt: the host that tells none', value: 'UUID' },
  url: { what: 'proxmox, vsphere: https://HOST[:PORT]', value: 'URL' },
  'secret-file': { what: 'proxmox: file with the API token; vsphere: with the password', value: 'FILE' },
  user: { what: 'vsphere: who signs in', value: 'NAME' },
  ca: { what: 'proxmox, vsphere: PEM of its certificate authority', value: 'FILE' },
  fingerprint: { what: 'proxmox, vsphere: SHA-256 of its certificate', value: 'HEX' },
  cluster: { what: 'All these hosts form this cluster group', value: 'NAME' },
  hci: { what: 'All these hosts form this hyper-converged system', value: 'NAME' },
  'no-labels': { what: 'Do not send what hosts are called' },
};

export interface Read {
  readonly report: InventoryReport;
  readonly silent: readonly string[];
  readonly inaccessible: readonly string[];
}

/** What is missing in the report, and what that means. */
export function sayUntold({ silent, inaccessible }: Read, io: Io): void {
  for (const host of silent) io.err(`${host} did not answer: what was known of it stands.`);
  for (const guest of inaccessible) io.err(`${guest} cannot be read, nor backed up: look at its storage and its host.`);
}

/** Asks the hypervisors that were named. @throws LeaseholdError INPUT_INVALID, INVENTORY_FAILED: never half a report */
export async function readSources(given: Given, product: string): Promise<Read> {
  const inventory = await import('@leasehold/inventory');
  const { InventoryError, inventoryReport, readAll } = inventory;
  try {
    const found: Inventory = await readAll(await providersOf(given, inventory));
    const [cluster, hci] = [given.get('cluster'), given.get('hci')];
    const report = inventoryReport(found, {
      product,
      labels: !given.has('no-labels'),
      ...(cluster === undefined ? {} : { cluster }),
      ...(hci === undefined ? {} : { hci }),
    });
    return { report, silent: found.silent, inaccessible: found.inaccessible ?? [] };
  } catch (cause) {
    if (!InventoryError.is(cause)) throw cause;
    const { code, message, remedy } = cause;
    const ours = code === 'OPTIONS_INVALID' ? 'INPUT_INVALID' : 'INVENTORY_FAILED';
    throw new LeaseholdError(ours, message, { remedy, reason: code, cause });
  }
}

async function providersOf(
  given: Given,
  { libvirt, proxmox, vsphere, hyperV }: typeof Hypervisors,
): Promise<InventoryProvider[]> {
  const hostUuid = given.get('host-uuid');
  switch (given.get('from') ?? '') {
    case 'libvirt': {
      const uris = given.has('uri') ? given.all('uri') : ['qemu:///system'];
      return uris.map((uri) => libvirt({ uri, ...(hostUuid === undefined ? {} : { hostUuid }) }));
    }
    case 'proxmox':
      return [proxmox({ url: needed(given, 'url'), token: await secretOf(given), trust: await trustOf(given) })];
    case 'vsphere': {
      const [url, user] = [needed(given, 'url'), needed(given, 'user')];
      return [vsphere({ url, user, password: await secretOf(given), trust: await trustOf(given) })];
    }
    case 'hyper-v':
      return [hyperV()];
    default:
      throw misuse('from', `--from takes ${SOURCE_OPTIONS['from']!.what}.`);
  }
}

async function trustOf(given: Given): Promise<Trust> {
  const fingerprint = given.get('fingerprint');
  if (fingerprint !== undefined) return { fingerprint };
  return given.has('ca') ? { ca: await textOf(given, 'ca') } : {};
}

async function secretOf(given: Given): Promise<string> {
  return (await textOf(given, 'secret-file')).trim();
}

async function textOf(given: Given, option: string): Promise<string> {
  return readTextFile(needed(given, option));
}

function needed(given: Given, option: string): string {
  const value = given.get(option);
  if (value !== undefined) return value;
  throw misuse(option, `--${option} ${SOURCE_OPTIONS[option]!.value ?? ''} is missing.`);
}

function misuse(path: string, message: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', message, {
    path,
    remedy: 'docs/inventory.md shows one call for each system.',
    ...(cause === undefined ? {} : { cause }),
  });
}
