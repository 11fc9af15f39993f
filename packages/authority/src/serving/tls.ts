import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Settings } from '../options.js';

/** PEM files of a certificate, with those that lead to the root, and of its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Reads certificate and key as they are now. @throws LeaseholdError OPTIONS_INVALID: a file that cannot be read, that holds
 * none, a key that is of another certificate or asks for a passphrase, a certificate that has ended */
export function readTls(files: TlsFiles, now: number): { readonly cert: string; readonly key: string } {
  const [cert, key] = [readPem(files.cert, 'tls.cert'), readPem(files.key, 'tls.key')];
  const certificate = parse(cert, files.cert);
  if (Date.parse(certificate.validTo) <= now) {
    throw wrong(
      'tls.cert',
      `The certificate in ${files.cert} ended on ${certificate.validTo}.`,
      'Put a new one there.',
    );
  }
  if (!certificate.checkPrivateKey(parseKey(key, files.key))) {
    throw wrong('tls.key', `${files.key} is not the key of the certificate in ${files.cert}.`, 'Name its own key.');
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const sentence = `TLS cannot be served with ${files.cert}: ${(cause as Error).message}.`;
    throw wrong('tls.cert', sentence, 'Put the whole chain there, with a key of 2048 bits (RSA) or 256 (EC).', cause);
  }
  return { cert, key };
}

/** Takes up certificate and key whenever a file changes, until it is stopped. While one of them is still the old one, or what
 * stands there is wrong, the server goes on with what it had and the log says so. Looks at the files instead of listening
 * for changes: a renewal may swap a link, or a whole folder. */
export function watchTls(
  { tls, tlsPollSeconds, now, log }: Pick<Settings, 'tls' | 'tlsPollSeconds' | 'now' | 'log'>,
  takeUp: (read: ReturnType<typeof readTls>) => void,
): () => void {
  if (tls === undefined) return () => undefined;
  const look = (): void => {
    try {
      takeUp(readTls(tls, now()));
      log({ level: 'info', event: 'tls.taken_up' });
    } catch (thrown) {
      const { message, details } = LeaseholdError.is(thrown) ? thrown : { message: String(thrown), details: {} };
      log({ level: 'warn', event: 'tls.not_taken_up', path: details.path ?? null, message });
    }
  };
  for (const file of [tls.cert, tls.key]) {
    watchFile(file, { interval: tlsPollSeconds * 1000, persistent: false }, look);
  }
  return () => [tls.cert, tls.key].forEach((file) => unwatchFile(file, look));
}

function parse(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw wrong('tls.cert', `${file} holds no certificate in PEM form.`, 'Name the file with the whole chain.', cause);
  }
}

/** OpenSSL takes an empty key for none, and would serve without: no call would come about. */
function parseKey(key: string, file: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    if (!key.includes('ENCRYPTED')) {
      throw wrong('tls.key', `${file} holds no private key in PEM form.`, 'Name the file with the whole key.', cause);
    }
    const remedy = `Take it off, and let the service alone read the file: openssl pkey -in ${file} -out KEY`;
    throw wrong('tls.key', `${file} asks for a passphrase.`, remedy, cause);
  }
}

function readPem(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw wrong(path, `${file} cannot be read.`, 'Check its name, and that the service may read it.', cause);
  }
}

function wrong(path: string, sentence: string, remedy: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('OPTIONS_INVALID', sentence, { path, remedy, cause });
}
