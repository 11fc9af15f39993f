import { endOfDay, isDay } from '@leasehold/terms';
import type { Tx } from '../store/index.js';
import type { InstanceLicenseRow } from './instance-license.js';
import type { MachineLicenseRow } from './machine-license.js';

type NewMachineLicense = Pick<
  MachineLicenseRow,
  'id' | 'edition' | 'term' | 'starts_at' | 'valid_until' | 'bound_type' | 'bound_id' | 'quota' | 'company_id'
> & { readonly transaction_id: string | null };

/** Writes a license of machines or hosts down, with no seat taken. */
export async function insertMachineLicense(
  tx: Tx,
  { account, timeZone }: { readonly account: string; readonly timeZone: string },
  license: NewMachineLicense,
  now: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO machine_licenses (account, id, edition, term, starts_at, valid_until, ends_at, bound_type, bound_id, quota,
       used, state, company_id, transaction_id, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'active', ?, ?, ?, ?)`,
    [
      account,
      license.id,
      license.edition,
      license.term,
      license.starts_at,
      license.valid_until,
      endOf(license.valid_until, timeZone),
      license.bound_type,
      license.bound_id,
      license.quota,
      license.company_id,
      license.transaction_id,
      now,
      now,
    ],
  );
}

type NewInstanceLicense = Pick<
  InstanceLicenseRow,
  'id' | 'type' | 'kind' | 'company_id' | 'valid_until' | 'auto_renew' | 'transaction_id'
>;

/** Writes a license of one instance down, assigned to none. */
export async function insertInstanceLicense(
  tx: Tx,
  { account, timeZone }: { readonly account: string; readonly timeZone: string },
  license: NewInstanceLicense,
  now: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO instance_licenses (account, id, number, type, kind, company_id, valid_until, ends_at, auto_renew,
       transaction_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      account,
      license.id,
      license.id,
      license.type,
      license.kind,
      license.company_id,
      license.valid_until,
      endOf(license.valid_until, timeZone),
      license.auto_renew,
      license.transaction_id,
      now,
      now,
    ],
  );
}

/** The first instant after the end; a day counts to its last moment in the account's zone. */
export function endOf(validUntil: string | null, timeZone: string): number | null {
  if (validUntil === null) return null;
  return isDay(validUntil) ? endOfDay(validUntil, timeZone) : Date.parse(validUntil);
}
