import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** One file of the sealed state:
 *
 *     "LHST" format(1) generation(8) iv(12) tag(16) ciphertext(n) mac(32)
 *
 * The text is AES-256-GCM under a key of the store key *and* the machine binding; the mac is HMAC-SHA256 under the store
 * key alone. So a file that was edited and a file that was carried to another machine are told apart. */
const MAGIC = Buffer.from('LHST');
const FORMAT = 1;
const HEADER = MAGIC.length + 1 + 8 + 12 + 16;
const MAC = 32;
/** What a sealed file holds beside its text. */
export const SEAL_BYTES: number = HEADER + MAC;

/** 32 random bytes, once for each state folder. */
export const STORE_KEY_BYTES = 32;

/** Why sealed bytes do not open. None of them ever reads as an empty state. */
export type SealDamage = 'empty' | 'truncated' | 'not_a_state_file' | 'newer_format' | 'edited' | 'other_machine';

export interface SealKeys {
  readonly text: Buffer;
  readonly mac: Buffer;
}

/** Derives the two keys. `binding` is the stable identity of the machine, empty where it has none. */
export function sealKeys(storeKey: Uint8Array, binding: string): SealKeys {
  const derive = (info: string): Buffer => Buffer.from(hkdfSync('sha256', storeKey, '', info, 32));
  return { text: derive(`leasehold state text\0${binding}`), mac: derive('leasehold state mac') };
}

/** Seals `text` as generation `generation` of the document `name`; a file put under another name does not open. */
export function sealState(keys: SealKeys, name: string, generation: number, text: Uint8Array, iv: Buffer): Buffer {
  // In place: each copy of a document is memory that V8 lets go in one of its pauses.
  const sealed = Buffer.allocUnsafe(HEADER + text.length + MAC);
  const head = sealed.subarray(0, MAGIC.length + 1 + 8);
  MAGIC.copy(head);
  head.writeUInt8(FORMAT, MAGIC.length);
  head.writeBigUInt64BE(BigInt(generation), MAGIC.length + 1);
  const cipher = createCipheriv('aes-256-gcm', keys.text, iv).setAAD(Buffer.concat([head, Buffer.from(name)]));
  sealed.set(cipher.update(text), HEADER);
  cipher.final(); // GCM leaves nothing for the end but the tag
  sealed.set(iv, head.length);
  sealed.set(cipher.getAuthTag(), HEADER - 16);
  sealed.set(macOf(keys, name, sealed.subarray(0, -MAC)), sealed.length - MAC);
  return sealed;
}

/** Opens what `sealState` made: its generation and text, or why not. Never throws for any bytes. */
export function openState(
  keys: SealKeys,
  name: string,
  bytes: Buffer,
): { readonly generation: number; readonly text: Buffer } | SealDamage {
  if (bytes.length === 0) return 'empty';
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length))) return 'not_a_state_file';
  if (bytes.length < HEADER + MAC) return 'truncated';
  const body = bytes.subarray(0, -MAC);
  if (!timingSafeEqual(macOf(keys, name, body), bytes.subarray(-MAC))) {
    return bytes.readUInt8(MAGIC.length) > FORMAT ? 'newer_format' : 'edited';
  }
  const head = body.subarray(0, MAGIC.length + 1 + 8);
  const decipher = createDecipheriv('aes-256-gcm', keys.text, body.subarray(head.length, head.length + 12))
    .setAAD(Buffer.concat([head, Buffer.from(name)]))
    .setAuthTag(body.subarray(HEADER - 16, HEADER));
  try {
    const text = Buffer.concat([decipher.update(body.subarray(HEADER)), decipher.final()]);
    return { generation: Number(head.readBigUInt64BE(MAGIC.length + 1)), text };
  } catch {
    return 'other_machine';
  }
}

function macOf(keys: SealKeys, name: string, body: Buffer): Buffer {
  return createHmac('sha256', keys.mac).update(`${name}\0`).update(body).digest();
}
