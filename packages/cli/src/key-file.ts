import { LeaseholdError, readJwk, thumbprint, type PublicJwk } from '@leasehold/protocol';
import { readJsonFile } from './read-file.js';

export type NamedJwk = PublicJwk & { readonly kid: string };

/** The half of a key that may be shown. */
export const publicHalf = ({ kty, crv, x, kid }: NamedJwk): NamedJwk => ({ kty, crv, x, kid });

/** Reads a public key: a JWK file, or the JWK itself. @throws LeaseholdError INPUT_INVALID, TOKEN_MALFORMED */
export async function readPublicKey(typed: string): Promise<NamedJwk> {
  const jwk = readJwk(typed.trimStart().startsWith('{') ? parse(typed) : await readJsonFile(typed));
  return { ...jwk, kid: await thumbprint(jwk) };
}

/** Reads a private root key. @throws LeaseholdError INPUT_INVALID when the file holds no private key */
export async function readRoot(file: string): Promise<NamedJwk & { readonly d: string }> {
  const value = (await readJsonFile(file)) as { readonly d?: unknown } | null;
  const { d, ...rest } = value ?? {};
  if (typeof d !== 'string') {
    throw new LeaseholdError('INPUT_INVALID', `${file} holds no private key.`, {
      path: file,
      remedy: 'Give the file that `leasehold root create` wrote.',
    });
  }
  const jwk = readJwk(rest);
  return { ...jwk, kid: await thumbprint(jwk), d };
}

function parse(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch (cause) {
    throw new LeaseholdError('INPUT_INVALID', 'The key is no JSON.', {
      path: 'key',
      remedy: 'Give a file or a whole JWK.',
      cause,
    });
  }
}
