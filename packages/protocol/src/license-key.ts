import { checkLetters, CROCKFORD, readCrockford, toCrockford } from './crockford.js';
import { LeaseholdError } from './problems.js';

/** What a person types. 26 letters carry 128 random bits, 4 more a checksum, so that a typing error is told from an
 * unknown key before any request: `LH-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`, Crockford base32. */
const DATA_LETTERS = 26;
const LETTERS = 30;

/** Key kinds by prefix: a license, or a company's enrollment key for a roll-out. */
export const KEY_PREFIXES = { license: 'LH', enrollment: 'LE' } as const;
export type KeyKind = keyof typeof KEY_PREFIXES;

/** Formats 16 random bytes as a key. */
export function formatLicenseKey(kind: KeyKind, random: Uint8Array): string {
  if (random.length !== 16) throw new LeaseholdError('INPUT_INVALID', 'A license key is made of 16 random bytes.');
  const data = toCrockford(random, DATA_LETTERS);
  return spell(kind, data + checksum(KEY_PREFIXES[kind] + data));
}

/** Reads what was typed: any case, with or without hyphens and spaces, O for 0, I and L for 1. Throws LICENSE_KEY_TYPO
 * with what is wrong; a key that passes may still be unknown to the authority. */
export function parseLicenseKey(typed: string): { readonly kind: KeyKind; readonly canonical: string } {
  const text = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  const kind = (Object.keys(KEY_PREFIXES) as KeyKind[]).find((candidate) => text.startsWith(KEY_PREFIXES[candidate]));
  if (kind === undefined) throw typo(`It starts with ${KEY_PREFIXES.license}- or ${KEY_PREFIXES.enrollment}-.`);
  const letters = readCrockford(text.slice(2));
  if (letters.length !== LETTERS)
    throw typo(`It has ${LETTERS} letters and digits after the prefix, not ${letters.length}.`);
  const odd = [...letters].find((letter) => !CROCKFORD.includes(letter));
  if (odd !== undefined) throw typo(`"${odd}" never stands in a license key.`);
  const data = letters.slice(0, DATA_LETTERS);
  if (checksum(KEY_PREFIXES[kind] + data) !== letters.slice(DATA_LETTERS))
    throw typo('One or more characters are wrong.');
  return { kind, canonical: spell(kind, letters) };
}

function spell(kind: KeyKind, letters: string): string {
  return [KEY_PREFIXES[kind], ...(letters.match(/.{5}/g) ?? [])].join('-');
}

function checksum(text: string): string {
  return checkLetters(text, LETTERS - DATA_LETTERS);
}

function typo(detail: string): LeaseholdError {
  return new LeaseholdError('LICENSE_KEY_TYPO', `This is not a whole license key. ${detail}`, {
    path: 'licenseKey',
    remedy: 'Compare it with the key you received, or paste it instead of typing it.',
  });
}
