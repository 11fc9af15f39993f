import { LeaseholdError } from '@leasehold/protocol';
import type { VoucherClaims } from '@leasehold/protocol';
import { iso } from '../decision/facts.js';
import type { Installation } from '../machine/installation.js';
import { refusalOf } from './technician-session.js';
import type { Guarded } from './technician-session.js';
import type { Clock, Reading } from '../lease/trusted-clock.js';

/** What is left unused at the end of a voucher, so that ours is over before the authority gives the license to another. */
const MARGIN_MS = 5000;

/** The right to start work by a voucher: counted from its start in time that includes suspend, whatever becomes of the
 * machine's clock meanwhile. A job that runs may finish (D-8). */
export class VoucherSession {
  readonly #trusted: Installation['clock'];
  readonly #clock: Clock;
  readonly #voucher: VoucherClaims;
  readonly #startedAt: Reading;
  /** ms that were left then. */
  readonly #left: number;
  #ended = false;

  constructor(trusted: Installation['clock'], clock: Clock, voucher: VoucherClaims) {
    this.#trusted = trusted;
    this.#clock = clock;
    this.#voucher = voucher;
    this.#startedAt = clock.read();
    this.#left = voucher.exp * 1000 - MARGIN_MS - trusted.read().now;
  }

  get id(): string {
    return this.#voucher.session;
  }
  /** Until when work may start, RFC 3339. */
  get until(): string {
    return iso(this.#voucher.exp * 1000);
  }
  get fence(): number {
    return this.#voucher.fence;
  }

  /** Before each piece of work. */
  async guard(): Promise<Guarded> {
    if (!this.#ended && this.#isLive()) return { allowed: true, until: this.until };
    const decision = { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'VOUCHER_ENDED' };
    const problem = new LeaseholdError('REFUSED', 'The time of this voucher is over.', {
      rule: 'AIP-9.6',
      reason: 'VOUCHER_ENDED',
      remedy: 'Ask the console for a new voucher for this medium and machine. A job that runs may finish.',
      decision,
    });
    return { allowed: false, decision: refusalOf(problem), problem };
  }

  /** Starts nothing more here. The license stays busy until the voucher's end: nobody can tell what a stick does. */
  async end(): Promise<LeaseholdError | undefined> {
    this.#ended = true;
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #isLive(): boolean {
    const { uptime, bootId } = this.#clock.read();
    const passed = uptime - this.#startedAt.uptime;
    const inTime = passed >= 0 && passed < this.#left && this.#trusted.read().now < this.#voucher.exp * 1000;
    return bootId === this.#startedAt.bootId && inTime;
  }
}
