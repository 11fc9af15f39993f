import { LeaseholdError } from '@leasehold/protocol';

/** Escapes that JSON knows and no database takes whole: NUL, and half of a surrogate pair. */
const SUSPECT = /\\u0000|\\u[dD][89a-fA-F]|\0/;

/** The same where it was read: with the flag `u` only a half that stands alone is one. */
const BROKEN = /\0|[\ud800-\udfff]/u;

/** Characters of a parameter in path or query: ids, words to search, places in a list. */
const LONGEST = 300;

/** Hands on the body of a request as a value, or INPUT_INVALID for what is no JSON, or holds text that is no text. */
export function readBody(body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, parseBody(body));
  } catch (error) {
    done(error as LeaseholdError);
  }
}

function parseBody(body: Buffer): unknown {
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new LeaseholdError('INPUT_INVALID', 'The body is not JSON.', { path: 'body', cause });
  }
  assertShallow(value);
  if (SUSPECT.test(text)) assertText(value, 'body');
  return value;
}

/** Deeper than anything that is said. What is kept is read and written out again by recursion, for everyone who sees it:
 * one row of thousands of brackets would end that. @throws LeaseholdError INPUT_INVALID */
export function assertShallow(value: unknown, left = 64): void {
  if (typeof value !== 'object' || value === null) return;
  if (left === 0) throw new LeaseholdError('INPUT_INVALID', 'The body is nested too deep.', { path: 'body' });
  for (const member of Object.values(value)) assertShallow(member, left - 1);
}

/** Throws INPUT_INVALID with the path of a text that has a NUL or half a character in it: the engines would cut it, or
 * refuse it each in its own way. */
export function assertText(value: unknown, path: string): void {
  if (typeof value === 'string' && BROKEN.test(value)) {
    throw new LeaseholdError('INPUT_INVALID', 'A text has a character in it that is none.', {
      path: path.slice(0, 300),
      remedy: 'Leave out NUL characters and halves of surrogate pairs.',
    });
  }
  if (typeof value === 'string' && path !== 'body' && !path.startsWith('body.') && value.length > LONGEST) {
    throw new LeaseholdError('INPUT_INVALID', `A parameter has at most ${LONGEST} characters.`, {
      path: path.slice(0, 300),
    });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    assertText(name, path);
    assertText(member, `${path}.${name}`);
  }
}
