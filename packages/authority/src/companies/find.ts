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
