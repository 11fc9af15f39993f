import { LeaseholdError } from '@leasehold/protocol';
import { decide, isAllowed, type Decision } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at } from '../facts.js';
import { findInstance } from '../instances/instance.js';
import type { By, Change } from '../serving/changes.js';
import type { Reader } from '../store/index.js';
import { licenseAssign, type Assignment } from './assign.js';
import { instanceLicenseOf } from './find-license.js';
import { instanceLicenseFact, instanceLicenseFacts, type InstanceLicenseRow } from './instance-license.js';
import { licenseRelease } from './release.js';

export interface TypeChange {
  readonly license: string;
  readonly type: string;
}

/** Another type for a license that is in use. What was bought stays what it is (MSP-9): its computer or domain takes a free
 * one of the type in its place, of its company first (MSP-4), and this one is free for others (MSP-2). Of the same type that
 * puts a bought license in the place of a trial. */
export const licenseChangeType: Change<TypeChange, Assignment | null, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, by, { license: id, type }, now) {
    const license = await instanceLicenseOf(reader, by.account, id);
    const { assigned_to: to, assigned_kind: kind } = license;
    if (to === null)
      throw new LeaseholdError('CONFLICT', `The license ${id} is on no computer.`, {
        path: 'license',
        remedy: 'Assign a license of the type that is wanted.',
      });
    const picked = await pick(reader, by, { ...license, assigned_to: to }, type, now);
    if (!isAllowed(picked)) return { decision: picked, plan: null };
    const plan = { license: picked.value!['license'] as string, to, kind: kind ?? 'computer' };
    const { decision } = await licenseAssign.judge(reader, by, plan, now);
    return { decision: { ...decision, value: { license: plan.license } }, plan };
  },
  /** The new one first: the computer is never without. */
  async apply(tx, by, { license }, assignment, now) {
    const given = await licenseAssign.judge(tx, by, assignment!, now);
    await licenseAssign.apply(tx, by, assignment!, given.plan, now);
    const taken = await licenseRelease.judge(tx, by, { license }, now);
    await licenseRelease.apply(tx, by, { license }, taken.plan, now);
    return { id: assignment!.license };
  },
};

/** As many free ones of each owner as the rules choose among: which is best, they say. */
const CHOICE = 100;

/** The free license that the rules give. Who acts for a company gives none of the global pool away. */
async function pick(
  reader: Reader,
  { account, scope }: By,
  { assigned_to: holder, company_id: owner }: InstanceLicenseRow & { readonly assigned_to: string },
  type: string,
  now: number,
): Promise<Decision> {
  const own = await accountOf(reader, account);
  const instance = (await findInstance(reader, account, holder)) ?? {
    id: holder,
    company_id: owner,
    os: 'unknown',
    short_since: null,
  };
  const company = instance.company_id;
  const rows = [
    ...(company === null ? [] : await freeOf(reader, account, type, company, now)),
    ...(scope === null ? await freeOf(reader, account, type, null, now) : []),
  ];
  const facts = await instanceLicenseFacts(reader, own, instance);
  // What it holds already would be the first choice.
  const free = { ...facts, licenses: rows.map((row) => instanceLicenseFact(row)) };
  return decide(at(free, now), { action: 'license.pick', instance: holder, type }, own.catalogs.msp);
}

function freeOf(
  reader: Reader,
  account: string,
  type: string,
  company: string | null,
  now: number,
): Promise<InstanceLicenseRow[]> {
  const owned = company === null ? 'company_id IS NULL' : 'company_id = ?';
  return reader.all<InstanceLicenseRow>(
    `SELECT * FROM instance_licenses WHERE account = ? AND type = ? AND ${owned} AND state = 'active'
       AND assigned_to IS NULL AND kind = 'commercial' AND ends_at > ? ORDER BY id LIMIT ?`,
    [account, type, ...(company === null ? [] : [company]), now, CHOICE],
  );
}
