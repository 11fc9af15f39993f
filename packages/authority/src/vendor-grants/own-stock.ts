import { LeaseholdError } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import type { Reader } from '../store/index.js';

/** Lets licenses in that this authority makes itself. @throws LeaseholdError FORBIDDEN where they come by grants alone */
export async function assertOwnStock(reader: Reader, account: string): Promise<void> {
  if (!(await accountOf(reader, account)).byGrants) return;
  throw new LeaseholdError('FORBIDDEN', 'Licenses come into this account by the vendor’s grants alone.', {
    remedy: 'Ask the vendor for a grant and bring it in: leasehold admin grant import --file FILE',
  });
}
