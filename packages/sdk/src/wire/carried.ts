/** A request that holds anything else is refused whole (protocol: Id; no database takes a NUL, or half of a surrogate pair),
 * and with it the lease that it would have renewed: what a program says rides along only in this form. */
const NOT_TEXT = /\0|[\ud800-\udfff]/u;

/** Is this a name or word that a request can carry? */
export function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 128 && !NOT_TEXT.test(value);
}

/** Is every text in this value one that a request can carry? */
export function isPlain(value: unknown): boolean {
  return !/\\u(0000|d[89a-f])/.test(JSON.stringify(value));
}
