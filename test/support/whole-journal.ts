import { journalAfter, type JournalRow, type Reader } from '../../packages/authority/src/store/index.js';

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
