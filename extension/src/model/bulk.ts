import { isBulkReply } from '@leasehold/protocol/guards';
import type { RequestOf } from '@leasehold/protocol';
import type { Live } from './live.js';

export type Bulk = Omit<RequestOf<'licensesBulk'>, 'dryRun'>;

/** One act on many licenses, all or nothing. @returns what puts it back; null where nothing was changed */
export async function runBulk(live: Live, body: Bulk): Promise<Bulk | null> {
  return (await live.authority.call('licensesBulk', isBulkReply, { body })).undo;
}
