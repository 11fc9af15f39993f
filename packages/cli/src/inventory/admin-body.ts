import { LeaseholdError } from '@leasehold/protocol';
import { rowsOfFile } from '../admin/values.js';
import type { Given, Io } from '../command.js';
import { readSources, sayUntold } from './sources.js';

/** What an operator reports: the hosts of a file, or what hypervisors tell; what they do not is said. @throws LeaseholdError
 * INPUT_INVALID */
export async function inventoryBody(given: Given, io: Io): Promise<object> {
  if (given.has('file') === given.has('from')) {
    throw new LeaseholdError('INPUT_INVALID', 'Give either --file or --from.', { path: 'from' });
  }
  if (given.has('file')) return { hosts: await rowsOfFile(given) };
  const product = given.get('product');
  if (product !== undefined) {
    const read = await readSources(given, product);
    sayUntold(read, io);
    return read.report;
  }
  throw new LeaseholdError('INPUT_INVALID', '--product NAME is missing.', {
    path: 'product',
    remedy: 'It keys the hashes by which agents inside the guests are found again.',
  });
}
