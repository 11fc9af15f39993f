/** Text and bytes in any runtime: this floor knows neither Node's Buffer nor the browser's globals by type. */

interface Codecs {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
  readonly TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };
}
const { TextEncoder, TextDecoder } = globalThis as unknown as Codecs;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
/** Throws on bytes that are no UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

const LETTERS = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const NO_LETTER = 64;
const VALUES = new Uint8Array(128).fill(NO_LETTER);
LETTERS.forEach((letter, value) => (VALUES[letter] = value));

/** base64url without padding (RFC 7515 section 2). Through bytes, not by adding up letters: tokens may have megabytes. */
export function toBase64Url(bytes: Uint8Array): string {
  const letters = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  for (let i = 0, at = 0; i < bytes.length; i += 3, at += 4) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    letters[at] = LETTERS[word >> 18]!;
    letters[at + 1] = LETTERS[(word >> 12) & 63]!;
    // What lies beyond the end of an array of bytes is not written.
    letters[at + 2] = LETTERS[(word >> 6) & 63]!;
    letters[at + 3] = LETTERS[word & 63]!;
  }
  return fromUtf8(letters);
}

/** Undefined for anything but the one canonical spelling: no padding, no other letters, no spare bits. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = VALUES[text.charCodeAt(i)] ?? NO_LETTER;
    if (value === NO_LETTER) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (word >> bits) & 255;
      at += 1;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
