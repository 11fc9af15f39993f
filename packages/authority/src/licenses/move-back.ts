import { LeaseholdError } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at, machineFact } from '../facts.js';
import { withdrawGone } from '../instances/declarations.js';
import { assertInstance, updateInstance, type InstanceRow } from '../instances/instance.js';
import { IN_SERVICE, moveRights } from '../instances/succession.js';
import { appendJournal } from '../store/index.js';
import { licenseFact } from './machine-license.js';
import { licenseOf } from './find-license.js';
import { coverAgain } from './machines-on.js';

export interface MoveBack {
  readonly license: string;
  readonly machine: string;
}
interface Machines {
  readonly from: InstanceRow;
  readonly to: InstanceRow;
}

/** A cut-over that failed: the license goes back to the machine that it came from, which is in service again, as long as
 * the new one has not backed up (F-8). */
export const licenseMoveBack: Change<MoveBack, Machines, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license: id, machine }, now) {
    const from = await assertInstance(reader, account, machine);
    const before = await reader.get<{ id: string }>(
      'SELECT id FROM instances WHERE account = ? AND superseded_by = ? ORDER BY superseded_at DESC, id LIMIT 1',
      [account, machine],
    );
    if (before === undefined || from.entitlement_id !== id) {
      throw new LeaseholdError('CONFLICT', `${id} was not moved to this machine.`, {
        path: 'machine',
        remedy: 'Name the machine that the license was moved to.',
      });
    }
    const to = await assertInstance(reader, account, before.id);
    const license = await licenseOf(reader, account, id);
    const { policy, timeZone, catalogs } = await accountOf(reader, account);
    const bound = { type: 'machine', id: from.id } as const;
    const licenses = license.kind === 'machine' ? [{ ...licenseFact(license.row, bound), id }] : [plain(id, bound)];
    const machines = [machineFact(from), machineFact(to)];
    const facts = { profile: 'aip', machines, licenses, policy, account: { timeZone } } as const;
    const request = { action: 'license.move_back', license: id, from: from.id, to: to.id };
    return { decision: decide(at(facts, now), request, catalogs.aip), plan: { from, to } };
  },
  async apply(tx, { account, actor }, { license: id }, { from, to }, now) {
    const rows = await moveRights(tx, from, to, now);
    await withdrawGone(tx, to, now);
    const { entitlement_kind: kind } = from;
    await updateInstance(tx, to, { ...IN_SERVICE, entitlement_kind: kind, entitlement_id: id });
    await updateInstance(tx, from, { entitlement_id: null });
    appendJournal(tx, account, {
      type: 'license.moved_back',
      subject: { type: 'license', id },
      actor,
      details: { from: from.id, to: to.id },
      rows: [...rows, ...(await coverAgain(tx, account, [from.id, to.id], now))],
    });
    return { id };
  },
};

/** F-8 asks of the machines alone; the license of an instance stands for itself. */
function plain(id: string, boundTo: { readonly type: 'machine'; readonly id: string }) {
  return { id, edition: 'server', term: 'subscription', validUntil: null, boundTo } as const;
}
