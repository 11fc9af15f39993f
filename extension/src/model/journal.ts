import { isJournalPage } from '@leasehold/protocol/guards';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { JournalRow } from './rows.js';

/** Entries, and the number after which they begin. */
export interface Entries {
  readonly rows: readonly JournalRow[];
  readonly from: number;
}

export function newestEntries(live: Live, count: number): Resource<Entries> {
  return createResource(async (signal) => entriesUpTo(live, await live.headSeq(), count, { signal }));
}

/** `count` entries up to a number, or as many as travel in one answer. The route gives entries after a number, oldest
 * first. */
export async function entriesUpTo(
  live: Live,
  end: number,
  count: number,
  still: { readonly signal?: AbortSignal } = {},
): Promise<Entries> {
  const from = Math.max(0, end - count);
  const query = { after: `0:${from}`, limit: String(count) };
  const { rows, next } = await live.authority.call('journal', isJournalPage, { query, ...still });
  // Long ones, of a thousand rows each. These are the oldest of them: as many of the newest are asked for.
  if (next !== null && rows.length < count) return entriesUpTo(live, end, rows.length, still);
  return { rows, from };
}

/** Entries that were loaded and those that arrived since, each once, newest first. */
export function merged(...lists: readonly (readonly JournalRow[])[]): readonly JournalRow[] {
  return [...new Map(lists.flat().map((row) => [row.seq, row])).values()].sort((a, b) => b.seq - a.seq);
}
