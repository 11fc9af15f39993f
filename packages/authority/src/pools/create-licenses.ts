import { LeaseholdError, type Message } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { assertNewId } from '../serving/new-id.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { assertBringsCals, setCals } from './cals.js';
import { poolLicenseChanged } from './pool-rows.js';

export type NewPoolLicenses = Pick<Message<'PoolLicensesCreate'>, 'licenses'>;

/** Brings poolable licenses in, all or nothing. */
export const poolLicensesCreate: Change<NewPoolLicenses, null, { readonly id: string }> = {
  async judge(reader, { account, granted }, { licenses }) {
    if (granted !== true) await assertOwnStock(reader, account);
    for (const [index, { id, purchase, cals }] of licenses.entries()) {
      assertNewId(id, 'a license', `licenses[${index}].id`);
      // A metered one is billed by what is used (LMP-4.2).
      if (purchase === 'purchased') assertBringsCals(cals, `licenses[${index}].cals`);
      const taken = await reader.get('SELECT id FROM pool_licenses WHERE account = ? AND id = ?', [account, id]);
      if (taken === undefined && licenses.findIndex((one) => one.id === id) === index) continue;
      throw new LeaseholdError('CONFLICT', `There is a license ${id} already.`, { path: `licenses[${index}].id` });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { licenses }, _plan, now) {
    const rows: ChangedRow[] = [];
    for (const license of licenses) rows.push(await bringPoolLicense(tx, account, license, now));
    appendJournal(tx, account, {
      type: 'pool_license.created',
      subject: { type: 'pool_license', id: licenses[0]!.id },
      actor,
      details: { count: licenses.length },
      rows,
    });
    return { id: licenses[0]!.id };
  },
};

/** Writes a poolable license down, and answers its row. */
export async function bringPoolLicense(
  tx: Tx,
  account: string,
  { id, type, purchase, cals, freeUpgradeUntil }: NewPoolLicenses['licenses'][number],
  now: number,
): Promise<ChangedRow> {
  await tx.run(
    `INSERT INTO pool_licenses (account, id, type, purchase, state, free_upgrade_until, created_at)
       VALUES (?, ?, ?, ?, 'poolable', ?, ?)`,
    [account, id, type, purchase, freeUpgradeUntil, now],
  );
  await setCals(tx, account, 'license', id, cals);
  return poolLicenseChanged(tx, account, id);
}
