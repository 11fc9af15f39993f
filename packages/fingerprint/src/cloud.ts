import type { Evidence } from './evidence.js';
import { begins, ends, firstInFirmware, is } from './firmware.js';
import type { FirmwareRow } from './firmware.js';
import type { Signs } from './probes/reading.js';

export interface Cloud {
  /** Null: no public cloud is told by the firmware. */
  readonly provider: string | null;
  readonly how: readonly Evidence[];
}

/** Told by firmware alone: a metadata address asked on a machine that is in no cloud is a black hole. The rows with an
 * asset tag are the values the clouds document. */
const CLOUDS: readonly FirmwareRow[] = [
  ['aws', 'sysVendor', begins('amazon ec2')],
  ['aws', 'biosVendor', begins('amazon ec2')],
  ['aws', 'biosVersion', ends('.amazon')],
  ['azure', 'chassisAssetTag', is('7783-7084-3265-9085-8269-3286-77')],
  ['gcp', 'productName', begins('google compute engine')],
  ['oci', 'chassisAssetTag', is('oraclecloud.com')],
  ['otc', 'chassisAssetTag', is('opentelekomcloud')],
  ['alibaba', 'sysVendor', begins('alibaba cloud')],
  ['tencent', 'sysVendor', begins('tencent cloud')],
  ['huawei', 'sysVendor', begins('huawei cloud')],
  ['digitalocean', 'sysVendor', begins('digitalocean')],
  ['hetzner', 'sysVendor', begins('hetzner')],
  ['scaleway', 'sysVendor', begins('scaleway')],
  ['vultr', 'sysVendor', begins('vultr')],
  ['linode', 'sysVendor', begins('linode', 'akamai connected cloud')],
  ['upcloud', 'sysVendor', begins('upcloud')],
  ['exoscale', 'sysVendor', begins('exoscale')],
  ['ibm', 'chassisAssetTag', begins('ibmcloud')],
];

/** Which public cloud this machine is in, if its firmware tells. */
export function judgeCloud(signs: Signs): Cloud {
  const told = firstInFirmware(CLOUDS, signs);
  return told === undefined ? { provider: null, how: [] } : { provider: told.says, how: [told] };
}
