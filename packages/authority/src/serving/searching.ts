import type { SqlValue } from '../store/index.js';

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** SQL for "one of the columns contains the text", without case, in wide letters or narrow ones. SQLite knows the case of
 * ASCII letters alone, so that of others that are looked for (wide ones, those with marks) each is made small by itself. */
export function containing(columns: readonly string[], text: string): Condition {
  const spellings = spellingsOf(text.trim().toLowerCase());
  const large = [...new Set(spellings.join(''))].flatMap((letter) => largeOf(letter));
  const patterns = spellings.map((small) => `%${small.replaceAll(/[!%_]/g, '!$&')}%`);
  const folded = (column: string): string => large.reduce((sql) => `replace(${sql}, ?, ?)`, `lower(${column})`);
  const asked = columns.flatMap((column) => patterns.map((pattern) => ({ sql: folded(column), pattern })));
  return {
    sql: `(${asked.map(({ sql }) => `${sql} LIKE ? ESCAPE '!'`).join(' OR ')})`,
    params: asked.flatMap(({ pattern }) => [...large.flat(), pattern]),
  };
}

/** Katakana as half a square, by the whole one. */
const HALF = new Map(
  Array.from({ length: 0x3f }, (_, n) => String.fromCodePoint(0xff61 + n))
    .flatMap((half) => [half, `${half}\uff9e`, `${half}\uff9f`])
    .map((half) => [half.normalize('NFKC'), half] as const),
);

/** A text as input methods write it: Latin letters as whole squares, katakana as half ones, or neither. Who types in ASCII
 * alone is taken at his word. */
function spellingsOf(small: string): readonly string[] {
  const plain = small.normalize('NFKC');
  if (plain === small && /^[ -~]*$/.test(small)) return [small];
  const wide = plain.replaceAll(/[!-~]/g, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0));
  const half = plain.replaceAll(/./gsu, (letter) => HALF.get(letter) ?? letter);
  return [...new Set([small, plain, wide, half])];
}

/** A letter beyond ASCII in large and in small, where it is one letter in both. */
function largeOf(small: string): (readonly [large: string, small: string])[] {
  const large = small.toUpperCase();
  return small > '\u007f' && large !== small && large.toLowerCase() === small ? [[large, small]] : [];
}
