import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.js';
import { LeaseholdError } from './problems.js';

/** All that a console needs to connect, in one pasteable string: where, which root it trusts, and its token. */
export interface Connection {
  /** Origin of the authority, without a trailing slash. */
  readonly url: string;
  /** Root public keys, base64url of 32 bytes each: the pin. */
  readonly roots: readonly string[];
  readonly token: string;
}

const PREFIX = 'leasehold-connect:';

export function formatConnection(connection: Connection): string {
  const text = JSON.stringify({ v: 1, u: connection.url, r: connection.roots, t: connection.token });
  return PREFIX + toBase64Url(utf8(text));
}

/** May a connection lead there? An address without a path, like https://licensing.example.com. */
export const isOrigin = (url: string): boolean => /^https?:\/\/[^/?#\s]+$/.test(url);

/** Throws CONNECTION_STRING_INVALID; accepts surrounding white space and line breaks of a mail program. */
export function parseConnection(pasted: string): Connection {
  const text = pasted.replaceAll(/\s/g, '');
  const bytes = text.startsWith(PREFIX) ? fromBase64Url(text.slice(PREFIX.length)) : undefined;
  if (bytes === undefined) throw invalid('It is not whole.');
  let value: { v?: unknown; u?: unknown; r?: unknown; t?: unknown };
  try {
    value = JSON.parse(fromUtf8(bytes)) as typeof value;
  } catch {
    throw invalid('It is not whole.');
  }
  const { u: url, r: roots, t: token } = value;
  if (value.v !== 1) throw invalid('It was made for another version of the console.');
  if (typeof url !== 'string' || !isOrigin(url)) throw invalid('The address in it is wrong.');
  if (
    !Array.isArray(roots) ||
    roots.length === 0 ||
    !roots.every((x) => typeof x === 'string' && fromBase64Url(x)?.length === 32)
  ) {
    throw invalid('The root key in it is wrong.');
  }
  if (typeof token !== 'string' || token === '') throw invalid('The token in it is missing.');
  return { url, roots: roots as string[], token };
}

function invalid(detail: string): LeaseholdError {
  return new LeaseholdError('CONNECTION_STRING_INVALID', `This is not a connection string. ${detail}`, {
    path: 'connection',
    remedy: 'Copy the whole string again; it starts with leasehold-connect: and has no spaces.',
  });
}
