import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  canonicalCode,
  CODE_ROUNDS,
  codeSalt,
  FIRMWARE_COMPONENTS,
  indexOfChallenge,
  machineCode,
  makeChallenge,
} from '@leasehold/protocol';
import type { MediaClaims } from '@leasehold/protocol';
import type { ThisMachine } from '../machine/machine.js';
import { sha256 } from '../trust/trust.js';

const derive = promisify(pbkdf2);

/** What a boot medium shows for the person who helps by telephone. */
export interface SpokenCodes {
  /** Names this machine for a voucher. */
  readonly machine: string;
  /** To be answered with a one-time code; another one at the next start. Absent where the medium takes none. */
  readonly challenge?: string;
}

/** The codes to be read out, of a genuine passport. Undefined on a machine without any firmware part that could be read. */
export async function spokenCodes(
  claims: MediaClaims,
  machine: ThisMachine,
  start: string,
): Promise<SpokenCodes | undefined> {
  const part = FIRMWARE_COMPONENTS.map((name) => machine.components[name]).find((hash) => hash !== undefined);
  if (part === undefined) return undefined;
  const code = await machineCode(claims.salt, part, sha256);
  if (claims.codes === undefined) return { machine: code };
  return { machine: code, challenge: await makeChallenge([claims.media, claims.iat, code, start], sha256) };
}

/** Is this the code that the challenge of this start asks for? Checked against the passport alone (F-10). */
export async function isCodeFor(claims: MediaClaims, challenge: string, typed: string): Promise<boolean> {
  const index = indexOfChallenge(challenge);
  const wanted = Buffer.from(claims.codes?.[index] ?? '', 'base64url');
  if (wanted.length === 0) return false;
  const salt = codeSalt(claims.media, claims.iat, index);
  return timingSafeEqual(await derive(canonicalCode(typed), salt, CODE_ROUNDS, wanted.length, 'sha256'), wanted);
}
