import { LeaseholdError } from './problems.js';

/** Longest line that is read, in characters: 500 records with long names are half of it. */
const LONGEST = 1_000_000;

/** Cuts a text that comes in chunks into its lines, without their ends. Only LF ends a line: JSON may hold every other
 * separator as it is. Throws PAYLOAD_TOO_LARGE at a line that has no end. */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > LONGEST)
      throw new LeaseholdError('PAYLOAD_TOO_LARGE', `A line has more than ${LONGEST} letters.`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}
