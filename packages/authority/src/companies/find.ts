import { LeaseholdError } from '@leasehold/protocol';
import type { Reader } from '../store/index.js';

/** Its name as it stands; null for the provider himself, and for a company that is gone. */
export async function companyName(reader: Reader, account: string, id: string | null): Promise<string | null> {
  if (id === null) return null;
  const row = await reader.get<{ name: string }>('SELECT name FROM companies WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  return row?.name ?? null;
}

/** @throws LeaseholdError NOT_FOUND at `path` where the account has no such company */
export async function assertCompany(reader: Reader, account: string, id: string, path: string): Promise<void> {
  const company = await reader.get('SELECT id FROM companies WHERE account = ? AND id = ?', [account, id]);
  if (company !== undefined) return;
  throw new LeaseholdError('NOT_FOUND', `There is no company ${id}.`, {
    path,
    remedy: 'Create the company first, or name another; null stands for the provider himself.',
  });
}

/** Blanks alone name nobody, in a list least of all. @throws LeaseholdError INPUT_INVALID */
export function assertNamed(name: string): void {
  if (name.trim() !== '') return;
  throw new LeaseholdError('INPUT_INVALID', 'The name has nothing but blanks.', {
    path: 'name',
    remedy: 'Give the name by which people know the company.',
  });
}
