import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as Tls from 'node:tls';

/** By which time the dates of a certificate are judged: an instant in epoch milliseconds, or none. */
export type CertificateTime = number | 'any';

/** What Node says of a certificate's dates, by the machine's own clock. */
export const DATE_ERRORS: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** Purpose "TLS server" of a certificate (RFC 5280 section 4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const MAX_DEPTH = 8;

export interface ChainJudge {
  /** Handed in, since a start that never goes online must not load it. */
  readonly tls: typeof Tls;
  /** PEM of the authorities to trust instead of the public ones. */
  readonly ca: string | undefined;
  readonly at: CertificateTime;
}

/** A server's certificates, judged by another time than the machine's clock: TLS itself knows no other. Answers what is
 * wrong with them, with the code that Node has for it. OpenSSL tells only the last of several errors, so a chain that it
 * faults for its dates is followed here again from the leaf to a trusted authority (RFC 5280 section 6). */
export function chainProblem(socket: Tls.TLSSocket, host: string, { tls, ca, at }: ChainJudge): Error | undefined {
  const told = String(socket.authorizationError ?? '');
  if (!socket.authorized && !DATE_ERRORS.has(told)) return coded(told);
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return coded('UNABLE_TO_GET_ISSUER_CERT');
  const misnamed = tls.checkServerIdentity(host, leaf.toLegacyObject());
  if (misnamed !== undefined) return misnamed;
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(SERVER_AUTH)) return coded('INVALID_PURPOSE');
  const chain = chainToAnchor(leaf, anchorsOf(ca ?? authoritiesOf(tls)));
  if (chain === undefined) return coded('UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
  return at === 'any' ? undefined : chain.map((certificate) => datesProblem(certificate, at)).find(Boolean);
}

/** The certificates from the leaf to one that is trusted, each signed by the next; undefined where they do not meet. */
function chainToAnchor(leaf: X509Certificate, anchors: readonly X509Certificate[]): X509Certificate[] | undefined {
  const chain = [leaf];
  for (let at = leaf; chain.length <= MAX_DEPTH;) {
    if (anchors.some(({ raw }) => raw.equals(at.raw))) return chain;
    const anchor = anchors.find((candidate) => isIssuedBy(at, candidate));
    if (anchor !== undefined) return [...chain, anchor];
    const issuer = at.issuerCertificate;
    if (issuer === undefined || issuer.raw.equals(at.raw) || !issuer.ca || !isIssuedBy(at, issuer)) return undefined;
    chain.push(issuer);
    at = issuer;
  }
  return undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** What TLS trusts by itself here: the public authorities, and those that an admin gave this process or its system. Node
 * tells all of them from 22.15 on; before, it knows a file beside the public ones and nothing else. */
function authoritiesOf(tls: typeof Tls): string {
  const { getCACertificates } = tls as typeof Tls & { getCACertificates?: (which: 'default') => string[] };
  const all = getCACertificates?.('default') ?? [...tls.rootCertificates, extraAuthorities()];
  return all.join('\n');
}

function extraAuthorities(): string {
  try {
    return readFileSync(process.env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  } catch {
    return '';
  }
}

/** One that cannot be read signs nobody; TLS passes it over as well. */
function anchorsOf(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  return texts.flatMap((text) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      return [];
    }
  });
}

function datesProblem({ validFrom, validTo }: X509Certificate, at: number): Error | undefined {
  if (!(at >= Date.parse(validFrom))) return coded('CERT_NOT_YET_VALID');
  return at <= Date.parse(validTo) ? undefined : coded('CERT_HAS_EXPIRED');
}

function coded(code: string): Error {
  return Object.assign(new Error(`The certificate is not accepted: ${code}`), { code });
}
