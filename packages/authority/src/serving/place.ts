import { LeaseholdError } from '@leasehold/protocol';
import type { SqlValue } from '../store/index.js';

/** Where a page goes on: what the list orders by, there, and the id of the last row shown. */
export type Place<Order extends SqlValue = SqlValue> = readonly [order: Order, id: string];

/** Reads what the page before said as `next`; undefined = the beginning. `sort` names the order: a place in one order is
 * none in another. @throws LeaseholdError INPUT_INVALID for what is no place, or is one of another order */
export function readPlace(after: string | null, sort: string, orderIs: 'number' | 'string'): Place | undefined {
  if (after === null) return undefined;
  const [of, order, id] = parsed(after);
  if (typeof of === 'string' && of !== sort && typeof id === 'string')
    throw noPage(`That page goes on in another order: ${of}, not ${sort}.`);
  if (of === sort && typeof order === orderIs && typeof id === 'string') return [order as SqlValue, id];
  throw noPage('There is no such page.');
}

export function writePlace(sort: string, [order, id]: Place): string {
  return JSON.stringify([sort, order, id]);
}

function parsed(after: string): readonly unknown[] {
  try {
    const place: unknown = JSON.parse(after);
    return Array.isArray(place) ? place : [];
  } catch {
    return [];
  }
}

function noPage(sentence: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', sentence, {
    path: 'query.after',
    remedy: 'Give what the page before said as `next`, with the order it had, or nothing for the first page.',
  });
}
