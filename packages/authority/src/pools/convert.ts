import { LeaseholdError } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at } from '../facts.js';
import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { poolFacts } from './facts.js';
import { keysOfType } from './key-row.js';
import { poolLicenseChanged } from './pool-rows.js';

export interface Conversion {
  readonly license: string;
  readonly confirmName?: string | undefined;
}

interface Plan {
  readonly type: string;
  /** The server that runs on it (LMP-3.2). */
  readonly appliedTo: string | null;
}

/** Add to Pool: irreversible, so it is confirmed by the license's own name (LMP-3.1). The license's date may become the
 * date of every key of its type (LMP-4.17), whose rows then change with it. */
export const poolConvert: Change<Conversion, Plan, { readonly id: string }> = {
  async judge(reader, { account }, { license: id, confirmName }, now) {
    const own = await accountOf(reader, account);
    const facts = await poolFacts(reader, own);
    const license = (facts.licenses ?? []).find((one) => one.id === id);
    if (license === undefined || !('purchase' in license)) {
      throw new LeaseholdError('NOT_FOUND', `There is no poolable license ${id}.`, { path: 'license' });
    }
    const request = { action: 'pool.convert', license: id, confirm: confirmName === id };
    return {
      decision: decide(at(facts, now), request, own.catalogs.lmp),
      plan: { type: license.type, appliedTo: license.appliedTo ?? null },
    };
  },
  async apply(tx, { account, actor }, { license: id }, { type, appliedTo }, now) {
    await tx.run("UPDATE pool_licenses SET state = 'pooled', pooled_at = ? WHERE account = ? AND id = ?", [
      now,
      account,
      id,
    ]);
    const rows = [
      await poolLicenseChanged(tx, account, id),
      ...(await keysOfType(tx, account, type, now)),
      ...(await serverOf(tx, account, appliedTo, now)),
    ];
    appendJournal(tx, account, {
      type: 'pool_license.pooled',
      subject: { type: 'pool_license', id },
      actor,
      details: { type },
      rows,
    });
    return { id };
  },
};

/** The server whose license this was runs on for 14 days (LMP-4.5); its row says so from now on. */
async function serverOf(tx: Tx, account: string, id: string | null, now: number): Promise<ChangedRow[]> {
  const server = id === null ? undefined : await findInstance(tx, account, id);
  return server?.state !== 'active' ? [] : [machineChanged((await noteCover(tx, server, now)).row, now)];
}
