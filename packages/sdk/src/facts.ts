import type { EntitlementsClaims, LeaseClaims } from '@leasehold/protocol';
import { readFacts } from '@leasehold/terms';
import type { Facts, Iso, Request } from '@leasehold/terms';

/** What this installation is in its facts: a machine, an instance or a backup server, and its id there. */
export type Self = EntitlementsClaims['self'];

/** A verified lease with the facts it entitles to, ready to be judged. */
export interface Rights {
  readonly lease: LeaseClaims;
  readonly self: Self;
  /** Read once; only the clock changes between judgements. */
  readonly facts: Facts;
}

/** The instant of a judgement, read once. Epoch milliseconds. */
export interface Moment {
  /** Never before what is trusted (D-6). */
  readonly now: number;
  /** What the machine's own clock shows; given where it lies behind. */
  readonly behind?: number;
  /** Did the last contact reach the authority? */
  readonly reachable: boolean;
}

/** Brings verified claims into the form of the rules. Throws a TermsError for facts this version cannot read. */
export function rightsOf(lease: LeaseClaims, entitlements: EntitlementsClaims): Rights {
  const facts = readFacts({ ...entitlements.facts, now: iso(entitlements.iat * 1000) });
  return { lease, self: entitlements.self, facts };
}

/** The facts at one moment. */
export function factsAt({ facts, lease }: Rights, moment: Moment): Facts {
  return {
    ...facts,
    now: iso(moment.behind ?? moment.now),
    ...(moment.behind === undefined ? {} : { lastTrustedTime: iso(moment.now) }),
    lease: { issuedAt: iso(lease.iat * 1000), expiresAt: iso(lease.exp * 1000), signature: 'valid' },
    authority: { reachable: moment.reachable },
  };
}

const SUBJECTS = ['machine', 'instance', 'server'];

/** Puts this installation in the place of the word `self`, and where nothing is named. A vendor may say `machine: 'self'`
 * whatever the license calls it: an installation that is licensed as an instance or server is then asked as that. */
export function resolveSelf(request: Request, self: Self): Request {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request)) {
    const own = value === 'self' && name === 'machine' ? self.kind : name;
    resolved[own] = value === 'self' ? self.id : value;
  }
  if (!SUBJECTS.some((name) => name in resolved)) resolved[self.kind] = self.id;
  return resolved as Request;
}

export function iso(epochMs: number): Iso {
  return new Date(epochMs).toISOString();
}
