import type { SqlValue } from '../store/index.js';

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** SQL for "one of the columns contains the text", without case. SQLite knows the case of ASCII letters alone, so that of
 * others that are looked for (wide ones, those with marks) each is made small by itself. */
export function containing(columns: readonly string[], text: string): Condition {
  const small = text.trim().toLowerCase();
  const large = [...new Set(small)].flatMap((letter) => largeOf(letter));
  const pattern = `%${small.replaceAll(/[!%_]/g, '!$&')}%`;
  const folded = (column: string): string => large.reduce((sql) => `replace(${sql}, ?, ?)`, `lower(${column})`);
  return {
    sql: `(${columns.map((column) => `${folded(column)} LIKE ? ESCAPE '!'`).join(' OR ')})`,
    params: columns.flatMap(() => [...large.flat(), pattern]),
  };
}

/** A letter beyond ASCII in large and in small, where it is one letter in both. */
function largeOf(small: string): (readonly [large: string, small: string])[] {
  const large = small.toUpperCase();
  return small > '\u007f' && large !== small && large.toLowerCase() === small ? [[large, small]] : [];
}
