/** Bytes of text that are read at once. One row may have as many: a thousand licenses were brought in by it. */
const SLICE_BYTES = 2_000_000;

/** How many of the first of these rows are read at once: one of them at least, however long it is. */
export function fitting(rows: readonly { readonly size: number }[]): number {
  let bytes = 0;
  const beyond = rows.findIndex(({ size }, index) => (bytes += size) > SLICE_BYTES && index > 0);
  return beyond < 0 ? rows.length : beyond;
}
