import { LeaseholdError, parseLicenseKey } from '@leasehold/protocol';
import { isSessionHolder } from '@leasehold/protocol/guards';
import type { Message, SessionClaims, Signer } from '@leasehold/protocol';
import type { Decision, OsClass } from '@leasehold/terms';
import { assertTexts } from '../given.js';
import { asLeaseholdError } from '../problem-log.js';
import { TechnicianSession, refusalOf, verifyGrant } from './technician-session.js';
import type { Transport } from '../wire/transport.js';
import type { TrustPath } from '../trust/trust.js';
import type { Clock } from '../lease/trusted-clock.js';

/** What an IT Pro says before work on a machine (AIP-9.4 to 9.7). */
export interface TechnicianRequest {
  readonly licenseKey: string;
  /** Id of the technician whom the license names. */
  readonly technician: string;
  readonly technicianName?: string;
  /** Id of the boot medium in use. */
  readonly media: string;
  /** The machine to work on: this one by default. */
  readonly machine?: string;
  readonly machineOs?: OsClass;
  readonly operation: 'backup' | 'restore' | 'migrate';
  /** Breaks off the request. */
  readonly signal?: AbortSignal;
  /** The technician’s own, where the medium was stamped with one. */
  readonly pin?: string;
  /** Tells whoever holds the license to finish; ask again once `decision.value.holder.until` has passed. */
  readonly takeOver?: boolean;
}

/** Who holds the session that stands in the way. */
export type SessionHolder = Message<'SessionHolder'>;

/** A session, or who has it, or what kept the question from being answered. */
export type TechnicianOutcome =
  | { readonly started: true; readonly session: TechnicianSession }
  | {
      readonly started: false;
      readonly decision: Decision;
      readonly problem: LeaseholdError;
      /** Who, where, until when; with ITPRO_CONCURRENT. */
      readonly holder?: SessionHolder;
    };

export interface TechnicianParts {
  readonly product: string;
  readonly transport: Transport | undefined;
  readonly trust: TrustPath;
  readonly clock: Clock;
  readonly random: (size: number) => Uint8Array;
  readonly signer: () => Promise<Signer>;
  /** What this machine is called and runs where the request does not say. */
  readonly here: { readonly machine: string; readonly os: OsClass };
}

/** Asks for a session. The authority's grants never overlap; what is counted here ends before its own count does. */
export async function startSession(parts: TechnicianParts, request: TechnicianRequest): Promise<TechnicianOutcome> {
  try {
    assertTexts(request, 'licenseKey', 'technician', 'media', 'operation');
    const { transport, trust, clock } = parts;
    if (transport === undefined) throw offline();
    const body = sessionRequest(parts, request);
    const signer = await parts.signer();
    const askedAt = clock.read();
    const reply = await transport.call('sessionStart', { body, signer, signal: request.signal });
    const grant = await verifyGrant(trust, transport, reply.grant);
    checkGrant(grant, reply.session, body);
    const session = new TechnicianSession({ ...parts, transport, signer }, grant, askedAt);
    return { started: true, session };
  } catch (cause) {
    const problem = asLeaseholdError(cause);
    const holder = holderOf(problem);
    const decision = refusalOf(problem);
    return { started: false, decision, problem, ...(holder === undefined ? {} : { holder }) };
  }
}

function sessionRequest(parts: TechnicianParts, request: TechnicianRequest): Message<'SessionStartRequest'> {
  const { here, product, random } = parts;
  const { technicianName, technician, media, operation, pin, takeOver } = request;
  return {
    licenseKey: parseLicenseKey(request.licenseKey).canonical,
    product,
    technician,
    ...(technicianName === undefined ? {} : { technicianName }),
    media,
    machine: request.machine ?? here.machine,
    machineOs: request.machineOs ?? here.os,
    operation,
    ...(pin === undefined ? {} : { pin }),
    ...(takeOver === undefined ? {} : { takeOver }),
    nonce: Buffer.from(random(16)).toString('base64url'),
  };
}

function checkGrant(grant: SessionClaims, session: string, asked: Message<'SessionStartRequest'>): void {
  const { technician, media, machine } = asked;
  const same = grant.technician === technician && grant.media === media && grant.machine === machine;
  if (grant.session === session && same) return;
  throw new LeaseholdError('TOKEN_FOREIGN', 'The session that was granted is not the one that was asked for.', {
    path: 'grant',
    remedy: 'Ask again; if this repeats, something between here and the authority replays old answers.',
  });
}

function holderOf({ details }: LeaseholdError): SessionHolder | undefined {
  const { value } = (details.decision ?? {}) as { readonly value?: { readonly holder?: unknown } };
  return [value?.holder, value].find(isSessionHolder);
}

function offline(): LeaseholdError {
  return new LeaseholdError('AUTHORITY_UNREACHABLE', 'A session needs an authority, and none is set here.', {
    remedy: 'Give the option `authority`.',
  });
}
