import { LeaseholdError, shortageOf } from '@leasehold/protocol';
import type { ProblemCode } from '@leasehold/protocol';
import { DATE_ERRORS } from '../trust/certificate-chain.js';
import { iso } from '../decision/facts.js';

/** Why a request got no answer, by the code that Node, OpenSSL or undici gives it: our code, what it means, what to do. */
const CAUSES: Readonly<Record<string, readonly [ProblemCode, string, string]>> = {
  ECONNREFUSED: [
    'AUTHORITY_UNREACHABLE',
    'Nothing answers at this address and port: the connection was refused',
    'Start the authority, or correct its address and port.',
  ],
  ENOTFOUND: [
    'AUTHORITY_UNREACHABLE',
    'The name of the authority is not known to the name server',
    'Correct the address, or check the name server of this machine.',
  ],
  EAI_AGAIN: ['AUTHORITY_UNREACHABLE', 'The name server does not answer', 'Check the network of this machine.'],
  EHOSTUNREACH: ['AUTHORITY_UNREACHABLE', 'There is no way to the host', 'Check the network and its firewall.'],
  ERR_ACCESS_DENIED: [
    'AUTHORITY_UNREACHABLE',
    'Node keeps this process from the network',
    'Start Node with --allow-net: its permission model is on.',
  ],
  ENETUNREACH: ['AUTHORITY_UNREACHABLE', 'There is no network', 'Check the network of this machine.'],
  ETIMEDOUT: ['TIMEOUT', 'The authority did not answer in time', 'Check the network and its firewall.'],
  UND_ERR_CONNECT_TIMEOUT: ['TIMEOUT', 'No connection came about in time', 'Check the network and its firewall.'],
  UND_ERR_HEADERS_TIMEOUT: ['TIMEOUT', 'The authority did not answer in time', 'Look whether it is overloaded.'],
  UND_ERR_BODY_TIMEOUT: ['TIMEOUT', 'The answer of the authority stopped midway', 'Check the network between.'],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'AUTHORITY_UNREACHABLE',
    'The address says https, but the port does not speak TLS',
    'Correct the port, or write http where TLS ends at a proxy.',
  ],
  EPROTO: [
    'AUTHORITY_UNREACHABLE',
    'The address says https, but no TLS connection came about',
    'Correct the port, or write http where TLS ends at a proxy.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'BAD_CERTIFICATE',
    'The certificate was made for another name',
    'Use the address that stands in the certificate, or give the server one for this address.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned(),
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: selfSigned(),
  UNABLE_TO_GET_ISSUER_CERT: selfSigned(),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: selfSigned(),
};

function selfSigned(): readonly [ProblemCode, string, string] {
  return [
    'BAD_CERTIFICATE',
    'The certificate is signed by nobody this machine trusts',
    'Give the server a certificate of a trusted authority, or give its own authority in the option `ca`.',
  ];
}

/** The time a certificate was judged by: the machine's own clock, or what an authority signed. Epoch milliseconds. */
export interface JudgedBy {
  readonly clock: 'machine' | 'signed';
  readonly at: number;
}

/** Gives a failed request its name. `url` stands in the sentence; the first cause is kept. */
export function wireProblem(cause: unknown, url: string, by: JudgedBy): LeaseholdError {
  if (LeaseholdError.is(cause)) return cause;
  const { origin } = new URL(url);
  const code = codeOf(cause);
  if (DATE_ERRORS.has(code)) return certificateDates(cause, code, origin, by);
  const known = CAUSES[code];
  if (known !== undefined) {
    const [problem, meaning, remedy] = known;
    return new LeaseholdError(problem, `${meaning} (${origin}).`, { remedy, reason: code, cause });
  }
  const shortage = shortageOf(code);
  if (shortage !== undefined) {
    const message = `${shortage.message}: no connection could be opened (${origin}).`;
    return new LeaseholdError('AUTHORITY_UNREACHABLE', message, { remedy: shortage.remedy, reason: code, cause });
  }
  if (nameOf(cause) === 'HTTPParserError') {
    return new LeaseholdError('GUARD_FAILED', `What answers at ${origin} does not speak HTTP.`, {
      remedy: 'Check the address: a port that speaks TLS needs https.',
      reason: code,
      cause,
    });
  }
  const proxy = proxyRefusal(cause);
  if (proxy !== undefined) return proxy;
  if (isAbort(cause)) {
    const remedy = 'Ask again: what the authority did meanwhile is not done twice.';
    return new LeaseholdError('TIMEOUT', `The request to ${origin} was broken off.`, { remedy, cause });
  }
  const certificate = code.startsWith('CERT_') || code.startsWith('UNABLE_TO_');
  return new LeaseholdError(
    certificate ? 'BAD_CERTIFICATE' : 'AUTHORITY_UNREACHABLE',
    `The authority could not be reached (${origin}): ${messageOf(cause)}.`,
    { remedy: 'Check the address, the network and the proxy of this machine.', reason: code, cause },
  );
}

/** By the machine's clock it may be the clock that is wrong; by a signed time it is the certificate. */
function certificateDates(cause: unknown, code: string, origin: string, { clock, at }: JudgedBy): LeaseholdError {
  const word = code === 'CERT_HAS_EXPIRED' ? 'has ended' : 'is not valid yet';
  const certificate = `the certificate of ${origin} ${word}`;
  if (clock === 'signed') {
    return new LeaseholdError('BAD_CERTIFICATE', `By the time that the authority signed (${iso(at)}) ${certificate}.`, {
      remedy: 'Renew the certificate of the authority.',
      reason: code,
      cause,
    });
  }
  return new LeaseholdError('CLOCK_BREAKS_TLS', `By the clock of this machine (${iso(at)}) ${certificate}.`, {
    remedy: 'Set the clock of this machine. If it is right, the certificate of the authority must be renewed.',
    reason: code,
    cause,
  });
}

/** undici tells a proxy's refusal as an abort; its status stands in the sentence. */
function proxyRefusal(cause: unknown): LeaseholdError | undefined {
  const status = /^Proxy response \((\d{3})\)/.exec(messageOf(cause))?.[1];
  if (status === undefined) return undefined;
  const [meaning, remedy] =
    status === '407'
      ? [
          'The proxy wants a user name and password, or others',
          'Write them into the proxy’s address: http://name:password@proxy:port.',
        ]
      : [
          `The proxy does not lead to the authority (status ${status})`,
          'Let the proxy pass the authority’s address, or list that in NO_PROXY.',
        ];
  return new LeaseholdError('AUTHORITY_UNREACHABLE', `${meaning}.`, { remedy, reason: `PROXY_${status}` });
}

/** By its shape: inside a test runner we run in a realm of our own, and what the system throws is no `Error` of it. */
type Thrown = Partial<NodeJS.ErrnoException & AggregateError> | null | undefined;

function codeOf(error: unknown): string {
  for (let at = error as Thrown, depth = 0; at !== undefined && depth < 5; at = at?.cause as Thrown, depth += 1) {
    // Several addresses of one name may all have failed; the first failure speaks for them.
    const code = ((at?.errors?.[0] ?? at) as Thrown)?.code;
    if (typeof code === 'string') return code;
  }
  return '';
}

function nameOf(error: unknown): string {
  return (error as Thrown)?.name ?? '';
}

function isAbort(error: unknown): boolean {
  return nameOf(error) === 'AbortError' || nameOf(error) === 'TimeoutError';
}

function messageOf(error: unknown): string {
  return (error as Thrown)?.message ?? String(error);
}
