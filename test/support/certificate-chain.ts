import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an authority of certificates signed: the leaf with its key, what a server sends, and what a client trusts. */
export interface Issued {
  readonly key: string;
  /** The leaf and the authority in between, as a server sends them. */
  readonly cert: string;
  readonly ca: string;
}

export interface IssueOptions {
  /** Days that leaf and authorities hold. */
  readonly days?: number;
  /** In the words of faketime (`-30d`): when all of them were made. */
  readonly madeAt?: string;
  /** What the leaf may be used for. */
  readonly purpose?: string;
  /** The one in between is a plain certificate that may sign nobody. */
  readonly betweenIsNoAuthority?: boolean;
}

/** A chain of three for 127.0.0.1 by openssl: root, the authority in between, leaf. */
export function issueChain(options: IssueOptions = {}): Issued {
  const { days = 3650, madeAt, purpose = 'serverAuth', betweenIsNoAuthority = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-chain-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => {
    const made =
      madeAt === undefined ? spawnSync('openssl', words) : spawnSync('faketime', ['-f', madeAt, 'openssl', ...words]);
    if (made.status !== 0) throw new Error(`No certificate was made: ${String(made.stderr ?? made.error)}`);
  };
  const key = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    name,
  ];
  const sign = (name: string, by: string, extensions: string): void => {
    writeFileSync(file(`${name}.ext`), extensions);
    openssl('req', ...key(file(`${name}.key`)), '-subj', `/CN=${name}`, '-out', file(`${name}.csr`));
    const signer = ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-CAcreateserial'];
    const end = ['-days', String(days), '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`)];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...signer, ...end);
  };
  try {
    const authority = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n';
    const root = ['-subj', '/CN=root', '-days', String(days), '-out', file('root.pem')];
    openssl('req', '-x509', ...key(file('root.key')), ...root);
    sign('between', 'root', betweenIsNoAuthority ? 'basicConstraints=CA:FALSE\n' : authority);
    sign('leaf', 'between', `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${purpose}\n`);
    const [leaf, between, ca] = ['leaf', 'between', 'root'].map((name) => readFileSync(file(`${name}.pem`), 'utf8'));
    return { key: readFileSync(file('leaf.key'), 'utf8'), cert: `${leaf}${between}`, ca: ca ?? '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
