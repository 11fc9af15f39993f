import { asLeaseholdError } from './problem-log.js';
import { findLineageNote } from './lease/lineage.js';
import { activationBody, checkInBody } from './lease/request-bodies.js';
import type { LicenseParts } from './license-handle.js';

/** What leaves this machine, as the requests themselves would be made now. */
export interface Sent {
  /** The authority that it goes to; null where none is set. */
  readonly to: string | null;
  /** Members of the request that takes a seat. */
  readonly activation: SentBody;
  /** Members of the request that renews the lease; null where no license is held. */
  readonly checkIn: SentBody | null;
}

/** The license key and tokens stand here by what they are, and never themselves. */
export type SentBody = Readonly<Record<string, unknown>>;

/** Of each request the very members that it is made of, so that nothing can leave which is not shown here. Never throws. */
export function whatIsSent(parts: LicenseParts): Sent {
  const { settings, installation, usage, refusals } = parts;
  const { trust, clock, document, standing } = installation;
  const { holding } = document;
  const asking = { settings, trust, clock, usage, refusals, machine: () => parts.machine.report };
  const { jti = null, entitlements = null } = standing.rights?.lease ?? {};
  const held = (now: NonNullable<typeof holding>): object =>
    checkInBody(asking, {
      holding: now,
      chain: { parent: jti, nonce: RANDOM },
      lineage: findLineageNote(settings.stateDir),
      entitlementsDigest: entitlements,
    });
  return {
    to: settings.authority ?? null,
    activation: shown(() => activationBody(asking, { licenseKey: KEY, chain: { parent: null, nonce: RANDOM } })),
    checkIn: holding === null ? null : shown(() => held(holding)),
  };
}

const KEY = '(the license key)';
const RANDOM = '(random)';
const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

/** A request that cannot be made, since a function of the vendor fails, is none that leaves. */
function shown(body: () => object): SentBody {
  try {
    const named = (_name: string, value: unknown): unknown =>
      typeof value === 'string' && TOKEN.test(value) ? `(a token of ${value.length} characters)` : value;
    return JSON.parse(JSON.stringify(body(), named)) as SentBody;
  } catch (cause) {
    return { problem: asLeaseholdError(cause).message };
  }
}
