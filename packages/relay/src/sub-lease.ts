import { signToken } from '@leasehold/protocol';
import type { Lending } from '@leasehold/sdk/relay';
import type { Head, Slot } from './slots.js';

/** The next head of a slot's chain: it lives as long as the relay's own lease and not a second longer. */
export function nextHead(
  slot: { readonly head?: Head },
  link: { parent: string | null; nonce: string },
  lending: Lending,
): Head {
  const seq = (slot.head?.seq ?? 0) + 1;
  const iat = Math.max(Math.floor(lending.now / 1000), lending.claims.iat);
  return { jti: `${seq}.${link.nonce}`, seq, parent: link.parent, nonce: link.nonce, iat, exp: lending.claims.exp };
}

/** Seals the head of a slot with the relay's device key. All of it comes from the record, so that a repeated request gets
 * the same token again. */
export function subLeaseOf({ id, kind, n, jkt, components, head }: Slot, lending: Lending): Promise<string> {
  const { iss, product, epoch, sub, jti, license, catalog, entitlements } = lending.claims;
  const { seq, parent, iat, exp } = head;
  const rests = { iss, product, epoch, license, catalog, entitlements, relay: { instance: sub, lease: jti } };
  const own = { sub: id, jti: head.jti, seq, parent, cnf: { jkt }, components, slot: { kind, n } };
  // A reply given again after the relay itself has renewed rests on the newer lease, which began later.
  const time = { iat: Math.max(iat, lending.claims.iat), exp: Math.min(exp, lending.claims.exp) };
  return signToken('subLease', { ...rests, ...own, ...time }, lending.signer);
}
