import { LeaseholdError, readJwk, thumbprint, type PublicJwk } from '@leasehold/protocol';
import { readJsonFile } from './read-file.js';

export type NamedJwk = PublicJwk & { readonly kid: string };

/** The half of a key that may be shown. */
export const publicHalf = ({ kty, crv, x, kid }: NamedJwk): NamedJwk => ({ kty, crv, x, kid });

/** Reads a public key: a JWK file, or the JWK itself. @throws LeaseholdError INPUT_INVALID */
export async function readPublicKey(typed: string): Promise<NamedJwk> {
  const isJwk = typed.trimStart().startsWith('{');
  const value = isJwk ? parse(typed) : await readJsonFile(typed);
  try {
    const jwk = readJwk(value);
    return { ...jwk, kid: await thumbprint(jwk) };
  } catch (cause) {
    const path = isJwk ? 'key' : typed;
    const remedy =
      'Give its public half, {"kty": "OKP", "crv": "Ed25519", "x": …}, as root create and keyset key show it.';
    throw new LeaseholdError('INPUT_INVALID', `${path}: ${(cause as Error).message}`, { path, remedy, cause });
  }
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
