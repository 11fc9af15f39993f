import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { assertCompany } from '../companies/find.js';
import { appendJournal, type Reader } from '../store/index.js';
import type { EnrollmentKey } from './row.js';
import { countFree, isIn, type Range } from './stock.js';

/** A key to be made; `keyHash` is all that is kept of it. */
export interface NewEnrollmentKey {
  readonly id: string;
  readonly keyHash: string;
  readonly name: string;
  readonly company: string | null;
  readonly licenses: readonly string[] | null;
  readonly profile: EnrollmentKey['profile'];
  readonly type: string | null;
  readonly maxUses: number;
  readonly expiresAt: number;
}
export interface MadeKey {
  readonly id: string;
  readonly expiresAt: number;
}

/** Makes an enrollment key. Told with the decision: for how many machines seats are free today; the key may be made for
 * more, which are bought later. */
export const enrollmentKeyCreate: Change<NewEnrollmentKey, Range, MadeKey> = {
  async judge(reader, { account }, input, now) {
    const { company, licenses, profile, type } = input;
    if ((licenses === null) === (type === null)) throw oneOfBoth();
    if (type !== null && profile === null) throw withoutProfile();
    if (company !== null) await assertCompany(reader, account, company, 'company');
    const range = {
      account,
      company_id: company,
      licenses: licenses === null ? null : JSON.stringify([...new Set(licenses)]),
      profile: licenses === null ? profile : null,
      type,
    };
    for (const [index, license] of (licenses ?? []).entries()) await assertLicense(reader, range, license, index);
    return { decision: { ...BY_ROLE, value: { free: await countFree(reader, range, now) } }, plan: range };
  },
  async apply(tx, { account, actor }, { id, keyHash, name, maxUses, expiresAt }, range, now) {
    const { company_id: company, licenses, profile, type } = range;
    await tx.run(
      `INSERT INTO enrollment_keys (account, id, hash, name, company_id, licenses, profile, type, max_uses, used, author,
         created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
      [account, id, keyHash, name, company, licenses, profile, type, maxUses, actor, now, expiresAt],
    );
    await tx.run("INSERT INTO directory (hash, account, kind, target) VALUES (?, ?, 'enrollment_key', ?)", [
      keyHash,
      account,
      id,
    ]);
    appendJournal(tx, account, {
      type: 'enrollment_key.created',
      subject: { type: 'enrollment_key', id },
      actor,
      companyId: company,
      details: { name, licenses, profile, type, maxUses, expiresAt: new Date(expiresAt).toISOString() },
      rows: [],
    });
    return { id, expiresAt };
  },
};

/** A license of the operator's own stock, or of the company that the key is for. */
async function assertLicense(reader: Reader, range: Range, license: string, index: number): Promise<void> {
  const path = `licenses[${index}]`;
  const owner = await reader.get<{ company_id: string | null }>(
    `SELECT company_id FROM machine_licenses WHERE account = ? AND id = ?
       UNION ALL SELECT company_id FROM instance_licenses WHERE account = ? AND id = ?`,
    [range.account, license, range.account, license],
  );
  if (owner?.company_id != null && owner.company_id !== range.company_id) {
    throw new LeaseholdError('CONFLICT', `The license ${license} belongs to another company.`, {
      path,
      remedy: 'Make a key for that company, or name licenses of this one.',
    });
  }
  const isThere =
    (await isIn(reader, range, { kind: 'machine_license', target: license })) ||
    (await isIn(reader, range, { kind: 'instance_license', target: license }));
  if (!isThere) {
    throw new LeaseholdError('NOT_FOUND', `There is no license ${license} that machines can be activated by.`, {
      path,
      remedy: 'Name licenses of machines, hosts or instances that were not revoked. Pool keys are applied one by one.',
    });
  }
}

function oneOfBoth(): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'An enrollment key draws from named licenses or from a type.', {
    path: 'licenses',
    remedy: 'Give either licenses, or profile and type.',
  });
}

function withoutProfile(): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'A type belongs to a profile.', {
    path: 'profile',
    remedy: 'Give aip for licenses of machines and hosts, msp for licenses of instances.',
  });
}
