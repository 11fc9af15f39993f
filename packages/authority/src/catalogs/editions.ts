import { LeaseholdError } from '@leasehold/protocol';
import type { Catalog } from '@leasehold/terms';

/** A license of an edition that the catalog does not know would cover nothing. @throws LeaseholdError INPUT_INVALID */
export function assertEdition(edition: string, { editions }: Catalog, path: string): void {
  const known = editionsOf(editions);
  if (known.includes(edition)) return;
  throw new LeaseholdError('INPUT_INVALID', `There is no edition ${edition}.`, {
    path,
    remedy: `One of ${known.join(', ')}.`,
  });
}

function editionsOf(editions: Catalog['editions']): string[] {
  if (editions === undefined) return [];
  const { byOs, serves = {}, ...single } = editions;
  return [...new Set([...Object.values(byOs), ...Object.values(single), ...Object.values(serves).flat()])].sort();
}
