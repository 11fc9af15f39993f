/** Crockford's base32: what a person reads out and types. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The last 5 × `letters` bits of the bytes, read as one number. */
export function toCrockford(bytes: Uint8Array, letters: number): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let k = letters - 1; k >= 0; k -= 1) text += CROCKFORD[Number((bits >> BigInt(5 * k)) & 31n)];
  return text;
}

/** What was typed, as it is compared: any case, with or without hyphens and spaces, O for 0, I and L for 1. */
export function readCrockford(typed: string): string {
  return typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** The low 5 × `letters` bits of CRC-32: finds every single wrong letter and every swap of neighbors. */
export function checkLetters(text: string, letters: number): string {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    crc ^= text.charCodeAt(i);
    for (let k = 0; k < 8; k += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const folded = crc ^ (crc >>> 12);
  let check = '';
  for (let k = letters - 1; k >= 0; k -= 1) check += CROCKFORD[(folded >>> (5 * k)) & 31];
  return check;
}
