import { FIRMWARE_COMPONENTS, passportHash } from '@leasehold/protocol';
import type { MediaClaims } from '@leasehold/protocol';
import { TermsError, catalogs, decide, isAllowed, readFacts, readRequest } from '@leasehold/terms';
import type { BootMedium, Decision, Facts, License, Machine, OsClass } from '@leasehold/terms';
import { factsAt, iso } from '../decision/facts.js';
import { noQuestion } from '../decision/judge.js';
import type { Installation } from '../machine/installation.js';
import type { ThisMachine } from '../machine/machine.js';
import { isCodeFor, spokenCodes } from './media-codes.js';
import type { SpokenCodes } from './media-codes.js';
import { asLeaseholdError } from '../problem-log.js';
import { verifyRecoveryProof } from '../trust/recovery-proof.js';
import { sha256 } from '../trust/trust.js';
import type { TrustPath } from '../trust/trust.js';
import type { Clock } from '../lease/trusted-clock.js';

/** What a boot medium asks before it works on the machine it was started on (AIP-9.1 to 9.3, F-10). */
export interface MediaUse {
  /** The passport as it lies on the medium; absent or null where there is none. */
  readonly passport?: string | null;
  /** The keyset that lies beside it, for a medium that starts where there is no network. */
  readonly keyset?: string;
  /** What the medium itself runs; told by the passport where it has one. */
  readonly base?: 'linux' | 'winpe';
  readonly purpose: 'system_recovery' | 'cold_backup' | 'file_recovery';
  /** The system on this machine's own disk; unknown for a blank disk. */
  readonly os?: OsClass;
  /** Id of the machine whose image is restored, and what becomes of that machine. */
  readonly imageOf?: string;
  readonly sourceDisposition?: 'disposed' | 'parallel' | 'undeclared';
  /** The proof that lies beside the backup (`license.recoveryProof()`). */
  readonly recoveryProof?: string | null;
  /** What was told for the challenge of this start (`license.media.codes()`). */
  readonly oneTimeCode?: string | null;
}

/** What was found out about the medium, for the screen of the one who holds it. */
export interface MediumFound {
  readonly stamp: BootMedium['stamp'];
  readonly id: string;
  readonly base: 'linux' | 'winpe';
  readonly licensee?: string;
  readonly technician?: string;
  readonly validUntil?: string;
  /** Why the stamp does not count. */
  readonly because?: string;
  /** Whether what was typed answers the challenge of this start; absent where nothing was typed. */
  readonly oneTimeCode?: 'valid' | 'invalid';
  /** Whether the recovery proof is genuine; absent where none was given. */
  readonly recoveryProof?: 'valid' | 'invalid';
}

export interface MediaParts {
  readonly installation: Installation;
  readonly machine: ThisMachine;
  readonly clock: Clock;
  /** Drawn at each start: a code that was told for another one fits nothing here. */
  readonly start: string;
}

type Passport = { readonly found: MediumFound; readonly claims?: MediaClaims };
const UNSTAMPED = 'unstamped';
/** The machine's own lease stands for nothing once it has ended (D-5); a passport that lists the machine does. */
const LAPSED: Decision = { decision: 'refuse', reason_rule: 'D-5', code: 'LEASE_EXPIRED' };
/** The machine in the facts that a passport vouches for. */
const THIS = 'this-machine';

/** May this medium be used here? Decided on this machine alone: a disaster has no network. */
export async function judgeMedia(
  parts: MediaParts,
  use: MediaUse,
): Promise<{ readonly decision: Decision; readonly medium: MediumFound }> {
  const passport = await readPassport(parts.installation, parts.machine, use, parts.installation.moment().now);
  try {
    return await judgeByPassport(parts, use, passport);
  } catch (error) {
    if (!(error instanceof TermsError)) throw error;
    return { decision: noQuestion(error), medium: passport.found };
  }
}

async function judgeByPassport(
  parts: MediaParts,
  use: MediaUse,
  passport: Passport,
): Promise<{ readonly decision: Decision; readonly medium: MediumFound }> {
  const { installation, machine } = parts;
  const { now } = installation.moment();
  const listing = await listingOf(passport.claims, machine, installation);
  const facts = factsOf(installation, machine, { passport, listing, use });
  const proofs = { ...(await proofOf(installation, use)), ...(await codeOf(parts, use, passport.claims)) };
  const request = readRequest(facts, {
    action: 'be_media.use',
    media: passport.found.id,
    machine: facts.machines?.[0]?.id,
    purpose: use.purpose,
    clock: isClockTrusted(installation, passport, now) ? 'trusted' : 'untrusted',
    ...(use.imageOf === undefined ? {} : { imageOf: use.imageOf }),
    ...(use.sourceDisposition === undefined ? {} : { sourceDisposition: use.sourceDisposition }),
    ...proofs,
  });
  const decision = decide(facts, request);
  const ended = facts.lease !== undefined && now >= Date.parse(facts.lease.expiresAt);
  const lapsed = ended && use.purpose === 'cold_backup' && isAllowed(decision);
  return { decision: lapsed ? LAPSED : decision, medium: { ...passport.found, ...proofs } };
}

async function proofOf(
  { trust }: Installation,
  { recoveryProof }: MediaUse,
): Promise<{ readonly recoveryProof?: 'valid' | 'invalid' }> {
  if (recoveryProof === undefined || recoveryProof === null) return {};
  return { recoveryProof: (await verifyRecoveryProof(trust, recoveryProof)) === undefined ? 'invalid' : 'valid' };
}

async function codeOf(
  { machine, start }: MediaParts,
  { oneTimeCode: typed }: MediaUse,
  claims: MediaClaims | undefined,
): Promise<{ readonly oneTimeCode?: 'valid' | 'invalid' }> {
  if (typed === undefined || typed === null || claims === undefined) return {};
  const codes = await spokenCodes(claims, machine, start);
  const valid = codes?.challenge !== undefined && (await isCodeFor(claims, codes.challenge, typed));
  return { oneTimeCode: valid ? 'valid' : 'invalid' };
}

/** What the medium shows for whoever helps by telephone. Undefined where its passport is not genuine, or nothing of this
 * machine can be read. */
export async function mediaCodes(
  { installation, machine, start }: MediaParts,
  use: Pick<MediaUse, 'passport' | 'keyset'>,
): Promise<SpokenCodes | undefined> {
  const { now } = installation.moment();
  const { claims } = await readPassport(installation, machine, { purpose: 'system_recovery', ...use }, now);
  return claims === undefined ? undefined : spokenCodes(claims, machine, start);
}

/** Anything that does not verify is a forged stamp; one that has ended is a genuine one that has ended. */
async function readPassport(
  { trust }: Installation,
  machine: ThisMachine,
  { passport, keyset, base }: MediaUse,
  now: number,
): Promise<Passport> {
  const running = base ?? machine.fingerprint.bootMedium.base ?? 'linux';
  const none = { id: UNSTAMPED, base: running };
  if (passport === undefined || passport === null || passport === '') return { found: { stamp: 'missing', ...none } };
  try {
    if (keyset !== undefined) await adoptUnlessOlder(trust, keyset);
    const claims = await trust.media(passport);
    const { media, licensee, technician, exp } = claims;
    const found = {
      stamp: now < exp * 1000 ? ('valid' as const) : ('expired' as const),
      id: media,
      base: claims.base,
      licensee,
      validUntil: iso(exp * 1000),
      ...(technician === undefined ? {} : { technician }),
    };
    return { found, claims };
  } catch (cause) {
    const { code, message } = asLeaseholdError(cause);
    return { found: { stamp: 'invalid', ...none, because: `${code}: ${message}` } };
  }
}

/** A medium may be older than what this machine knows; the newer keyset still lists the keys of the older one. */
export async function adoptUnlessOlder(trust: TrustPath, keyset: string): Promise<void> {
  try {
    await trust.adoptKeyset(keyset);
  } catch (error) {
    if (asLeaseholdError(error).code !== 'KEYSET_ROLLBACK') throw error;
  }
}

type Listing = 'covered' | 'formerly' | 'none';

/** Only firmware parts are compared: the system's own disk may be blank. One strong match is enough. A license that was
 * taken back is one that the machine had: recoveries stay open (D-1). */
async function listingOf(
  claims: MediaClaims | undefined,
  machine: ThisMachine,
  { standing }: Installation,
): Promise<Listing> {
  const otherwise = standing.denial === undefined ? 'none' : 'formerly';
  if (claims === undefined) return otherwise;
  const hashes = await Promise.all(
    FIRMWARE_COMPONENTS.flatMap((name) => {
      const component = machine.components[name];
      return component === undefined ? [] : [passportHash(claims.salt, name, component, sha256)];
    }),
  );
  if (hashes.some((hash) => claims.covered.includes(hash))) return 'covered';
  return hashes.some((hash) => claims.formerlyCovered.includes(hash)) ? 'formerly' : otherwise;
}

interface Known {
  readonly passport: Passport;
  readonly listing: Listing;
  readonly use: MediaUse;
}

/** The passport's list speaks first, then the machine's own lease; without either the machine is a stranger. */
function factsOf(installation: Installation, machine: ThisMachine, known: Known): Facts {
  const { id, base, stamp } = known.passport.found;
  const media = [{ id, base, stamp }];
  const own = known.listing === 'covered' ? undefined : ownFacts(installation, known.use.os);
  if (own !== undefined) return readFacts({ ...own, media });
  const onMedium = machine.fingerprint.bootMedium.startedFrom === 'medium';
  const os = known.use.os ?? (onMedium ? 'unknown' : machine.report.os);
  const here: Machine = { id: THIS, kind: 'physical', os };
  const licenses = known.listing === 'none' ? [] : [vouchedFor(known.listing, os)];
  return readFacts({ profile: 'aip', now: iso(installation.moment().now), machines: [here], licenses, media });
}

/** The facts of the lease on this machine's own disk, this machine first. */
function ownFacts(installation: Installation, os: OsClass | undefined): Facts | undefined {
  const { rights, denial } = installation.standing;
  if (rights?.self.kind !== 'machine' || denial !== undefined) return undefined;
  const facts = factsAt(rights, installation.moment());
  const { machines = [] } = facts;
  const self = machines.find(({ id }) => id === rights.self.id);
  if (self === undefined) return undefined;
  const here = os === undefined ? self : { ...self, os };
  return { ...facts, machines: [here, ...machines.filter((one) => one !== self)] };
}

/** The license that the passport says this machine has, or had. */
function vouchedFor(listing: 'covered' | 'formerly', os: OsClass): License {
  const edition = catalogs.aip.editions?.byOs[os] ?? 'server';
  return {
    id: 'passport',
    edition,
    term: 'perpetual',
    validUntil: null,
    boundTo: { type: 'machine', id: THIS },
    state: listing === 'covered' ? 'active' : 'revoked',
  };
}

/** A machine that starts from a medium knows no time but its own; one before the stamp cannot be right. */
function isClockTrusted({ clock }: Installation, { claims }: Passport, now: number): boolean {
  return clock.read().verdict === 'ok' && (claims === undefined || now >= claims.iat * 1000);
}
