import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { assertEnrollmentKey, type EnrollmentKey } from './row.js';

/** Takes an enrollment key back, at once. Machines that enrolled by it keep their seats. */
export const enrollmentKeyRevoke: Change<{ readonly id: string }, EnrollmentKey, { readonly id: string }> = {
  async judge(reader, { account }, { id }) {
    const key = await assertEnrollmentKey(reader, account, id);
    if (key.revoked_at !== null) {
      throw new LeaseholdError('CONFLICT', 'This enrollment key was revoked before.', { path: 'key' });
    }
    return { decision: { ...BY_ROLE, value: { enrolled: key.used } }, plan: key };
  },
  async apply(tx, { account, actor }, { id }, key, now) {
    await tx.run('UPDATE enrollment_keys SET revoked_at = ? WHERE account = ? AND id = ?', [now, account, id]);
    appendJournal(tx, account, {
      type: 'enrollment_key.revoked',
      subject: { type: 'enrollment_key', id },
      actor,
      companyId: key.company_id,
      details: { name: key.name, enrolled: key.used },
      rows: [],
    });
    return { id };
  },
};
