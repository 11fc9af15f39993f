import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.js';
import { LeaseholdError } from './problems.js';
import { parseStrict } from './strict-json.js';

/** An Ed25519 public key as JWK (RFC 8037). `kid` is its RFC 7638 thumbprint. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** 32 bytes, base64url. */
  readonly x: string;
  readonly kid?: string;
}

/** The one primitive under every seal: node:crypto in Node, WebCrypto in a browser. Both take raw bytes. */
export interface Ed25519Verifier {
  verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean | Promise<boolean>;
}

/** Signs with one key that it holds; the key itself never passes through this floor. */
export interface Signer {
  readonly publicKey: PublicJwk & { readonly kid: string };
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A compact JWS taken apart, its seal not yet checked. */
export interface Unsealed {
  readonly typ: string;
  readonly kid: string | undefined;
  readonly jwk: PublicJwk | undefined;
  readonly claims: Record<string, unknown>;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid', 'jwk']);

/** Seals claims as compact JWS (RFC 7515), `alg: EdDSA` (RFC 8037). `embedKey` puts the public key into the header, as
 * proofs of possession need it (RFC 9449 section 4.2). */
export async function seal(typ: string, claims: object, signer: Signer, embedKey = false): Promise<string> {
  const { kty, crv, x, kid } = signer.publicKey;
  const header = embedKey ? { alg: 'EdDSA', typ, jwk: { kty, crv, x } } : { alg: 'EdDSA', typ, kid };
  const text = `${toBase64Url(utf8(JSON.stringify(header)))}.${toBase64Url(utf8(JSON.stringify(claims)))}`;
  return `${text}.${toBase64Url(await signer.sign(utf8(text)))}`;
}

/** Takes a token apart. Only the header this product writes is read: `alg: EdDSA` and nothing else, no `crit`, no
 * `b64`, no foreign key source (RFC 8725 sections 3.1 and 3.10). Throws TOKEN_MALFORMED. */
export function unseal(token: string, maxBytes: number): Unsealed {
  if (typeof token !== 'string' || token === '') throw malformed('The token is empty.');
  if (token.length > maxBytes) throw malformed(`The token is longer than ${maxBytes} bytes.`);
  const [head, body, signatureText, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signatureText === undefined || rest.length > 0) {
    throw malformed('The token does not have three parts.');
  }
  const signature = fromBase64Url(signatureText);
  if (signature?.length !== 64) throw malformed('The signature is not 64 bytes long.');
  const { typ, kid, jwk } = readHeader(head);
  const claims = parseStrict(decodePart(body, 'payload'), 'The payload');
  return { typ, kid, jwk, claims, signed: utf8(`${head}.${body}`), signature };
}

function readHeader(part: string): Pick<Unsealed, 'typ' | 'kid' | 'jwk'> {
  const header = parseStrict(decodePart(part, 'header'), 'The header');
  const odd = Object.keys(header).find((name) => !HEADER_MEMBERS.has(name));
  if (odd !== undefined) throw malformed(`The header has the member "${odd}", which is not ours.`);
  const { alg, typ, kid, jwk } = header;
  if (alg !== 'EdDSA') throw malformed('The token is not signed by EdDSA.');
  if (typeof typ !== 'string') throw malformed('The token does not say its kind.');
  if (kid !== undefined && typeof kid !== 'string') throw malformed('The key id is no text.');
  return { typ, kid, jwk: jwk === undefined ? undefined : readJwk(jwk) };
}

/** Throws TOKEN_SIGNATURE unless the seal of `parts` was made with `key`. */
export async function checkSeal(parts: Unsealed, key: PublicJwk, ed25519: Ed25519Verifier): Promise<void> {
  const raw = fromBase64Url(key.x);
  if (raw?.length !== 32 || !(await ed25519.verify(parts.signed, parts.signature, raw))) {
    throw new LeaseholdError('TOKEN_SIGNATURE', 'The signature does not fit: the token was changed or is not ours.', {
      remedy: 'Fetch it again from its authority; if this repeats, tell the vendor.',
    });
  }
}

/** Reads an Ed25519 public key; anything else, private members included, is TOKEN_MALFORMED. */
export function readJwk(value: unknown): PublicJwk {
  const jwk = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const x = jwk['x'];
  if (jwk['kty'] !== 'OKP' || jwk['crv'] !== 'Ed25519' || typeof x !== 'string' || fromBase64Url(x)?.length !== 32) {
    throw malformed('The key is no Ed25519 public key.');
  }
  if (jwk['d'] !== undefined) throw malformed('A private key was given where a public one belongs.');
  const kid = jwk['kid'];
  return { kty: 'OKP', crv: 'Ed25519', x, ...(typeof kid === 'string' ? { kid } : {}) };
}

function decodePart(part: string, name: string): string {
  const bytes = fromBase64Url(part);
  if (bytes === undefined) throw malformed(`The ${name} is not base64url.`);
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw malformed(`The ${name} is not UTF-8.`, cause);
  }
}

function malformed(message: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('TOKEN_MALFORMED', message, { remedy: 'Fetch the token again from its authority.', cause });
}
