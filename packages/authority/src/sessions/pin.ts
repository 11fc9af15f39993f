import { scrypt, timingSafeEqual } from 'node:crypto';
import { PIN_SCRYPT, pinSalt } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import type { MediaColumns } from '../media/rows.js';
import type { Tx } from '../store/index.js';

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

/** Undefined where the technician has proved himself, or the medium asks for no PIN. Wrong ones are counted on the medium,
 * whoever tries. */
export async function checkPin(
  tx: Tx,
  account: string,
  medium: MediaColumns | undefined,
  given: { readonly technician: string; readonly pinHash: string | null },
  now: number,
): Promise<Decision | undefined> {
  if (medium === undefined || medium.pin_hash === null) return undefined;
  const refused: Decision = { decision: 'refuse', reason_rule: 'AIP-9.7', code: 'ITPRO_PIN' };
  const lockedUntil = medium.pin_locked_until ?? 0;
  if (lockedUntil > now) return { ...refused, until: new Date(lockedUntil).toISOString() };
  if (given.pinHash === null) return refused;
  const own = medium.technician_id === given.technician;
  if (own && sameText(given.pinHash, medium.pin_hash)) {
    await tx.run('UPDATE media SET pin_wrong = 0, pin_locked_until = NULL WHERE account = ? AND id = ?', [
      account,
      medium.id,
    ]);
    return undefined;
  }
  await tx.run(
    `UPDATE media SET pin_wrong = CASE WHEN pin_wrong + 1 >= ? THEN 0 ELSE pin_wrong + 1 END,
       pin_locked_until = CASE WHEN pin_wrong + 1 >= ? THEN ? ELSE NULL END WHERE account = ? AND id = ?`,
    [TRIES, TRIES, now + WAIT, account, medium.id],
  );
  return refused;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
