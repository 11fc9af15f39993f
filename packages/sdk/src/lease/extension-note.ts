import { LeaseholdError, verifyExtensionNote } from '@leasehold/protocol';
import type { ExtensionClaims, LeaseClaims } from '@leasehold/protocol';
import { ed25519 } from '../trust/ed25519.js';
import type { Root } from '../trust/trust.js';
import type { Wire } from '../wire/wire.js';

/** A note is one short line. Bytes. */
const MAX_BYTES = 4096;

/** The claims of a genuine note for this product and account. Throws WRONG_ROOT, TOKEN_*. */
export async function readExtensionNote(
  token: string,
  wanted: { readonly roots: readonly Root[]; readonly product: string; readonly account: string | undefined },
): Promise<ExtensionClaims> {
  const { roots, product, account } = wanted;
  const expect = { product, ...(account === undefined ? {} : { iss: account }) };
  return verifyExtensionNote(token, roots, ed25519, expect);
}

/** When a lease ends, epoch milliseconds: a note prolongs the leases that lived when the authority fell silent, and none
 * that was issued after the note; what had ended before stays ended. */
export function endOf(lease: LeaseClaims, note?: ExtensionClaims): number {
  const prolongs = note !== undefined && lease.iat <= note.iat && lease.exp >= note.from;
  return Math.max(lease.exp, prolongs ? note.until : 0) * 1000;
}

/** Fetches the note from where the vendor puts one on the day it is needed; any web server will do, since the root's
 * seal is what counts. Throws where there is none. */
export async function fetchExtensionNote(wire: Wire, url: string, signal: AbortSignal): Promise<string> {
  const reply = await wire.send({ method: 'GET', url, headers: {}, maxBytes: MAX_BYTES, signal });
  if (reply.status !== 200) throw new LeaseholdError('NOT_FOUND', `There is no extension note at ${url}.`);
  return reply.text.trim();
}
