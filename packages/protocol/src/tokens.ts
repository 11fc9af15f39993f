import type { Ed25519Verifier, PublicJwk, Signer } from './seal.js';
import type {
  EntitlementsClaims,
  ExchangeRequestClaims,
  ExchangeResponseClaims,
  ExtensionClaims,
  GrantClaims,
  HeadClaims,
  KeysetClaims,
  LeaseClaims,
  LineageClaims,
  MediaClaims,
  ProofClaims,
  RecoverClaims,
  RecoveryClaims,
  SessionClaims,
  VoucherClaims,
  StatementClaims,
  SubLeaseClaims,
  SuccessorClaims,
  TimeClaims,
} from './messages/types.js';
import {
  isEntitlementsClaims,
  isExchangeRequestClaims,
  isExchangeResponseClaims,
  isExtensionClaims,
  isGrantClaims,
  isHeadClaims,
  isKeysetClaims,
  isLeaseClaims,
  isLineageClaims,
  isMediaClaims,
  isProofClaims,
  isRecoverClaims,
  isRecoveryClaims,
  isSessionClaims,
  isVoucherClaims,
  isStatementClaims,
  isSubLeaseClaims,
  isSuccessorClaims,
  isTimeClaims,
} from './generated/guards.js';
import { LeaseholdError } from './problems.js';
import { checkSeal, seal, unseal } from './seal.js';

/** Every kind of token: its own `typ`, so that one kind is never accepted as another, its size limit in bytes, and the
 * guard of its claims. */
interface ClaimsOf {
  keyset: KeysetClaims;
  lease: LeaseClaims;
  subLease: SubLeaseClaims;
  entitlements: EntitlementsClaims;
  media: MediaClaims;
  session: SessionClaims;
  voucher: VoucherClaims;
  recovery: RecoveryClaims;
  lineage: LineageClaims;
  head: HeadClaims;
  statement: StatementClaims;
  grant: GrantClaims;
  recover: RecoverClaims;
  request: ExchangeRequestClaims;
  response: ExchangeResponseClaims;
  time: TimeClaims;
  successor: SuccessorClaims;
  extension: ExtensionClaims;
  proof: ProofClaims;
}
export type TokenKind = keyof ClaimsOf;

type Row<K extends TokenKind> = {
  readonly typ: string;
  readonly maxBytes: number;
  readonly guard: (value: unknown) => value is ClaimsOf[K];
};
const KINDS: { readonly [K in TokenKind]: Row<K> } = {
  keyset: { typ: 'leasehold-keyset+jws', maxBytes: 16_384, guard: isKeysetClaims },
  lease: { typ: 'leasehold-lease+jws', maxBytes: 8192, guard: isLeaseClaims },
  subLease: { typ: 'leasehold-sublease+jws', maxBytes: 8192, guard: isSubLeaseClaims },
  entitlements: { typ: 'leasehold-entitlements+jws', maxBytes: 8_000_000, guard: isEntitlementsClaims },
  media: { typ: 'leasehold-media+jws', maxBytes: 262_144, guard: isMediaClaims },
  session: { typ: 'leasehold-session+jws', maxBytes: 4096, guard: isSessionClaims },
  voucher: { typ: 'leasehold-voucher+jws', maxBytes: 4096, guard: isVoucherClaims },
  recovery: { typ: 'leasehold-recovery+jws', maxBytes: 4096, guard: isRecoveryClaims },
  lineage: { typ: 'leasehold-lineage+jws', maxBytes: 4096, guard: isLineageClaims },
  head: { typ: 'leasehold-head+jws', maxBytes: 2048, guard: isHeadClaims },
  statement: { typ: 'leasehold-statement+jws', maxBytes: 4096, guard: isStatementClaims },
  extension: { typ: 'leasehold-extension+jws', maxBytes: 4096, guard: isExtensionClaims },
  successor: { typ: 'leasehold-successor+jws', maxBytes: 2048, guard: isSuccessorClaims },
  time: { typ: 'leasehold-time+jws', maxBytes: 2048, guard: isTimeClaims },
  grant: { typ: 'leasehold-grant+jws', maxBytes: 1_000_000, guard: isGrantClaims },
  recover: { typ: 'leasehold-recover+jws', maxBytes: 4096, guard: isRecoverClaims },
  request: { typ: 'leasehold-request+jws', maxBytes: 1_000_000, guard: isExchangeRequestClaims },
  response: { typ: 'leasehold-response+jws', maxBytes: 12_000_000, guard: isExchangeResponseClaims },
  proof: { typ: 'leasehold-proof+jws', maxBytes: 8192, guard: isProofClaims },
};

/** Which key may have signed: by the token's key id and the instant at which it says it was issued. */
export type KeyLookup = (kid: string, issuedAt: number) => PublicJwk;

export interface Verification {
  readonly ed25519: Ed25519Verifier;
  readonly keys: KeyLookup;
  /** What the token must name; a token of another product, account or epoch is TOKEN_FOREIGN. */
  readonly expect?: Readonly<Partial<Record<'iss' | 'product' | 'sub' | 'account', string>>>;
}

/** Signed by a device, whose key they carry themselves. */
const SELF_SIGNED: ReadonlySet<TokenKind> = new Set(['proof', 'request', 'lineage']);

export function signToken<K extends TokenKind>(kind: K, claims: ClaimsOf[K], signer: Signer): Promise<string> {
  return seal(KINDS[kind].typ, claims, signer, SELF_SIGNED.has(kind));
}

/** The one verified path of every token: size, form, kind, key window at `iat`, seal, claims, addressee, in this order.
 * Whether the claims have ended is the caller's question: a lapsed lease is still genuine. Throws LeaseholdError. */
export async function verifyToken<K extends TokenKind>(
  kind: K,
  token: string,
  how: Verification,
): Promise<ClaimsOf[K]> {
  const row = KINDS[kind];
  const parts = unseal(token, row.maxBytes);
  if (parts.typ !== row.typ) {
    throw new LeaseholdError(
      'TOKEN_KIND',
      `A token of the kind ${row.typ} was expected, not ${parts.typ.slice(0, 60)}.`,
    );
  }
  const claims: unknown = parts.claims;
  if (!row.guard(claims))
    throw new LeaseholdError('TOKEN_CLAIMS', `The claims of the ${kind} are incomplete or wrong.`);
  const issuedAt = parts.claims['iat'];
  if (parts.kid === undefined || typeof issuedAt !== 'number') {
    throw new LeaseholdError('TOKEN_CLAIMS', `The ${kind} names no key.`);
  }
  await checkSeal(parts, how.keys(parts.kid, issuedAt), how.ed25519);
  const named: Readonly<Record<string, unknown>> = parts.claims;
  for (const [name, wanted] of Object.entries(how.expect ?? {})) {
    if (named[name] !== wanted) {
      throw new LeaseholdError('TOKEN_FOREIGN', `The ${kind} belongs to another ${addressee(name)}.`, { path: name });
    }
  }
  return claims;
}

/** Verifies a proof of possession by the key it carries itself (RFC 9449 section 4.3); the caller compares the
 * thumbprint, method, URL, body hash, time and challenge. */
export function verifyProof(token: string, ed25519: Ed25519Verifier): Promise<SelfSigned<'proof'>> {
  return verifySelfSigned('proof', token, ed25519);
}

/** Verifies the request of a machine without a network by the device key that it carries. */
export function verifyRequest(token: string, ed25519: Ed25519Verifier): Promise<SelfSigned<'request'>> {
  return verifySelfSigned('request', token, ed25519);
}

/** Verifies the note of a restore job by the device key that it carries; whose key that is, the caller asks. */
export function verifyLineage(token: string, ed25519: Ed25519Verifier): Promise<SelfSigned<'lineage'>> {
  return verifySelfSigned('lineage', token, ed25519);
}

interface SelfSigned<K extends TokenKind> {
  readonly claims: ClaimsOf[K];
  readonly jwk: PublicJwk;
}

async function verifySelfSigned<K extends 'proof' | 'request' | 'lineage'>(
  kind: K,
  token: string,
  ed25519: Ed25519Verifier,
): Promise<SelfSigned<K>> {
  const { typ, maxBytes, guard } = KINDS[kind];
  const parts = unseal(token, maxBytes);
  if (parts.typ !== typ) throw new LeaseholdError('TOKEN_KIND', `The ${kind} is a token of another kind.`);
  const claims: unknown = parts.claims;
  if (parts.jwk === undefined || !guard(claims)) {
    throw new LeaseholdError('PROOF_INVALID', `The ${kind} is incomplete.`);
  }
  await checkSeal(parts, parts.jwk, ed25519);
  return { claims, jwk: parts.jwk };
}

function addressee(claim: string): string {
  return { iss: 'account', account: 'account', product: 'product', sub: 'instance' }[claim] ?? claim;
}
