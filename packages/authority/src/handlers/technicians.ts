import { indexOfChallenge, LeaseholdError, readSpoken, canonicalCode, formatCode } from '@leasehold/protocol';
import { drawSecret, freshId, jktOf, pageOf, type Call, type Handler } from '../serving/call.js';
import { digestOf } from '../keys/ed25519.js';
import type { GuessLimit } from '../serving/guess-limit.js';
import { codeHashes, codeOf } from '../media/codes.js';
import type { Services } from '../services.js';
import { hashPin } from '../sessions/pin.js';
import { changed, make, param } from './change.js';

type TechnicianRoute =
  | 'licenseReassign'
  | 'voucherCreate'
  | 'voucherFetch'
  | 'codes'
  | 'codeCreate'
  | 'mediaStamp'
  | 'agentStamp';

/** Boot media and what helps technicians who carry them. */
export function technicianHandlers(guesses: GuessLimit): { readonly [R in TechnicianRoute]: Handler<R> } {
  return {
    licenseReassign: (call) => {
      return changed(call, 'licenseReassign', { license: param(call, 'license'), technician: call.body.technician });
    },
    voucherCreate,
    voucherFetch: (call) => voucherFetch(call, guesses),
    codes: (call) => call.services.store.read('codes', pageOf(call)),
    codeCreate,
    mediaStamp,
    async agentStamp(call) {
      const { services, body: request, now } = call;
      services.keyring.assertReady(now);
      const asked = { account: services.account, jkt: jktOf(call.caller), request };
      await services.store.read('assertMayStamp', { ...asked, now });
      const input = { ...asked, ...(await codesFor(call, request.media)) };
      const { outcome } = await services.store.execute('agentStamp', input, now);
      const passport = await services.keyring.sign('media', outcome, now);
      const { keysetToken: keyset } = services.keyring;
      return { media: request.media, passport, keyset, serverTime: new Date(now).toISOString() };
    },
  };
}

async function mediaStamp(call: Call<'mediaStamp'>) {
  const { services, now, body } = call;
  services.keyring.assertReady(now);
  const { dryRun: _dryRun, pin, ...input } = body;
  const pinHash =
    pin === undefined ? null : await hashPin(pin, services.account, input.media, input.technician ?? 'nobody');
  const { at, outcome } = await make(call, 'mediaStamp', { ...input, pinHash, ...(await codesFor(call, input.media)) });
  if (outcome.result === null) throw new LeaseholdError('INPUT_INVALID', 'A stamp has no dry run.', { path: 'dryRun' });
  const passport = await services.keyring.sign('media', outcome.result.claims, now);
  return { media: input.media, passport, ...at };
}

async function codesFor(
  { services: { keyring }, now }: { readonly services: Services; readonly now: number },
  media: string,
): Promise<{ readonly codes: readonly string[]; readonly codeKid: string }> {
  const codes = await codeHashes(keyring.secret('one-time codes'), media, Math.floor(now / 1000));
  return { codes, codeKid: keyring.kid };
}

async function codeCreate(call: Call<'codeCreate'>) {
  const { keyring } = call.services;
  const challenge = readSpoken(call.body.challenge, 'challenge');
  const media = param(call, 'media');
  const input = { id: freshId(call, 'code'), media, challenge, note: call.body.note, kid: keyring.kid };
  const { at, outcome } = await make(call, 'codeCreate', input);
  const { decision, result } = outcome;
  const reply = { ...at, decision: structuredClone(decision) as never, dryRun: result === null };
  if (result === null) return reply;
  const secret = keyring.secret('one-time codes');
  return { ...reply, id: result.id, code: codeOf(secret, media, result.stampedAt, indexOfChallenge(challenge)) };
}

async function voucherCreate(call: Call<'voucherCreate'>) {
  const { dryRun: _dryRun, machine, ...asked } = call.body;
  const code = formatCode(drawSecret(call, 7, 'voucher code'));
  const input = {
    ...asked,
    machine: readSpoken(machine, 'machine'),
    id: freshId(call, 'sess'),
    codeHash: digestOf(canonicalCode(code)),
  };
  const { at, outcome } = await make(call, 'voucherCreate', input);
  const { decision, result } = outcome;
  const reply = { ...at, decision: structuredClone(decision) as never, dryRun: result === null };
  if (result === null) return reply;
  return { ...reply, id: result.id, code, until: new Date(result.until).toISOString() };
}

async function voucherFetch(call: Call<'voucherFetch'>, guesses: GuessLimit) {
  const { services, now } = call;
  services.keyring.assertReady(now);
  const input = {
    account: services.account,
    jkt: jktOf(call.caller),
    codeHash: digestOf(canonicalCode(call.body.code)),
  };
  const { outcome } = await services.store.execute('fetchVoucher', input, now);
  if (outcome === undefined) {
    const tooMany = await guesses.count(call);
    if (tooMany !== undefined) throw tooMany;
    throw new LeaseholdError('NOT_FOUND', 'No voucher waits for this code.', {
      path: 'code',
      remedy: 'Compare it with what you were told. A code works once, and until its voucher ends.',
    });
  }
  const voucher = await services.keyring.sign('voucher', outcome, now);
  return { voucher, keyset: services.keyring.keysetToken, serverTime: new Date(now).toISOString() };
}
