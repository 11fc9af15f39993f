import { scrypt, timingSafeEqual } from 'node:crypto';
import { PIN_SCRYPT, pinSalt } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import type { MediaColumns } from '../media/rows.js';
import type { Reader, Tx } from '../store/index.js';

/** A medium takes so many wrong PINs in a row, then waits for so long, ms. */
const TRIES = 5;
const WAIT = 900_000;

/** The hash of a PIN, bound to the technician and his medium. Slow on purpose, and off the event loop. */
export function hashPin(pin: string, account: string, media: string, technician: string): Promise<string> {
  const { bytes, ...parameters } = PIN_SCRYPT;
  return new Promise((resolve, reject) => {
    scrypt(pin, pinSalt(account, media, technician), bytes, parameters, (error, key) => {
      if (error === null) resolve(key.toString('base64url'));
      else reject(error);
    });
  });
}

/** Does the medium ask this technician for his PIN, and would hear it now? Whatever is wrong besides is told without hashing:
 * a few such calls at once would hold up whoever else has something hashed, and every activation behind them. */
export async function asksForPin(
  reader: Reader,
  asked: {
    readonly account: string;
    readonly keyHash: string;
    readonly media: string;
    readonly technician: string;
    readonly now: number;
  },
): Promise<boolean> {
  const { account, keyHash, media, technician, now } = asked;
  const found = await reader.get(
    `SELECT m.id FROM directory d JOIN media m ON m.account = d.account
       WHERE d.hash = ? AND d.account = ? AND d.kind = 'machine_license' AND m.id = ? AND m.technician_id = ?
         AND m.pin_hash IS NOT NULL AND coalesce(m.pin_locked_until, 0) <= ?`,
    [keyHash, account, media, technician, now],
  );
  return found !== undefined;
}

/** Undefined where the technician has proved himself, or was never given a PIN. Whoever has one proves himself at a medium of
 * his own: any other would ask him for none. Wrong ones are counted on the medium, by whoever says that it is his. */
export async function checkPin(
  tx: Tx,
  account: string,
  medium: MediaColumns | undefined,
  given: { readonly technician: string; readonly pinHash: string | null },
  now: number,
): Promise<Decision | undefined> {
  const refused: Decision = { decision: 'refuse', reason_rule: 'AIP-9.7', code: 'ITPRO_PIN' };
  if (medium?.technician_id !== given.technician) {
    const elsewhere = medium?.pin_hash != null || (await hasPin(tx, account, given.technician));
    return elsewhere ? refused : undefined;
  }
  if (medium.pin_hash === null) return undefined;
  const lockedUntil = medium.pin_locked_until ?? 0;
  if (lockedUntil > now) return { ...refused, until: new Date(lockedUntil).toISOString() };
  if (given.pinHash === null) return refused;
  if (sameText(given.pinHash, medium.pin_hash)) {
    await tx.run('UPDATE media SET pin_wrong = 0, pin_locked_until = NULL WHERE account = ? AND id = ?', [
      account,
      medium.id,
    ]);
    return undefined;
  }
  const counted = await tx.get<{ pin_wrong: number }>(
    'UPDATE media SET pin_wrong = pin_wrong + 1 WHERE account = ? AND id = ? RETURNING pin_wrong',
    [account, medium.id],
  );
  if (counted!.pin_wrong < TRIES) return refused;
  await tx.run('UPDATE media SET pin_wrong = 0, pin_locked_until = ? WHERE account = ? AND id = ?', [
    now + WAIT,
    account,
    medium.id,
  ]);
  return refused;
}

async function hasPin(reader: Reader, account: string, technician: string): Promise<boolean> {
  const found = await reader.get(
    'SELECT id FROM media WHERE account = ? AND technician_id = ? AND pin_hash IS NOT NULL LIMIT 1',
    [account, technician],
  );
  return found !== undefined;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
