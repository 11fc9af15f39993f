import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { instanceLicenseOf } from './find-license.js';
import { licenseChanged } from './rows.js';

export interface AutoRenew {
  readonly license: string;
  readonly autoRenew: boolean;
}

/** Switches whether a license renews itself; off, it is valid through its last day (MSP-P1). */
export const licenseAutoRenew: Change<AutoRenew, null, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license }) {
    await instanceLicenseOf(reader, account, license);
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { license: id, autoRenew }, _plan, now) {
    await tx.run('UPDATE instance_licenses SET auto_renew = ?, updated_at = ? WHERE account = ? AND id = ?', [
      autoRenew ? 1 : 0,
      now,
      account,
      id,
    ]);
    appendJournal(tx, account, {
      type: 'license.auto_renew_changed',
      subject: { type: 'license', id },
      actor,
      details: { autoRenew },
      rows: [await licenseChanged(tx, account, id, now)],
    });
    return { id };
  },
};
