import { LeaseholdError, type Message } from '@leasehold/protocol';
import { isDay, isIso } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { BY_ROLE, type By, type Change } from '../serving/changes.js';
import { assertEdition } from '../catalogs/editions.js';
import { assertCompany } from '../companies/find.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { notInCalendar } from '../serving/known-members.js';
import { assertNewId } from '../serving/new-id.js';
import { assertOwnStock } from '../vendor-grants/own-stock.js';
import { endOf, insertInstanceLicense, insertMachineLicense } from './insert.js';
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

/** What keeps licenses from coming in, by their place in the list: the first fault of each. A vendor who grants may be
 * ahead with an edition: its catalog follows. */
export async function* faultsOf(
  reader: Reader,
  account: string,
  licenses: readonly NewLicense[],
  granted = false,
): AsyncGenerator<{ readonly index: number; readonly error: LeaseholdError }> {
  const { timeZone, catalogs } = await accountOf(reader, account);
  for (const [index, license] of licenses.entries()) {
    const path = `licenses[${index}]`;
    try {
      assertNewId(license.id, 'a license', `${path}.id`);
      if (license.profile === 'aip' && !granted) assertEdition(license.type, catalogs.aip, `${path}.type`);
      assertDates(license, timeZone, path);
      assertEnd(license, path);
      assertUnique(licenses, license, path);
      await assertFresh(reader, account, license, path);
    } catch (thrown) {
      if (!LeaseholdError.is(thrown)) throw thrown;
      yield { index, error: thrown };
    }
  }
}

/** The calendar has both, and the license begins before it ends: an end that nobody can read would never come. */
function assertDates({ startsAt, validUntil }: NewLicense, timeZone: string, path: string): void {
  for (const [name, date] of Object.entries({ startsAt: startsAt ?? null, validUntil })) {
    if (date !== null && !isDay(date) && !isIso(date)) throw notInCalendar(date, `${path}.${name}`);
  }
  const ends = endOf(validUntil, timeZone);
  if (startsAt === undefined || ends === null || Date.parse(startsAt) < ends) return;
  throw new LeaseholdError('INPUT_INVALID', 'The license ends before it begins.', {
    path: `${path}.validUntil`,
    remedy: 'Give an end after its beginning.',
  });
}

/** Only a perpetual license may be without an end; one of an instance ends with a day (MSP-P1), and it alone renews. */
function assertEnd({ profile, term, validUntil, autoRenew }: NewLicense, path: string): void {
  if (profile === 'aip' && autoRenew) throw renewsNotItself(`${path}.autoRenew`);
  const fine = profile === 'msp' ? isDay(validUntil) : validUntil !== null || term === 'perpetual';
  if (fine) return;
  throw new LeaseholdError('INPUT_INVALID', 'The license needs an end.', {
    path: `${path}.validUntil`,
    remedy:
      profile === 'msp'
        ? 'Give its last day, like 2027-01-31.'
        : `A ${term} license ends: give its last day or instant.`,
  });
}

/** The renewal run is of instances (MSP-7.5): what says that it renews and does not would end as a surprise. */
export function renewsNotItself(path: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'Only licenses of instances renew by themselves.', {
    path,
    remedy: 'Leave it out, and order the renewal before the end: it is told 30 days before (D-2).',
  });
}

function assertUnique(licenses: readonly NewLicense[], license: NewLicense, path: string): void {
  if (licenses.filter(({ id }) => id === license.id).length === 1 && (license.profile === 'aip' || license.seats === 1))
    return;
  const twice = licenses.filter(({ id }) => id === license.id).length > 1;
  throw new LeaseholdError(
    'INPUT_INVALID',
    twice ? 'One id stands for two licenses.' : 'A license of an instance has one seat.',
    {
      path: `${path}.${twice ? 'id' : 'seats'}`,
      remedy: twice ? 'Give each license its own id, or none.' : 'List one license for each instance.',
    },
  );
}

async function assertFresh(
  reader: Reader,
  account: string,
  { id, companyId }: NewLicense,
  path: string,
): Promise<void> {
  const taken = await reader.get(
    `SELECT id FROM machine_licenses WHERE account = ? AND id = ?
       UNION ALL SELECT id FROM instance_licenses WHERE account = ? AND id = ?`,
    [account, id, account, id],
  );
  if (taken !== undefined)
    throw new LeaseholdError('CONFLICT', `There is a license ${id} already.`, { path: `${path}.id` });
  if (companyId === null) return;
  await assertCompany(reader, account, companyId, `${path}.companyId`);
}

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
