import { coverageFacts, coverageRequests } from './coverage/shapes.js';
import { defaultRequests, genericRequests } from './defaults/shapes.js';
import { instanceFacts, instanceRequests } from './instances/shapes.js';
import { Ledger } from './ledger.js';
import type { Facts, Known, Profile, Request } from './model.js';
import { poolFacts, poolRequests } from './pools/shapes.js';
import { TermsError } from './problem.js';
import {
  count,
  days,
  flag,
  fraction,
  iso,
  isRecord,
  listOf,
  mapOf,
  notNegative,
  nullable,
  object,
  oneOf,
  optional,
  text,
  timeZone,
  wrong,
  type Check,
} from './reading.js';

/** A question as it arrives: what is known, and what is asked. */
export interface Case {
  readonly facts: Facts;
  readonly request: Request;
}

const policy = object({
  graceDays: optional(mapOf(days)),
  overuse: optional(nullable(object({ percent: notNegative, count }))),
  subscriptionTargetHost: optional(oneOf('as_6_1', 'strict')),
  allowGlobalFallback: optional(flag),
  lmpLockout: optional(oneOf('read_only', 'literal')),
  fingerprintThreshold: optional(fraction),
  staleDays: optional(days),
  warnDays: optional(listOf(days)),
  shortageGraceDays: optional(days),
  parallelDays: optional(days),
  releaseReuse: optional(oneOf('after_lease', 'at_once')),
});

/** Facts that every profile may hold. */
const shared: Readonly<Record<string, Check>> = {
  now: iso,
  lastTrustedTime: optional(iso),
  policy: optional(policy),
  account: optional(object({ timeZone: optional(timeZone) })),
  authority: optional(object({ reachable: flag })),
  lease: optional(object({ issuedAt: iso, expiresAt: iso, signature: oneOf('valid', 'invalid') })),
  unknown: optional(listOf(text)),
};

interface Shapes {
  readonly facts: Check;
  /** Action → shape of its own fields. */
  readonly requests: Readonly<Record<string, Check>>;
}

const profiles: Readonly<Record<Profile, () => Shapes>> = {
  aip: () => shapes(coverageFacts, coverageRequests),
  msp: () => shapes(instanceFacts, instanceRequests),
  lmp: () => shapes(poolFacts, poolRequests),
  generic: () => shapes({}, genericRequests),
};

function shapes(facts: Readonly<Record<string, Check>>, requests: Shapes['requests']): Shapes {
  return { facts: object({ ...shared, ...facts }), requests: { ...defaultRequests, ...requests } };
}

const known: Partial<Record<Profile, Shapes>> = {};

/** Put together with the first facts of a profile: a machine is licensed by one of them. */
function shapesOf(profile: Profile): Shapes {
  return (known[profile] ??= profiles[profile]());
}

/** The actions that a request of this profile can name. */
export function actionsOf(profile: Profile): readonly string[] {
  return Object.keys(shapesOf(profile).requests);
}

/** Reads one untyped case `{given, when}`; further fields (`id`, `title` …) are left alone. Returns the same values, typed.
 * @throws TermsError INPUT_INVALID, FACTS_INVALID, DUPLICATE_ID, UNKNOWN_ACTION, UNKNOWN_ID, each with the path that is wrong */
export function readCase(input: unknown): Case {
  if (!isRecord(input)) throw new TermsError('INPUT_INVALID', '', 'a case must be an object {given, when}');
  const facts = readFacts(input['given']);
  return { facts, request: readRequest(facts, input['when']) };
}

/** Reads facts alone: what an SDK keeps, what an authority loads. @throws TermsError FACTS_INVALID, DUPLICATE_ID */
export function readFacts(given: unknown): Facts {
  const place = { path: 'given' };
  if (!isRecord(given)) wrong(place, given === undefined ? 'is missing: give the facts' : 'must be an object');
  oneOf(...Object.keys(profiles))(given['profile'], { path: 'given.profile' });
  shapesOf(given['profile'] as Profile).facts(given, place);
  return given as unknown as Facts;
}

/** Reads a request against facts that were read before. @throws TermsError INPUT_INVALID, UNKNOWN_ACTION, UNKNOWN_ID */
export function readRequest(facts: Known | Ledger, when: unknown): Request {
  const ledger = facts instanceof Ledger ? facts : new Ledger(facts);
  if (!isRecord(when))
    wrong({ path: 'when' }, when === undefined ? 'is missing: give the request' : 'must be an object');
  const action = when['action'];
  text(action, { path: 'when.action' });
  const { requests } = shapesOf(ledger.facts.profile);
  const shape = Object.hasOwn(requests, action as string) ? requests[action as string] : undefined;
  if (shape === undefined) {
    throw new TermsError(
      'UNKNOWN_ACTION',
      'when.action',
      `profile ${ledger.facts.profile} knows: ${Object.keys(requests).join(', ')}`,
    );
  }
  shape(when, { path: 'when', ledger });
  return when as Request;
}
