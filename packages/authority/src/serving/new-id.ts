import { LeaseholdError } from '@leasehold/protocol';

/** What is spoken of by its id is so in addresses too: there `..` means another place, and blanks are lost.
 * @throws LeaseholdError INPUT_INVALID at `path` */
export function assertNewId(id: string, what: string, path: string): void {
  if (id.trim() === id && id !== '.' && id !== '..') return;
  throw new LeaseholdError('INPUT_INVALID', `That is no id for ${what}.`, {
    path,
    remedy: 'Give letters or digits without blanks around them.',
  });
}
