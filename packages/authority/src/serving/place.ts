import { LeaseholdError } from '@leasehold/protocol';
import type { SqlValue } from '../store/index.js';

/** Where a page goes on: what the grid orders by and the id of the last row shown, as JSON; undefined = the beginning. */
export function readPlace(after: string | null): readonly [order: string, id: string] | undefined;
export function readPlace(
  after: string | null,
  orderIs: 'number' | 'string',
): readonly [order: SqlValue, id: string] | undefined;
export function readPlace(
  after: string | null,
  orderIs: 'number' | 'string' = 'string',
): readonly [order: SqlValue, id: string] | undefined {
  if (after === null) return undefined;
  try {
    const [order, id] = JSON.parse(after) as unknown[];
    if (typeof order === orderIs && typeof id === 'string') return [order as SqlValue, id];
  } catch {
    // Told below.
  }
  throw new LeaseholdError('INPUT_INVALID', 'There is no such page.', {
    path: 'query.after',
    remedy: 'Give what the page before said as `next`, or nothing for the first page.',
  });
}
