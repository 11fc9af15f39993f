import { LeaseholdError } from '@leasehold/protocol';
import { isDay, isIso, type Catalog } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { assertEdition } from '../catalogs/editions.js';
import { assertCompany } from '../companies/find.js';
import { notInCalendar } from '../serving/known-members.js';
import { assertNewId } from '../serving/new-id.js';
import type { Reader } from '../store/index.js';
import type { NewLicense } from './create.js';
import { endOf } from './insert.js';

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
      assertTrial(license, path);
      assertBinding(license, catalogs.aip, path);
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

/** What is a trial by one word and bought by the other would be one or the other in silence. */
function assertTrial({ profile, kind, term }: NewLicense, path: string): void {
  // Of an instance the kind alone says it: its licenses all end with a day.
  const fine = profile === 'msp' ? kind === 'trial' || term !== 'trial' : (kind === 'trial') === (term === 'trial');
  if (fine) return;
  throw new LeaseholdError('INPUT_INVALID', `A license of the kind ${kind} has not the term ${term}.`, {
    path: `${path}.term`,
    remedy: 'Say trial in both, or in none.',
  });
}

/** An instance's license is assigned later; a technician's is a person's, and nobody else's is (AIP-9.7). */
function assertBinding({ profile, type, boundTo }: NewLicense, { editions }: Catalog, path: string): void {
  if (boundTo === undefined) return;
  const fine = profile === 'aip' && (type === editions?.technician) === (boundTo.type === 'technician');
  if (fine) return;
  const what = profile === 'aip' ? `of the edition ${type}` : 'of an instance';
  throw new LeaseholdError('INPUT_INVALID', `A license ${what} is not bound to a ${boundTo.type.replace('_', ' ')}.`, {
    path: `${path}.boundTo`,
    remedy: profile === 'aip' ? 'Correct one of the two.' : 'Leave it out, and assign the license once it is there.',
  });
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
