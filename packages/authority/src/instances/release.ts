import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { reuseOf, toldOf } from '../licenses/reuse.js';
import { appendJournal } from '../store/index.js';
import { giveBack, OUT } from './deactivate.js';
import { judgeStale } from './detail.js';
import { assertInstance, updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';
import { settleFork } from './settle-fork.js';

/** Takes a machine's seat back. Its last lease cannot be called back: the seat is reusable when that has ended, and the
 * instant is shown; one that is silent for longer than its lease is free at once (design section 3, Release; D-10). */
export const machineRelease: Change<
  { readonly machine: string },
  InstanceRow,
  { readonly id: string; readonly reusableFrom: number | null }
> = {
  async judge(reader, { account }, { machine }, now) {
    const row = await assertInstance(reader, account, machine);
    if (row.state === 'released' || row.state === 'retired') {
      throw new LeaseholdError('CONFLICT', 'This machine holds no seat any more.', { path: 'machine' });
    }
    const stale = await judgeStale(reader, row, now);
    return { decision: stale.decision === 'warn' ? stale : BY_ROLE, plan: row };
  },
  async apply(tx, { account, actor }, _input, row, now) {
    const reuse = await reuseOf(tx, account, row.lease_expires_at, now);
    const { reusableFrom } = reuse;
    const rows = [...(await giveBack(tx, row, reusableFrom, now)), ...(await settleFork(tx, row, now))];
    const released = await updateInstance(tx, row, OUT);
    appendJournal(tx, account, {
      type: 'machine.released',
      subject: { type: 'machine', id: row.id },
      actor,
      companyId: row.company_id,
      details: toldOf(reuse),
      rows: [machineChanged(released, now), ...rows],
    });
    return { id: row.id, reusableFrom };
  },
};
