import type { Evidence } from './evidence.js';
import type { Signs } from './probes/reading.js';

export interface Cloud {
  /** Null: no public cloud is told by the firmware. */
  readonly provider: string | null;
  readonly how: readonly Evidence[];
}

type Sign = 'sysVendor' | 'productName' | 'biosVendor' | 'biosVersion' | 'boardVendor' | 'chassisAssetTag';

/** Told by firmware alone: a metadata address asked on a machine that is in no cloud is a black hole. The rows with an
 * asset tag are the values the clouds document; a vendor text is anchored, so that a hostname-like text cannot fit. */
const CLOUDS: readonly (readonly [provider: string, sign: Sign, form: RegExp])[] = [
  ['aws', 'sysVendor', /^amazon ec2/i],
  ['aws', 'biosVendor', /^amazon ec2/i],
  ['aws', 'biosVersion', /\.amazon$/i],
  ['azure', 'chassisAssetTag', /^7783-7084-3265-9085-8269-3286-77$/],
  ['gcp', 'productName', /^google compute engine/i],
  ['oci', 'chassisAssetTag', /^oraclecloud\.com$/i],
  ['otc', 'chassisAssetTag', /^opentelekomcloud$/i],
  ['alibaba', 'sysVendor', /^alibaba cloud/i],
  ['tencent', 'sysVendor', /^tencent cloud/i],
  ['huawei', 'sysVendor', /^huawei cloud/i],
  ['digitalocean', 'sysVendor', /^digitalocean/i],
  ['hetzner', 'sysVendor', /^hetzner/i],
  ['scaleway', 'sysVendor', /^scaleway/i],
  ['vultr', 'sysVendor', /^vultr/i],
  ['linode', 'sysVendor', /^(linode|akamai connected cloud)/i],
  ['upcloud', 'sysVendor', /^upcloud/i],
  ['exoscale', 'sysVendor', /^exoscale/i],
  ['ibm', 'chassisAssetTag', /^ibmcloud/i],
];

const SOURCES: Readonly<Record<Sign, string>> = {
  sysVendor: 'DMI system vendor',
  productName: 'DMI product name',
  biosVendor: 'DMI BIOS vendor',
  biosVersion: 'DMI BIOS version',
  boardVendor: 'DMI board vendor',
  chassisAssetTag: 'DMI chassis asset tag',
};

/** Which public cloud this machine is in, if its firmware tells. */
export function judgeCloud(signs: Signs): Cloud {
  const row = CLOUDS.find(([, sign, form]) => form.test(signs[sign] ?? ''));
  if (row === undefined) return { provider: null, how: [] };
  return { provider: row[0], how: [{ source: SOURCES[row[1]], says: row[0] }] };
}
