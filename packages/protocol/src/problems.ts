/** Every failure has a code of this closed set; the code is stable, the sentence is not. Refusals by rule are not
 * failures: they are decisions, and travel as `decision` inside a problem only where a call could not be carried out. */
export const PROBLEM_CODES = {
  AUTHORITY_UNREACHABLE: 503,
  BAD_CERTIFICATE: 502,
  CHAIN_STALE: 409,
  CHANGED_MEANWHILE: 412,
  CLOCK_BEHIND: 503,
  CLOCK_BREAKS_TLS: 502,
  CLOCK_SKEW: 401,
  CONFLICT: 409,
  CONNECTION_STRING_INVALID: 400,
  DATABASE_IN_USE: 503,
  DATABASE_UNAVAILABLE: 503,
  DISK_FULL: 507,
  ENROLLMENT_ENDED: 403,
  ENTITLEMENTS_INVALID: 502,
  EXCHANGE_USED: 409,
  FINGERPRINT_UNKNOWN: 422,
  FORBIDDEN: 403,
  GUARD_FAILED: 502,
  IDEMPOTENCY_MISMATCH: 409,
  INPUT_INVALID: 400,
  INSTANCE_UNKNOWN: 404,
  INTERNAL: 500,
  INVENTORY_FAILED: 502,
  KEYSET_EXPIRED: 502,
  KEYSET_ROLLBACK: 502,
  KEY_UNKNOWN: 502,
  LICENSE_KEY_TYPO: 400,
  LICENSE_KEY_UNKNOWN: 404,
  LICENSE_REVOKED: 403,
  MACHINE_CHANGED: 409,
  METHOD_NOT_ALLOWED: 405,
  NODE_TOO_OLD: 500,
  NONCE_REQUIRED: 401,
  NOT_ACTIVATED: 409,
  NOT_FOUND: 404,
  OPTIONS_INVALID: 400,
  OVERLOADED: 503,
  PAYLOAD_TOO_LARGE: 413,
  PAYMENT_UNAVAILABLE: 502,
  PERMISSION_DENIED: 403,
  PORT_IN_USE: 500,
  PROOF_INVALID: 401,
  READ_ONLY_FOLDER: 500,
  REFUSED: 409,
  SEATS_EXHAUSTED: 409,
  STATE_DAMAGED: 500,
  STATE_FOREIGN: 500,
  STATE_IN_USE: 423,
  STATE_UNAVAILABLE: 500,
  TIMEOUT: 504,
  TOKEN_CLAIMS: 400,
  TOKEN_EXPIRED: 401,
  TOKEN_FOREIGN: 403,
  TOKEN_KIND: 400,
  TOKEN_MALFORMED: 400,
  TOKEN_SIGNATURE: 403,
  TOO_MANY_ATTEMPTS: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_VERSION: 426,
  WRONG_ROOT: 403,
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** What a problem may carry beside its code and sentence. `path` names the wrong member (`given.licenses[0].term`),
 * `remedy` what to do next, `decision` the refusal by rule that stopped the call. */
export interface ProblemDetails {
  readonly path?: string;
  readonly remedy?: string;
  readonly rule?: string;
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  readonly decision?: unknown;
  /** What others changed since the caller looked, of CHANGED_MEANWHILE: `ChangedMeanwhile` each. */
  readonly changes?: readonly object[];
  /** Further things that are wrong with the input, where several were looked for. */
  readonly errors?: readonly { readonly path: string; readonly detail: string }[];
  readonly cause?: unknown;
}

const BRAND = Symbol.for('leasehold.error');

/** The one error of the product. Recognize it by `LeaseholdError.is`, which survives two copies of the package. */
export class LeaseholdError extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly [BRAND] = true;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'LeaseholdError';
    this.code = code;
    this.details = details;
  }

  static is(value: unknown): value is LeaseholdError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Problem details of RFC 9457 with our members `code`, `rule`, `remedy`, `path`, `decision`. The cause stays inside. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly path?: string;
  readonly remedy?: string;
  readonly rule?: string;
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  readonly decision?: unknown;
  readonly changes?: readonly object[];
  readonly errors?: readonly { readonly path: string; readonly detail: string }[];
}

/** Reads a problem that came over the wire; anything else becomes GUARD_FAILED, never a silent success. */
export function fromProblem(value: unknown, status: number): LeaseholdError {
  const problem = (typeof value === 'object' && value !== null ? value : {}) as Partial<Problem>;
  if (typeof problem.code === 'string' && problem.code in PROBLEM_CODES && typeof problem.detail === 'string') {
    const { code, detail, type: _type, title: _title, status: _status, ...details } = problem as Problem;
    return new LeaseholdError(code, detail, details);
  }
  return new LeaseholdError('GUARD_FAILED', `The authority answered ${status} in a form that is not ours.`, {
    remedy: 'Check that the address is the one of a Leasehold authority and that no proxy answers in its place.',
  });
}
