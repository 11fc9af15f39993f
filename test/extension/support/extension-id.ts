import { createHash } from 'node:crypto';

/** The id that Chromium gives an extension of this key: the first half of its hash, in letters a to p. */
export function extensionId(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 32);
  return digest.replaceAll(/./g, (digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)]!);
}
