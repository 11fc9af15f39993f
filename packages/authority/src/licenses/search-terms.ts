/** Longest beginning of a word that is told apart. */
const LONGEST = 40;

/** As it is searched: without case, and in wide letters or narrow ones, as input methods write them. */
const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** The words by which something is found from their beginnings: each field whole, and its words. */
export function searchTerms(fields: readonly (string | null)[]): string[] {
  const words = fields.flatMap((field) => {
    const text = plain(field ?? '');
    return text === '' ? [] : [text, ...text.split(/[^\p{Letter}\p{Number}]+/u)];
  });
  return [...new Set(words.filter((word) => word !== '').map(sortable))];
}

/** Terms from one on, up to but without another. */
export interface TermRange {
  readonly from: string;
  readonly to: string;
}

/** The range of terms that begin with what was typed. */
export function termRange(typed: string): TermRange {
  const from = sortable(plain(typed));
  return { from, to: `${from}g` }; // `g` follows every hexadecimal digit
}

/** Hexadecimal UTF-8 of the small letters: it sorts the same in every database, whatever its language, where words do
 * not. */
export function sortable(word: string): string {
  return Buffer.from([...word.toLowerCase()].slice(0, LONGEST).join('')).toString('hex');
}
