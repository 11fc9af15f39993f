import { LeaseholdError } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { noteCover } from '../instances/cover.js';
import { findInstance, updateInstance, type InstanceRow } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { licensedCopy, settleFork } from '../instances/settle-fork.js';
import { appendJournal, type ChangedRow } from '../store/index.js';
import { findInstanceLicense, instanceLicenseFacts, type InstanceLicenseRow } from './instance-license.js';
import { licenseChanged } from './rows.js';

export interface Assignment {
  readonly license: string;
  readonly to: string;
  readonly kind: 'computer' | 'domain';
}
interface Plan {
  readonly instance: InstanceRow | undefined;
}

/** Assigns a license to a computer or a domain (MSP-2 to MSP-4, MSP-12). The instance learns at its next check-in. */
export const licenseAssign: Change<Assignment, Plan, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license: id, to, kind }, now) {
    const license = assignable(await findInstanceLicense(reader, account, id));
    const instance = kind === 'computer' ? await findInstance(reader, account, to) : undefined;
    if (kind === 'computer' && instance === undefined) {
      throw new LeaseholdError('NOT_FOUND', `There is no computer ${to}.`, {
        path: 'to',
        remedy: 'Name one of the machines that were activated, by its id.',
      });
    }
    // A domain stands for its computers. No machine tells its domain, so that none is covered by it.
    const asked = instance ?? { id: to, company_id: license.company_id, os: 'unknown' as const, short_since: null };
    const own = await accountOf(reader, account);
    const facts = await instanceLicenseFacts(reader, own, asked, license);
    const request = { action: 'license.assign', license: id, instance: to };
    return {
      decision: decide(at(facts, now), request, own.catalogs.msp),
      plan: { instance },
    };
  },
  async apply(tx, { account, actor }, { license: id, to, kind }, { instance }, now) {
    const taken = await tx.run(
      `UPDATE instance_licenses SET assigned_to = ?, assigned_kind = ?, computer_name = ?, os = ?, updated_at = ?
         WHERE account = ? AND id = ? AND assigned_to IS NULL`,
      [to, kind, instance?.label ?? null, instance?.os ?? null, now, account, id],
    );
    if (taken === 0) throw new LeaseholdError('CONFLICT', 'The license was assigned elsewhere in the meantime.');
    const rows: ChangedRow[] = [await licenseChanged(tx, account, id, now)];
    if (instance !== undefined) {
      const on = { entitlement_kind: 'instance_license', entitlement_id: id, ...licensedCopy(instance) } as const;
      const { row } = await noteCover(tx, await updateInstance(tx, instance, on), now);
      rows.push(machineChanged(row, now), ...(await settleFork(tx, instance, now)));
    }
    appendJournal(tx, account, {
      type: 'license.assigned',
      subject: { type: 'license', id },
      actor,
      details: { to, kind },
      rows,
    });
    return { id };
  },
};

function assignable(license: InstanceLicenseRow | undefined): InstanceLicenseRow {
  if (license?.state === 'revoked')
    throw new LeaseholdError('LICENSE_REVOKED', 'This license was revoked.', {
      path: 'license',
      remedy: 'Reinstate it first, or take another.',
    });
  if (license !== undefined) return license;
  throw new LeaseholdError('NOT_FOUND', 'There is no license of an instance with this id.', {
    path: 'license',
    remedy: 'Machine and host licenses are not assigned here: they bind themselves when a machine activates.',
  });
}
