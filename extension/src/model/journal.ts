import { isJournalPage } from '@leasehold/protocol/guards';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { JournalPage, JournalRow } from './rows.js';

const newestFirst = (a: JournalRow, b: JournalRow): number => b.seq - a.seq;

/** The newest entries of the journal, newest first. The route gives entries after a number, oldest first. */
export function newestEntries(live: Live, count: number): Resource<JournalPage> {
  return createResource(async (signal) => {
    const after = Math.max(0, (await live.headSeq()) - count);
    const query = { after: `0:${after}`, limit: String(count) };
    const page = await live.authority.call('journal', isJournalPage, { query, signal });
    return { ...page, rows: page.rows.toSorted(newestFirst) };
  });
}

/** Entries that were loaded and those that arrived since, each once, newest first. */
export function merged(loaded: readonly JournalRow[], arrived: readonly JournalRow[]): readonly JournalRow[] {
  const known = new Set(loaded.map((row) => row.seq));
  return [...arrived.filter((row) => !known.has(row.seq)), ...loaded].toSorted(newestFirst);
}
