import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A self-signed certificate for 127.0.0.1 by openssl; `madeAt` in the words of faketime (`-30d`), to be long over. */
export function selfSigned(days: number, madeAt?: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 ' +
    `-addext subjectAltName=IP:127.0.0.1 -days ${days} -keyout ${key} -out ${cert}`;
  const openssl = words.split(' ');
  const made =
    madeAt === undefined ? spawnSync('openssl', openssl) : spawnSync('faketime', ['-f', madeAt, 'openssl', ...openssl]);
  try {
    if (made.status !== 0) throw new Error(`No certificate was made: ${String(made.stderr ?? made.error)}`);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
