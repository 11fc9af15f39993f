import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';

/** PEM files of a certificate, with those that lead to the root, and of its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Reads certificate and key as they are now. @throws LeaseholdError OPTIONS_INVALID: a file that cannot be read, that holds
 * none, a key of another certificate, a certificate that has ended */
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
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw wrong(
      'tls.key',
      `${files.key} is not the key of the certificate in ${files.cert}.`,
      'Name its own key.',
      cause,
    );
  }
  return { cert, key };
}

function parse(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw wrong('tls.cert', `${file} holds no certificate in PEM form.`, 'Name the file with the whole chain.', cause);
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
