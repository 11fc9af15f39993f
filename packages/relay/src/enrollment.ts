import { createHash } from 'node:crypto';
import { formatLicenseKey, parseLicenseKey } from '@leasehold/protocol';

/** What lets agents join: a code is shown once and kept as its digest alone. Times are epoch milliseconds. */
export interface Enrollment {
  /** CAL kind of the clients that join by it. */
  readonly kind: string;
  readonly until: number;
}

export function newCode(random: (size: number) => Uint8Array): string {
  return formatLicenseKey('enrollment', random(16));
}

/** The name under which a code is kept. Throws LICENSE_KEY_TYPO. Its 128 random bits need no stretching. */
export function digestOfCode(typed: string): string {
  return createHash('sha256').update(parseLicenseKey(typed).canonical).digest('base64url');
}
