import { LeaseholdError } from '@leasehold/protocol';
import type { Reader } from '../store/index.js';
import { findInstanceLicense, type InstanceLicenseRow } from './instance-license.js';
import { findMachineLicense, type MachineLicenseRow } from './machine-license.js';

/** A license of either kind. */
export type FoundLicense =
  | { readonly kind: 'instance'; readonly row: InstanceLicenseRow }
  | { readonly kind: 'machine'; readonly row: MachineLicenseRow };

/** @throws LeaseholdError NOT_FOUND */
export async function licenseOf(reader: Reader, account: string, id: string): Promise<FoundLicense> {
  const single = await findInstanceLicense(reader, account, id);
  if (single !== undefined) return { kind: 'instance', row: single };
  const machine = await findMachineLicense(reader, account, id);
  if (machine !== undefined) return { kind: 'machine', row: machine };
  throw new LeaseholdError('NOT_FOUND', `There is no license ${id}.`, { path: 'license' });
}

/** @throws LeaseholdError NOT_FOUND where it is none of an instance */
export async function instanceLicenseOf(reader: Reader, account: string, id: string): Promise<InstanceLicenseRow> {
  const row = await findInstanceLicense(reader, account, id);
  if (row !== undefined) return row;
  throw new LeaseholdError('NOT_FOUND', 'There is no license of an instance with this id.', {
    path: 'license',
    remedy: 'Licenses of machines and hosts bind themselves when a machine activates, and are renewed by their seller.',
  });
}

/** The refusal of an activation whose key is known and whose license is not there any more. */
export function licenseGone(): LeaseholdError {
  return new LeaseholdError('LICENSE_KEY_UNKNOWN', 'The license of this key is gone.', {
    path: 'licenseKey',
    remedy: 'Ask an administrator of the account for the key of another license.',
  });
}

/** The table that a license of this kind stands in. */
export const TABLE_OF = { instance: 'instance_licenses', machine: 'machine_licenses' } as const;
