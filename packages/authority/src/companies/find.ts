import { LeaseholdError } from '@leasehold/protocol';
import type { Reader } from '../store/index.js';

/** @throws LeaseholdError NOT_FOUND at `path` where the account has no such company */
export async function assertCompany(reader: Reader, account: string, id: string, path: string): Promise<void> {
  const company = await reader.get('SELECT id FROM companies WHERE account = ? AND id = ?', [account, id]);
  if (company !== undefined) return;
  throw new LeaseholdError('NOT_FOUND', `There is no company ${id}.`, {
    path,
    remedy: 'Create the company first, or name another; null stands for the provider himself.',
  });
}

/** What lies in a grant belongs to the company that got it, until the grant is taken back (MSP-4).
 * @throws LeaseholdError CONFLICT */
export async function assertNotGiven(reader: Reader, account: string, license: string): Promise<void> {
  const grant = await reader.get<{ id: string; to: string }>(
    `SELECT g.id AS id, g.to_company AS "to" FROM grant_licenses m
       JOIN grants g ON g.account = m.account AND g.id = m.grant_id
       WHERE m.account = ? AND m.license_id = ? ORDER BY g.granted_at DESC, g.id DESC LIMIT 1`,
    [account, license],
  );
  if (grant === undefined) return;
  throw new LeaseholdError('CONFLICT', `The license ${license} was given to ${grant.to} and belongs to it.`, {
    path: 'company',
    remedy: `Take it back first: grant ${grant.id}.`,
  });
}
