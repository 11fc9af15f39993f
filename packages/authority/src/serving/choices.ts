import { LeaseholdError } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';

interface RowSchema {
  readonly properties: Readonly<Record<string, { readonly anyOf: readonly { readonly const: string }[] }>>;
}

const ROWS = schemas as unknown as Readonly<Record<string, RowSchema>>;

type Query = Readonly<Record<string, string | undefined>>;

/** What a filter with a fixed choice asks for; null: `all`, or nothing. A word that is none of them would show another list
 * than was asked for. @throws LeaseholdError INPUT_INVALID with the words */
export function chosen(query: Query, name: string, words: readonly string[]): string | null {
  const asked = query[name] ?? '';
  if (asked === '' || asked === 'all') return null;
  assertWord(name, asked, [...words, 'all']);
  return asked;
}

/** @throws LeaseholdError INPUT_INVALID with the words */
export function assertWord(name: string, asked: string, words: readonly string[]): void {
  if (words.includes(asked)) return;
  throw new LeaseholdError('INPUT_INVALID', `The filter ${name} does not know that.`, {
    path: `query.${name}`,
    remedy: `It is one of ${words.join(', ')}.`,
  });
}

/** The words that a member of a list's rows may have. */
export function wordsOf(row: keyof typeof schemas, member: string): readonly string[] {
  return ROWS[row]!.properties[member]!.anyOf.map((word) => word.const);
}
