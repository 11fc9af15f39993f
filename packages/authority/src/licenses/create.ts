import type { Message } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import { BY_ROLE, type By, type Change } from '../serving/changes.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { faultsOf } from './faults.js';
import { insertInstanceLicense, insertMachineLicense } from './insert.js';
import { licenseChanged } from './rows.js';
import { takeSeat } from './seats.js';

export type NewLicense = Message<'LicensesCreate'>['licenses'][number] & {
  readonly id: string;
  /** SHA-256 of its license key; the key itself is shown once and never kept. */
  readonly keyHash: string;
};

export interface NewLicenses {
  readonly licenses: readonly NewLicense[];
}

/** Brings licenses in, all or nothing. Installing is never refused by rule (D-7); what is refused is a license that the
 * rules could not read. */
export const licensesCreate: Change<NewLicenses, { readonly timeZone: string }, { readonly ids: readonly string[] }> = {
  async judge(reader, { account, granted }, { licenses }) {
    if (granted !== true) await assertOwnStock(reader, account);
    const { timeZone } = await accountOf(reader, account);
    for await (const { error } of faultsOf(reader, account, licenses, granted)) throw error;
    return { decision: BY_ROLE, plan: { timeZone } };
  },
  async apply(tx, by, { licenses }, { timeZone }, now) {
    const rows: ChangedRow[] = [];
    for (const license of licenses) {
      await (license.profile === 'aip' ? insertMachine : insertInstance)(tx, by, license, timeZone, now);
      const kind = license.profile === 'aip' ? 'machine_license' : 'instance_license';
      await tx.run('INSERT INTO directory (hash, account, kind, target) VALUES (?, ?, ?, ?)', [
        license.keyHash,
        by.account,
        kind,
        license.id,
      ]);
      rows.push(await licenseChanged(tx, by.account, license.id, now));
    }
    appendJournal(tx, by.account, {
      type: 'license.created',
      subject: { type: 'license', id: licenses[0]!.id },
      actor: by.actor,
      details: { count: licenses.length },
      rows,
    });
    return { ids: licenses.map(({ id }) => id) };
  },
};

async function insertMachine(
  tx: Tx,
  { account }: By,
  license: NewLicense,
  timeZone: string,
  now: number,
): Promise<void> {
  const { id, type, term, startsAt = null, validUntil, seats, companyId, boundTo = null } = license;
  const columns = {
    id,
    edition: type,
    term,
    starts_at: startsAt,
    valid_until: validUntil,
    bound_type: boundTo?.type ?? null,
    bound_id: boundTo?.id ?? null,
    quota: seats,
    company_id: companyId,
    transaction_id: license.transaction ?? null,
  };
  await insertMachineLicense(tx, { account, timeZone }, columns, now);
  if (boundTo === null || boundTo.type === 'technician') return;
  await takeSeat(tx, account, id, `${boundTo.type}:${boundTo.id}`, now);
}

async function insertInstance(
  tx: Tx,
  { account }: By,
  license: NewLicense,
  timeZone: string,
  now: number,
): Promise<void> {
  const { id, type, kind, companyId, autoRenew, transaction = null } = license;
  const columns = {
    id,
    type,
    kind,
    company_id: companyId,
    // `assertEnd` has seen it.
    valid_until: license.validUntil!,
    auto_renew: autoRenew ? 1 : 0,
    transaction_id: transaction,
  };
  await insertInstanceLicense(tx, { account, timeZone }, columns, now);
}
