import { createHash } from 'node:crypto';
import { LeaseholdError, fromBase64Url, fromUtf8, parseLicenseKey } from '@leasehold/protocol';
import type { LeaseClaims, Message, RequestOf, Signer } from '@leasehold/protocol';
import type { Chain } from './chain.js';
import { rightsOf } from '../decision/facts.js';
import type { Rights } from '../decision/facts.js';
import { findLineageNote, forgetLineageNote } from './lineage.js';
import type { Holding, Intent, LicenseDocument } from './license-document.js';
import { activationBody, checkInBody, offsetAt } from './request-bodies.js';
import { nextTurn } from './next-turn.js';
import type { Settings } from '../options.js';
import type { Refusals } from '../decision/refusals.js';
import type { Transport } from '../wire/transport.js';
import type { TrustPath } from '../trust/trust.js';
import type { TrustedClock } from './trusted-clock.js';

type CheckInReply = Message<'CheckInReply'>;

const MINUTE = 60_000;

/** What rides along on a check-in, and is forgotten here once the authority has it. */
export interface UsageCarrier {
  batch(): Message<'UsageBatch'> | undefined;
  /** How many reports wait, and since when the oldest of them does. */
  health(): { readonly waiting: number; readonly oldest?: string };
  seen(mark: NonNullable<CheckInReply['usageSeen']>): Promise<void>;
  /** What is reported from now on is another branch's: numbers that the one before used may come again. */
  beginEpoch(): Promise<void>;
}

export interface ContactParts {
  readonly settings: Settings;
  readonly transport: Pick<Transport, 'call'>;
  readonly trust: TrustPath;
  readonly chain: Chain;
  readonly clock: TrustedClock;
  readonly machine: () => Message<'MachineReport'>;
  readonly usage: UsageCarrier;
  readonly refusals: Refusals;
}

/** What a request is made of; it may leave by network or by file. */
export type Asking = Omit<ContactParts, 'transport'>;

/** What a contact brought: to be stored and then to be used. */
export interface Contacted {
  readonly document: LicenseDocument;
  readonly rights: Rights;
  /** It was signed long before it came: a lost reply, given again as it was. */
  readonly isLate: boolean;
}

/** Takes a seat by license key. Throws LICENSE_KEY_TYPO before any request; the authority's refusals; what stopped it. */
export async function activate(
  parts: ContactParts,
  document: LicenseDocument,
  key: { readonly typed: string; readonly signer: Signer },
  signal?: AbortSignal,
): Promise<Contacted> {
  const { body, intent, keyDigest } = await activationRequest(parts, key.typed);
  const { signer } = key;
  const reply = await parts.transport.call('activate', { body, signer, signal });
  return accept(parts, document, { reply, intent, keyDigest, signer, signal });
}

/** What an activation asks, and the link that its answer must fit. Throws LICENSE_KEY_TYPO. */
export async function activationRequest(
  parts: Asking,
  typed: string,
): Promise<{ readonly body: RequestOf<'activate'>; readonly intent: Intent; readonly keyDigest: string }> {
  const licenseKey = parseLicenseKey(typed).canonical;
  const keyDigest = digestOfKey(typed);
  const intent = await parts.chain.link(null, keyDigest);
  return { body: activationBody(parts, { licenseKey, chain: intent }), intent, keyDigest };
}

/** What is to be renewed; without rights where no keyset proves it any more. */
interface Held {
  readonly holding: Holding;
  readonly rights: Rights | undefined;
}

/** Renews the lease; usage and refusals ride along. */
export async function checkIn(
  parts: ContactParts,
  document: LicenseDocument,
  held: Held & { readonly signer: Signer },
  signal?: AbortSignal,
): Promise<Contacted> {
  const { holding, signer } = held;
  const { usage, refusals } = parts;
  const { body, intent } = await renewalRequest(parts, held);
  const reply = await parts.transport.call('checkIn', { body, signer, signal });
  const { keyDigest } = holding;
  const epoch = held.rights?.lease.epoch ?? 0;
  const contacted = await accept(parts, document, { reply, intent, keyDigest, epoch, signer, signal });
  refusals.reported(body.refusals ?? []);
  if (body.lineage !== undefined) await forgetLineageNote(parts.settings.stateDir);
  if (reply.usageSeen !== undefined) await usage.seen(reply.usageSeen);
  return contacted;
}

/** What a check-in asks, and the link that its answer must fit. */
export async function renewalRequest(
  parts: Asking,
  { holding, rights }: Held,
): Promise<{ readonly body: RequestOf<'checkIn'>; readonly intent: Intent }> {
  const intent = await parts.chain.link(rights?.lease.jti ?? unprovenName(holding.lease), null);
  const lineage = findLineageNote(parts.settings.stateDir);
  const entitlementsDigest = await provenDigest(parts.trust, holding, rights);
  const body = checkInBody(parts, { holding, chain: intent, lineage, entitlementsDigest });
  return { body, intent };
}

/** Of the entitlements that are held; null where the keyset does not prove them any more (their key was revoked since, or is
 * gone from it), so that they come anew. */
async function provenDigest(
  trust: TrustPath,
  { entitlements }: Holding,
  rights: Rights | undefined,
): Promise<string | null> {
  if (rights === undefined) return null;
  const { lease } = rights;
  return trust.entitlements(entitlements, lease).then(
    () => lease.entitlements,
    () => null,
  );
}

/** Which lease it is, by its own word: the authority knows what it gave, and its answer is proved like any other. Null, as
 * from a state that was put back, for what cannot be read. */
function unprovenName(lease: string): string | null {
  try {
    const claims = JSON.parse(fromUtf8(fromBase64Url(lease.split('.')[1] ?? '')!)) as Partial<LeaseClaims>;
    return typeof claims.jti === 'string' ? claims.jti : null;
  } catch {
    return null;
  }
}

/** Names a license key without keeping it; its 128 random bits need no stretching. */
export function digestOfKey(typed: string): string {
  return createHash('sha256').update(parseLicenseKey(typed).canonical).digest('base64url');
}

interface Answered {
  readonly reply: CheckInReply;
  readonly intent: Intent;
  readonly keyDigest: string;
  /** Of the lease that is held: an authority never goes back in it. */
  readonly epoch?: number;
  readonly signer: Signer;
  readonly signal?: AbortSignal | undefined;
}

/** Believes a reply only as far as its seals go, and only where it answers our own nonce. */
export async function accept(parts: ContactParts, document: LicenseDocument, got: Answered): Promise<Contacted> {
  const { trust, clock } = parts;
  const { reply, keyDigest, intent } = got;
  if (reply.keyset !== undefined) await trust.adoptKeyset(reply.keyset);
  const lease = await verifyLease(parts, got);
  requireOwnAnswer(lease, got);
  const token = reply.entitlements ?? document.holding?.entitlements;
  if (token === undefined) {
    throw new LeaseholdError('ENTITLEMENTS_INVALID', 'The authority sent a lease without its entitlements.');
  }
  // The steps of a check-in hold the event loop one by one, and never together.
  await nextTurn();
  const entitlements = await trust.entitlements(token, lease);
  await nextTurn();
  const rights = await rightsOf(lease, entitlements);
  if (isOtherBranch(reply, document.holding)) await parts.usage.beginEpoch();
  const isLate = clock.learnAnswer(lease.iat * 1000, intent.askedAt);
  const now = clock.read().now;
  const coveredSince = document.holding?.coveredSince ?? lease.iat;
  return {
    rights,
    isLate,
    document: {
      ...document,
      keyset: trust.keyset?.token ?? null,
      holding: { entitlements: token, keyDigest, coveredSince, ...tokensOf(reply) },
      denial: null,
      givenBack: null,
      contactAt: now,
      renewAfter: renewAfter(reply, lease, now),
      quietUntil: null,
      machineChangedAt: null,
      clock: clock.mark ?? null,
    },
  };
}

function tokensOf({ instance, lease, relay }: CheckInReply): Pick<Holding, 'instance' | 'lease' | 'relay'> {
  return { instance, lease, ...(relay === undefined ? {} : { relay }) };
}

function requireOwnAnswer(lease: LeaseClaims, { reply, intent, epoch = 0 }: Answered): void {
  if (lease.sub !== reply.instance || lease.jti !== `${lease.seq}.${intent.nonce}`) {
    throw new LeaseholdError('TOKEN_FOREIGN', 'The lease answers another request than ours.', {
      path: 'lease.jti',
      remedy: 'Check in again; if this repeats, something between here and the authority replays old answers.',
    });
  }
  if (lease.epoch < epoch) {
    throw new LeaseholdError('TOKEN_FOREIGN', 'The lease comes from before the one that is held here.', {
      path: 'lease.epoch',
      remedy: 'An old copy of the authority answers: its operator must bring the newest one back.',
    });
  }
}

/** Was this machine set back, copied, or told that it is another instance? */
function isOtherBranch({ verdict, instance }: CheckInReply, holding: Holding | null): boolean {
  return verdict === 'restored' || verdict === 'cloned' || (holding !== null && holding.instance !== instance);
}

/** A key that is not listed may be newer than our keyset: asked for once. */
async function verifyLease(
  { trust, transport }: ContactParts,
  got: { readonly reply: CheckInReply; readonly signer: Signer; readonly signal?: AbortSignal | undefined },
): Promise<LeaseClaims> {
  const { reply, signer, signal } = got;
  const verified = (): Promise<LeaseClaims> => trust.lease(reply.lease, signer.publicKey.kid, reply.relay);
  try {
    return await verified();
  } catch (error) {
    if (!LeaseholdError.is(error) || error.code !== 'KEY_UNKNOWN') throw error;
    const { keyset } = await transport.call('keyset', { signal });
    await trust.adoptKeyset(keyset);
    return verified();
  }
}

/** The authority says when to come back; never so late that the lease would end before. It reckons the time of day by the
 * offset of today: on the day that the clocks change it is off by the change, either way. */
function renewAfter(reply: CheckInReply, lease: LeaseClaims, now: number): number {
  const said = now + Math.max(0, Date.parse(reply.renewAfter) - Date.parse(reply.serverTime));
  const asked = said + (offsetAt(now) - offsetAt(said)) * MINUTE;
  const latest = now + (lease.exp * 1000 - now) / 2;
  return Math.max(now + MINUTE, Math.min(asked, latest));
}
