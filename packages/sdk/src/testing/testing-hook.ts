import type { Fingerprint, FingerprintOptions } from '@leasehold/fingerprint';
import type { Clock } from '../lease/trusted-clock.js';
import type { Wire } from '../wire/wire.js';

/** What a test may put in place of the world. Never set it in a product: a clock or network of one's own is exactly what
 * the license must not depend on. */
export interface Testing {
  readonly clock?: Clock;
  /** Random bytes: nonces and jitter. */
  readonly random?: (size: number) => Buffer;
  readonly wire?: Wire;
  /** Where the status sockets are published, instead of the system's run folder. */
  readonly socket?: { readonly runFolder: string };
  readonly fingerprint?: (options: FingerprintOptions) => Promise<Fingerprint>;
}
