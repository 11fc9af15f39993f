import { scrypt, timingSafeEqual } from 'node:crypto';
import { LeaseholdError, PIN_SCRYPT, pinSalt } from '@leasehold/protocol';
import type { MediaClaims, VoucherClaims } from '@leasehold/protocol';
import { adoptUnlessOlder } from './boot-media.js';
import type { MediaParts } from './boot-media.js';
import { assertTexts } from '../given.js';
import { asLeaseholdError } from '../problem-log.js';
import { spokenCodes } from './media-codes.js';
import { refusalOf } from './technician-session.js';
import type { Guarded } from './technician-session.js';
import { VoucherSession } from './voucher-session.js';

/** A session that was checked out beforehand: no network is asked. */
export interface VoucherUse {
  /** What was fetched by its code, and lies on the medium beside passport and keyset. */
  readonly voucher: string;
  readonly passport: string;
  readonly keyset: string;
  readonly pin?: string;
}

export type VoucherOutcome =
  | { readonly started: true; readonly session: VoucherSession }
  | (Extract<Guarded, { readonly allowed: false }> & { readonly started: false });

/** Starts a session by a voucher: genuine, for this very medium and machine, within its hours by a clock that can be right,
 * by the technician who knows the PIN of the medium (AIP-9.6, AIP-9.7). */
export async function startByVoucher(parts: MediaParts, use: VoucherUse): Promise<VoucherOutcome> {
  try {
    assertTexts(use, 'voucher', 'passport', 'keyset');
    const { trust } = parts.installation;
    await adoptUnlessOlder(trust, use.keyset);
    const passport = await trust.media(use.passport);
    const voucher = await trust.voucher(use.voucher);
    await assertHere(parts, passport, voucher);
    await assertPin(passport, voucher, use.pin);
    return { started: true, session: new VoucherSession(parts.installation.clock, parts.clock, voucher) };
  } catch (cause) {
    const problem = asLeaseholdError(cause);
    return { started: false, allowed: false, decision: refusalOf(problem), problem };
  }
}

async function assertHere(parts: MediaParts, passport: MediaClaims, voucher: VoucherClaims): Promise<void> {
  const codes = await spokenCodes(passport, parts.machine, parts.start);
  const here = voucher.machine === codes?.machine && voucher.media === passport.media;
  if (!here) throw refused('VOUCHER_ELSEWHERE', 'This voucher is for another machine or another boot medium.');
  const { now, verdict } = parts.installation.clock.read();
  if (verdict !== 'ok' || now < voucher.iat * 1000) {
    throw refused(
      'CLOCK_WRONG',
      'The clock of this machine cannot be right, so the hours of the voucher do not count.',
    );
  }
  if (now >= voucher.exp * 1000) throw refused('VOUCHER_ENDED', 'The time of this voucher is over.');
}

/** Slow on purpose: whoever finds the stick tries long. */
async function assertPin(passport: MediaClaims, voucher: VoucherClaims, pin: string | undefined): Promise<void> {
  if (passport.pin === undefined) return;
  const { bytes, ...parameters } = PIN_SCRYPT;
  const salt = pinSalt(passport.iss, passport.media, voucher.technician);
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(typeof pin === 'string' ? pin : '', salt, bytes, parameters, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  const wanted = Buffer.from(passport.pin, 'base64url');
  if (wanted.length === hash.length && timingSafeEqual(wanted, hash)) return;
  throw refused('ITPRO_PIN', 'The PIN of the technician is missing or wrong.', 'AIP-9.7');
}

function refused(code: string, message: string, rule = 'AIP-9.6'): LeaseholdError {
  const decision = { decision: 'refuse', reason_rule: rule, code };
  const remedy = 'Ask an administrator at the console: a voucher is for one technician, one medium and one machine.';
  return new LeaseholdError('REFUSED', message, { rule, reason: code, remedy, decision });
}
