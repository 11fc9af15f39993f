import { LeaseholdError, type GrantClaims } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { licensesCreate, type NewLicense } from '../licenses/create.js';
import { poolLicensesCreate } from '../pools/create-licenses.js';
import { appendJournal } from '../store/index.js';

export interface VendorGrant {
  readonly id: string;
  readonly token: string;
  readonly licenses: readonly NewLicense[];
  readonly poolLicenses: NonNullable<GrantClaims['poolLicenses']>;
}

/** Brings in what the vendor granted, all of it or nothing, once: the grant's id is the row that a second import meets. */
export const grantImport: Change<VendorGrant, { readonly timeZone: string }, { readonly id: string }> = {
  async judge(reader, by, { id, licenses, poolLicenses }, now) {
    const before = await reader.get('SELECT id FROM vendor_grants WHERE account = ? AND id = ?', [by.account, id]);
    if (before !== undefined) {
      throw new LeaseholdError('EXCHANGE_USED', 'This grant was imported before.', {
        path: 'body.grant',
        remedy: 'Its licenses are there; ask the vendor for another grant if you bought more.',
      });
    }
    const granted = { ...by, granted: true };
    const { plan } = await licensesCreate.judge(reader, granted, { licenses }, now);
    if (poolLicenses.length > 0) await poolLicensesCreate.judge(reader, granted, { licenses: poolLicenses }, now);
    return { decision: { ...BY_ROLE, value: { licenses: licenses.length, poolLicenses: poolLicenses.length } }, plan };
  },
  async apply(tx, by, { id, token, licenses, poolLicenses }, plan, now) {
    const count = licenses.length + poolLicenses.length;
    await tx.run(
      'INSERT INTO vendor_grants (account, id, token, licenses, imported_by, imported_at) VALUES (?, ?, ?, ?, ?, ?)',
      [by.account, id, token, count, by.actor, now],
    );
    if (licenses.length > 0) await licensesCreate.apply(tx, by, { licenses }, plan, now);
    if (poolLicenses.length > 0) await poolLicensesCreate.apply(tx, by, { licenses: poolLicenses }, null, now);
    for (const license of licenses) {
      const table = license.profile === 'aip' ? 'machine_licenses' : 'instance_licenses';
      await tx.run(`UPDATE ${table} SET grant_id = ? WHERE account = ? AND id = ?`, [id, by.account, license.id]);
    }
    appendJournal(tx, by.account, {
      type: 'grant.imported',
      subject: { type: 'grant', id },
      actor: by.actor,
      details: { licenses: licenses.length, poolLicenses: poolLicenses.length },
      rows: [],
    });
    return { id };
  },
};
