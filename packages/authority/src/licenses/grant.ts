import { LeaseholdError } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { assertCompany } from '../companies/find.js';
import { assertNotGiven } from '../companies/grant-rows.js';
import { isWithin } from '../companies/reach.js';
import type { Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { instanceLicenseOf } from './find-license.js';
import { withdrawKey } from './issue-keys.js';
import { licenseChanged } from './rows.js';

export interface Grant {
  readonly license: string;
  readonly company: string | null;
  readonly user?: string | null | undefined;
}

/** Says to whom a license belongs: a company (MSP-4) and a user of it, or the global pool (MSP-3). One that is in use
 * changes its user alone: its owner only when it has been released (MSP-2), and one that was given down the line only when
 * it has been taken back. */
export const licenseGrant: Change<Grant, { readonly leaves: boolean }, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license: id, company, user }) {
    if (company !== null) await assertCompany(reader, account, company, 'company');
    if (company === null && user != null)
      throw new LeaseholdError('INPUT_INVALID', 'What lies in the global pool belongs to no user.', {
        path: 'user',
        remedy: 'Name the company of the user.',
      });
    const { company_id: owner, assigned_to: holder } = await instanceLicenseOf(reader, account, id);
    if (owner !== company) await assertNotGiven(reader, account, id);
    const decision: Decision =
      holder !== null && owner !== company
        ? { decision: 'refuse', reason_rule: 'MSP-2', code: 'ALREADY_ASSIGNED' }
        : { decision: 'allow', reason_rule: company === null ? 'MSP-3' : 'MSP-4' };
    const stays = owner === null || (company !== null && (await isWithin(reader, account, company, owner)));
    return { decision, plan: { leaves: !stays } };
  },
  async apply(tx, { account, actor }, { license: id, company, user = null }, { leaves }, now) {
    await tx.run(
      'UPDATE instance_licenses SET company_id = ?, user_name = ?, updated_at = ? WHERE account = ? AND id = ?',
      [company, user, now, account, id],
    );
    if (leaves) await withdrawKey(tx, account, id);
    appendJournal(tx, account, {
      type: 'license.granted',
      subject: { type: 'license', id },
      actor,
      companyId: company,
      details: { company, user },
      rows: [await licenseChanged(tx, account, id, now)],
    });
    return { id };
  },
};
