import type { Decision } from '@leasehold/terms';
import type { NoticeEntry } from './notices.js';
import { isInstant, readClockMark } from './trusted-clock.js';
import type { RelayVoucher } from '../trust/trust.js';
import type { ClockMark } from './trusted-clock.js';

/** What an installation was given: tokens as they came, verified again at each load. */
export interface Holding {
  readonly instance: string;
  readonly lease: string;
  /** With a sub-lease: what the relay showed with it. */
  readonly relay?: RelayVoucher;
  readonly entitlements: string;
  /** Digest of the license key that was typed; another key in the options activates anew. */
  readonly keyDigest: string;
  /** `iat` of the first lease, in seconds: a recovery proof says it (F-10). */
  readonly coveredSince: number;
}

/** An explicit no of the authority. It stands until a contact says otherwise and rides on no grace, but that of a lowered
 * quota (F-4). */
export interface Denial {
  /** When it was first heard. */
  readonly at: number;
  readonly message: string;
  readonly decision: Decision;
}

/** The one document of the state: written whole at each contact, so that its parts never contradict each other. Times
 * are epoch milliseconds. */
export interface LicenseDocument {
  readonly form: 1;
  /** The highest keyset that was believed; it outlives the license, or an older one could come back. */
  readonly keyset: string | null;
  readonly holding: Holding | null;
  /** What pinned roots said of those after them, in their order; verified again at each load. */
  readonly successors: readonly string[];
  /** A root's extension note, verified again at each load. */
  readonly extension: string | null;
  readonly denial: Denial | null;
  /** Digest of the license key whose seat was given back: only a person takes it again, no timer does. */
  readonly givenBack: string | null;
  /** When an installation with a first-run grace was started for the first time; it outlives the license. */
  readonly firstRunAt: number | null;
  readonly contactAt: number | null;
  readonly renewAfter: number | null;
  /** After a failure no contact of its own before then: a process that is started again and again goes by it, too. */
  readonly quietUntil: number | null;
  /** Since when the hardware is not the one the lease names, seen offline (D-9). */
  readonly machineChangedAt: number | null;
  /** How far each warning has come that an admin was told. */
  readonly told: readonly NoticeEntry[];
  readonly clock: ClockMark | null;
}

export const EMPTY_DOCUMENT: LicenseDocument = {
  form: 1,
  keyset: null,
  holding: null,
  successors: [],
  extension: null,
  denial: null,
  givenBack: null,
  firstRunAt: null,
  contactAt: null,
  renewAfter: null,
  quietUntil: null,
  machineChangedAt: null,
  told: [],
  clock: null,
};

/** The chain link of a request that may still be unanswered: written before it leaves, used again until it is answered. */
export interface Intent {
  readonly parent: string | null;
  readonly nonce: string;
  /** Digest of the license key of an activation; null for a check-in. */
  readonly keyDigest: string | null;
  /** When it was first asked by the trusted clock; null where a version before wrote it. */
  readonly askedAt: number | null;
}

/** Reads what the sealed file held. Undefined for a form that this version does not know: a newer one wrote it. */
export function readDocument(value: unknown): LicenseDocument | undefined {
  if (typeof value !== 'object' || value === null || (value as { form?: unknown }).form !== 1) return undefined;
  const document = { ...EMPTY_DOCUMENT, ...value, form: 1 } as LicenseDocument;
  const known = Object.entries(MEMBERS).every(([name, fits]) => fits(document[name as keyof LicenseDocument]));
  return known ? { ...document, clock: readClockMark(document.clock) ?? null } : undefined;
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => value === null || typeof value === 'string';
const instant: Check = (value) => value === null || isInstant(value);
const object: Check = (value) => value === null || typeof value === 'object';
const denial: Check = (value) => {
  if (value === null) return true;
  const { at, message, decision } = value as Partial<Denial>;
  return isInstant(at) && typeof message === 'string' && typeof decision?.reason_rule === 'string';
};

/** The seal says who wrote it, not that it was this version. What a holding holds is verified token by token. */
const MEMBERS: Readonly<Partial<Record<keyof LicenseDocument, Check>>> = {
  keyset: text,
  holding: object,
  successors: (value) => Array.isArray(value) && value.every(text),
  extension: text,
  denial,
  givenBack: text,
  firstRunAt: instant,
  contactAt: instant,
  renewAfter: instant,
  quietUntil: instant,
  machineChangedAt: instant,
  told: (value) => Array.isArray(value) && value.every((entry) => Array.isArray(entry)),
};

export function readIntent(value: unknown): Intent | undefined {
  const intent = value as Partial<Intent> | null;
  if (typeof intent !== 'object' || intent === null || typeof intent.nonce !== 'string') return undefined;
  const { parent = null, nonce, keyDigest = null, askedAt } = intent;
  return {
    parent,
    nonce,
    keyDigest,
    askedAt: typeof askedAt === 'number' && Number.isFinite(askedAt) ? askedAt : null,
  };
}
