import { count, fraction, flag, iso, object, oneOf, optional, positive, text, type Check } from '../reading.js';

/** Actions that every profile knows. */
export const defaultRequests: Readonly<Record<string, Check>> = {
  // The seal is judged where it is given; without one only the way in is asked for, which is always open (D-7).
  'license.install': object({ licenseSignature: optional(oneOf('valid', 'invalid')) }),
  'license.renew': object({ licenseSignature: optional(oneOf('valid', 'invalid')) }),
  'job.continue': object({ startedAt: iso }),
  'instance.stale_check': object({ lastSeenAt: iso, standby: optional(flag), machine: optional(text) }),
  'fingerprint.match': object({ similarity: fraction }),
  'instance.admit': admit,
};

/** The agent's view without a profile: the lease alone decides. */
export const genericRequests: Readonly<Record<string, Check>> = {
  backup: leased(object({ machine: text })),
  restore: object({ machine: optional(text) }),
};

function admit(value: unknown, place: Parameters<Check>[1]): void {
  object({ ordinal: positive })(value, place);
  object({ term: oneOf('perpetual', 'subscription', 'trial', 'rental'), licensed: count })(
    place.ledger?.facts.entitlement,
    {
      path: 'given.entitlement',
    },
  );
}

/** Without a profile a backup needs a lease: nothing is licensed because the lease is missing. */
function leased(shape: Check): Check {
  return (value, place) => {
    shape(value, place);
    object({})(place.ledger?.facts.lease, { path: 'given.lease' });
  };
}
