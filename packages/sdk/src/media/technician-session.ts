import { LeaseholdError } from '@leasehold/protocol';
import type { SessionClaims, Signer } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { iso } from '../decision/facts.js';
import type { Waiting } from '../license.js';
import { asLeaseholdError } from '../problem-log.js';
import type { Transport } from '../wire/transport.js';
import type { TrustPath } from '../trust/trust.js';
import type { Clock, Reading } from '../lease/trusted-clock.js';

export interface SessionParts {
  readonly product: string;
  readonly transport: Transport;
  readonly trust: TrustPath;
  readonly clock: Clock;
  readonly signer: Signer;
}

/** May the next piece of work start? */
export type Guarded =
  | { readonly allowed: true; readonly until: string }
  | { readonly allowed: false; readonly decision: Decision; readonly problem: LeaseholdError };

/** What is left unused at the end of a grant, so that ours is over before the authority gives it to another. */
const MARGIN_MS = 5000;
/** Wall time and uptime may part by this much without meaning that the machine slept or its clock was set. */
const SLACK_MS = 5000;

/** One technician's right to start work on one machine. It counts from before it was asked for, in time that includes
 * suspend, and starts nothing after that; a job that runs may finish (D-8). */
export class TechnicianSession {
  readonly #parts: SessionParts;
  #grant: SessionClaims;
  #askedAt: Reading;
  #seenAt: Reading;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(parts: SessionParts, grant: SessionClaims, askedAt: Reading) {
    this.#parts = parts;
    this.#grant = grant;
    this.#askedAt = askedAt;
    this.#seenAt = parts.clock.read();
    this.#schedule();
  }

  get id(): string {
    return this.#grant.session;
  }
  /** Until when work may start, by the authority's clock, RFC 3339. */
  get until(): string {
    return iso(this.#grant.exp * 1000);
  }
  /** Rises with every grant of the license: a job that wrote a lower one is not of this session. */
  get fence(): number {
    return this.#grant.fence;
  }

  /** Before each piece of work. After a gap (suspend, a clock that was set, a process that stood still) the authority is
   * asked again, and without its answer nothing starts. */
  async guard(waiting?: Waiting): Promise<Guarded> {
    if (this.#ended) return this.#refuse(new LeaseholdError('CONFLICT', 'This session was ended.', { remedy: NEW }));
    const gap = this.#hasGap();
    if (!gap && this.#isLive()) return { allowed: true, until: this.until };
    const problem = await this.#beat({ signal: waiting?.signal });
    return problem === undefined ? { allowed: true, until: this.until } : this.#refuse(problem);
  }

  /** Gives the session back, so that the next technician need not wait for its end. Resolves with what kept it. */
  async end(waiting?: Waiting): Promise<LeaseholdError | undefined> {
    clearTimeout(this.#timer);
    if (this.#ended) return undefined;
    this.#ended = true;
    const { transport, product, signer } = this.#parts;
    const signal = waiting?.signal;
    try {
      await transport.call('sessionEnd', { params: { session: this.id }, body: { product }, signer, signal });
      return undefined;
    } catch (cause) {
      return asLeaseholdError(cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #isLive(): boolean {
    const passed = this.#parts.clock.read().uptime - this.#askedAt.uptime;
    return passed >= 0 && passed < this.#lengthMs() - MARGIN_MS;
  }

  #hasGap(): boolean {
    const now = this.#parts.clock.read();
    const [wall, uptime] = [now.wall - this.#seenAt.wall, now.uptime - this.#seenAt.uptime];
    const stoodStill = uptime < 0 || uptime > this.#lengthMs() / 2;
    return stoodStill || now.bootId !== this.#seenAt.bootId || Math.abs(wall - uptime) > SLACK_MS;
  }

  /** Keeps the session; several failures in a row let it run out by itself. */
  async #beat(how: {
    readonly signal?: AbortSignal | undefined;
    readonly background?: boolean;
  }): Promise<LeaseholdError | undefined> {
    const { transport, trust, product, signer, clock } = this.#parts;
    const askedAt = clock.read();
    try {
      const call = { params: { session: this.id }, body: { product }, signer, ...how };
      const reply = await transport.call('sessionBeat', call);
      const grant = await verifyGrant(trust, transport, reply.grant);
      if (grant.session !== this.id) throw new LeaseholdError('TOKEN_FOREIGN', 'The grant is of another session.');
      this.#grant = grant;
      this.#askedAt = askedAt;
      this.#seenAt = clock.read();
      return undefined;
    } catch (cause) {
      return asLeaseholdError(cause);
    } finally {
      this.#schedule();
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#beat({ background: true }), this.#lengthMs() / 3).unref();
  }

  #lengthMs(): number {
    return (this.#grant.exp - this.#grant.iat) * 1000;
  }

  #refuse(problem: LeaseholdError): Guarded {
    return { allowed: false, decision: refusalOf(problem), problem };
  }
}

const NEW = 'Start a new session.';

/** A medium that was never activated knows no keyset yet; and a grant may be signed by a newer key than it knows. */
export async function verifyGrant(trust: TrustPath, transport: Transport, token: string): Promise<SessionClaims> {
  try {
    return await trust.session(token);
  } catch (error) {
    if (!LeaseholdError.is(error) || error.code !== 'KEY_UNKNOWN') throw error;
    await trust.adoptKeyset((await transport.call('keyset')).keyset);
    return trust.session(token);
  }
}

/** The rules’ own refusal where there is one; an authority that cannot be asked starts nothing either. */
export function refusalOf({ code, details }: LeaseholdError): Decision {
  const { decision } = details as { readonly decision?: Partial<Decision> };
  if (decision?.decision === 'refuse' || decision?.decision === 'needs') return decision as Decision;
  return { decision: 'refuse', reason_rule: details.rule ?? 'AIP-9.6', code };
}
