import { utf8 } from './bytes.js';
import { checkLetters, CROCKFORD, readCrockford, toCrockford } from './crockford.js';
import type { Sha256 } from './journal.js';
import { LeaseholdError } from './problems.js';

/** What a technician reads out at a boot medium, and the code that is told him for it.
 *
 * A passport carries slow hashes of {@link CODES} codes, which the authority derives and tells nobody. The medium shows a
 * *challenge* made of itself, of the machine and of a number that this start drew; it picks which of the codes answers. So
 * a code is checked without a network, nobody can make one from the stick, and the code of one night fits another start
 * once in {@link CODES}, although a medium remembers nothing (design section 4). */
export const CODES = 512;
/** PBKDF2-SHA256 rounds of a hash: with 50 random bits, more work than a night's recovery is worth to anybody. */
export const CODE_ROUNDS = 1000;
const CODE_LETTERS = 10;
const DATA_LETTERS = 8;
const CHECK_LETTERS = 2;

/** The text that the hash of a code is salted with; `stampedAt` is the passport's `iat`. */
export function codeSalt(media: string, stampedAt: number, index: number): string {
  return JSON.stringify(['leasehold-code', media, stampedAt, index]);
}

/** 10 letters of 7 or more bytes. */
export function formatCode(bytes: Uint8Array): string {
  return hyphened(toCrockford(bytes, CODE_LETTERS));
}

/** A code or challenge as it is compared, whatever hyphens and letters were typed. */
export function canonicalCode(typed: string): string {
  return readCrockford(typed);
}

/** What the medium shows: `parts` are what it is made of, the random number of this start among them. */
export async function makeChallenge(parts: readonly (string | number)[], sha256: Sha256): Promise<string> {
  const digest = await sha256(utf8(JSON.stringify(['leasehold-challenge', ...parts])));
  return withCheck(toCrockford(digest.subarray(0, 5), DATA_LETTERS));
}

/** The code of a machine, made of the strongest firmware part that can be read, under the passport's salt. */
export async function machineCode(salt: string, component: string, sha256: Sha256): Promise<string> {
  const digest = await sha256(utf8(JSON.stringify(['leasehold-machine', salt, component])));
  return withCheck(toCrockford(digest.subarray(0, 5), DATA_LETTERS));
}

/** Which code answers a challenge. Throws INPUT_INVALID when it was misread. */
export function indexOfChallenge(typed: string): number {
  const letters = readSpoken(typed, 'challenge').slice(0, DATA_LETTERS);
  let value = 0;
  for (const letter of letters) value = (value * 32 + CROCKFORD.indexOf(letter)) % CODES;
  return value;
}

/** A challenge or machine code in its one spelling. Throws INPUT_INVALID with what is wrong. */
export function readSpoken(typed: string, path: string): string {
  const text = readCrockford(typed);
  const data = text.slice(0, DATA_LETTERS);
  const whole = text.length === DATA_LETTERS + CHECK_LETTERS && [...text].every((letter) => CROCKFORD.includes(letter));
  if (whole && checkLetters(data, CHECK_LETTERS) === text.slice(DATA_LETTERS)) return hyphened(text);
  throw new LeaseholdError('INPUT_INVALID', 'One or more characters are missing or wrong.', {
    path,
    remedy: 'Compare it with what the boot medium shows: ten letters and digits.',
  });
}

function withCheck(data: string): string {
  return hyphened(data + checkLetters(data, CHECK_LETTERS));
}

function hyphened(text: string): string {
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}

/** The salt of a technician's PIN: bound to him, his medium and the account. */
export function pinSalt(account: string, media: string, technician: string): string {
  return JSON.stringify(['leasehold-pin', account, media, technician]);
}
/** scrypt parameters of a PIN's hash: about 0.1 s and 32 MB. */
export const PIN_SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 67_108_864, bytes: 32 } as const;
