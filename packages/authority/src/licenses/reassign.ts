import { LeaseholdError } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { assertNewId } from '../serving/new-id.js';
import { at } from '../facts.js';
import { appendJournal } from '../store/index.js';
import { findMachineLicense, licenseFact, type MachineLicenseRow } from './machine-license.js';
import { licenseChanged } from './rows.js';

/** Hands a technician's license to another person. Only the authority may, on record (AIP-9.7, A-15); a session that runs
 * keeps its grant to the end. */
export const licenseReassign: Change<
  { readonly license: string; readonly technician: string },
  MachineLicenseRow,
  { readonly id: string }
> = {
  async judge(reader, { account }, { license: id, technician }, now) {
    assertNewId(technician, 'a technician', 'technician');
    const { policy, timeZone, catalogs } = await accountOf(reader, account);
    const license = await findMachineLicense(reader, account, id);
    if (license === undefined || license.edition !== catalogs.aip.editions?.technician) {
      throw new LeaseholdError('NOT_FOUND', 'There is no technician license with this id.', { path: 'license' });
    }
    const bound = license.bound_id === null ? null : ({ type: 'technician', id: license.bound_id } as const);
    const licenses = [{ ...licenseFact(license, bound), id }];
    const facts = at({ profile: 'aip', licenses, policy, account: { timeZone } }, now);
    const asked = { action: 'itpro.reassign', license: id, toTechnician: technician, by: 'authority' };
    return { decision: decide(facts, asked, catalogs.aip), plan: license };
  },
  async apply(tx, { account, actor }, { license: id, technician }, { bound_id: from }, now) {
    await tx.run(
      "UPDATE machine_licenses SET bound_type = 'technician', bound_id = ?, updated_at = ? WHERE account = ? AND id = ?",
      [technician, now, account, id],
    );
    appendJournal(tx, account, {
      type: 'license.reassigned',
      subject: { type: 'license', id },
      actor,
      details: { from, to: technician },
      rows: [await licenseChanged(tx, account, id, now)],
    });
    return { id };
  },
};
