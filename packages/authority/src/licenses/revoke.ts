import { LeaseholdError, type EventType } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { licenseOf, TABLE_OF, type FoundLicense } from './find-license.js';
import { coverAgain, machinesOn } from './machines-on.js';
import { licenseChanged } from './rows.js';

export interface Switched {
  readonly license: string;
}
export interface SwitchPlan {
  readonly table: (typeof TABLE_OF)[FoundLicense['kind']];
  readonly machines: readonly string[];
}

/** A license stops to be valid, or is valid again: assignments and seats stay, so that nothing is lost by a mistake. What
 * it covered may not back up meanwhile and may always restore (D-1). */
function switchState(
  from: 'active' | 'revoked',
  type: EventType,
): Change<Switched, SwitchPlan, { readonly id: string }> {
  const to = from === 'active' ? 'revoked' : 'active';
  return {
    edits: ({ license }) => [license],
    async judge(reader, { account }, { license: id }) {
      const license = await licenseOf(reader, account, id);
      if (license.row.state !== from)
        throw new LeaseholdError('CONFLICT', `The license ${id} is ${license.row.state} already.`, { path: 'license' });
      const machines = await machinesOn(reader, account, license);
      const decision = { ...BY_ROLE, value: { machines: machines.length } };
      return { decision, plan: { table: TABLE_OF[license.kind], machines } };
    },
    async apply(tx, { account, actor }, { license: id }, { table, machines }, now) {
      await tx.run(`UPDATE ${table} SET state = ?, updated_at = ? WHERE account = ? AND id = ?`, [
        to,
        now,
        account,
        id,
      ]);
      appendJournal(tx, account, {
        type,
        subject: { type: 'license', id },
        actor,
        details: { machines: machines.length },
        rows: [await licenseChanged(tx, account, id, now), ...(await coverAgain(tx, account, machines, now))],
      });
      return { id };
    },
  };
}

export const licenseRevoke = switchState('active', 'license.revoked');
export const licenseReinstate = switchState('revoked', 'license.reinstated');
