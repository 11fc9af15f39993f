import { toBase64Url, utf8 } from './bytes.js';
import type { Sha256 } from './journal.js';

/** The parts of a machine that a boot medium can still read when the system's own disk is blank (design section 4). */
export const FIRMWARE_COMPONENTS = ['hardware_uuid', 'board_serial', 'mac'] as const;

/** One component of one machine as a passport lists it: 8 bytes of SHA-256 over salt, name and component hash. Short, so
 * that thousands of machines fit; a stranger's machine meets one of 20,000 entries by chance once in 10^15. */
export async function passportHash(salt: string, name: string, component: string, sha256: Sha256): Promise<string> {
  const digest = await sha256(utf8(JSON.stringify(['leasehold-passport', salt, name, component])));
  return toBase64Url(digest.subarray(0, 8));
}
