import { formatCsv, type Message } from '@leasehold/protocol';
import { readAll } from '../store/index.js';
import { EXPORT_COLUMNS } from './csv-columns.js';

/** Rows of one slice. Commits go in between, so each row is as it stood when its slice was read. */
export const SLICE = 500;

/** The file, slice by slice; the first slice is read before anything is answered, so that what is wrong with the filters
 * is told as a problem and not as a torn file. */
export async function exportCsv(
  slice: (after: string | null) => Promise<Message<'LicensePage'>>,
): Promise<AsyncIterable<string>> {
  const first = await slice(null);
  const all = readAll<Message<'LicenseRow'>, string>(async (after) => (after === null ? first : slice(after)));
  return (async function* lines() {
    yield formatCsv(EXPORT_COLUMNS.map(([name]) => name));
    for await (const row of all) yield formatCsv(EXPORT_COLUMNS.map(([, read]) => read(row)));
  })();
}
