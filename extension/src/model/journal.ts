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

/** How often the journal is asked for one page: an answer holds 2 MB at most, and a page of long entries takes several. */
const ASKS = 12;

/** About `count` entries up to a number; fewer where they are long, or where most of them are of other companies. The route
 * gives entries after a number, oldest first. */
export async function entriesUpTo(
  live: Live,
  end: number,
  count: number,
  still: { readonly signal?: AbortSignal } = {},
): Promise<Entries> {
  let found: Entries = { rows: [], from: end };
  let size = count;
  for (let asks = 0; asks < ASKS && found.from > 0 && found.rows.length < count; asks += 1) {
    const from = Math.max(0, found.from - size);
    const limit = found.from - from;
    const query = { after: `0:${from}`, limit: String(limit) };
    const { rows, next } = await live.authority.call('journal', isJournalPage, { query, ...still });
    // Long ones, of a thousand rows each, and the newest are not among them: fewer are asked for.
    if (next !== null && rows.length < limit) size = Math.min(rows.length, size >> 1);
    else found = { rows: [...rows, ...found.rows], from };
  }
  return found;
}

/** Entries that were loaded and those that arrived since, each once, newest first. */
export function merged(...lists: readonly (readonly JournalRow[])[]): readonly JournalRow[] {
  return [...new Map(lists.flat().map((row) => [row.seq, row])).values()].sort((a, b) => b.seq - a.seq);
}
