import {
  JOURNAL_START,
  journalAfter,
  verifyJournal,
  type JournalRow,
  type JournalVerdict,
  type Reader,
} from '../../packages/authority/src/store/index.js';

/** All rows after a number, slice by slice. */
export async function wholeJournal(reader: Reader, account: string, after = 0): Promise<JournalRow[]> {
  const rows: JournalRow[] = [];
  for (let more = true; more;) {
    const slice = await journalAfter(reader, account, rows.at(-1)?.seq ?? after, 500);
    rows.push(...slice.rows);
    more = slice.more;
  }
  return rows;
}

/** What a verification from the first row to the head says. */
export async function verifyWhole(reader: Reader, account: string): Promise<JournalVerdict> {
  for (let from = JOURNAL_START; ;) {
    const verdict = await verifyJournal(reader, account, from);
    if (!verdict.ok || verdict.done) return verdict;
    from = verdict.upTo;
  }
}
