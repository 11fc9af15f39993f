import { toBase64Url, utf8 } from './bytes.js';

/** SHA-256 of the runtime: node:crypto at the authority, WebCrypto in the console. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

/** The links of one journal row. Only the payload's hash is chained, so that a payload can be erased and the chain
 * stays whole. `prev` of the first row of an account is `''`. */
export interface JournalLink {
  readonly account: string;
  readonly epoch: number;
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly payloadHash: string;
  readonly prev: string;
}

/** base64url SHA-256 of a payload's exact text. */
export async function payloadHash(text: string, sha256: Sha256): Promise<string> {
  return toBase64Url(await sha256(utf8(text)));
}

/** The row's own hash; the next row's `prev`. */
export async function journalHash(link: JournalLink, sha256: Sha256): Promise<string> {
  return toBase64Url(await sha256(utf8(journalText(link))));
}

/** What that hash is of. The JSON array is the canonical form: fixed order, no spaces. */
export function journalText({ account, epoch, seq, at, type, actor, payloadHash: hash, prev }: JournalLink): string {
  return JSON.stringify([account, epoch, seq, at, type, actor, hash, prev]);
}
