import {
  formatResponse,
  guards,
  LeaseholdError,
  parseLicenseKey,
  readExchange,
  verifyRequest,
  type ExchangeRequestClaims,
  type ReplyOf,
} from '@leasehold/protocol';
import { freshMachineId, type Call, type Handler } from '../serving/call.js';
import { digestOf, ed25519, thumbprintOf } from '../keys/ed25519.js';
import type { Carried, Exchanged } from '../exchange/answer.js';
import { alreadyAnswered } from '../exchange/answered.js';
import { readLineage } from '../instances/lineage.js';
import { assertShallow } from '../serving/plain-text.js';
import { assertDates, sealReply } from './agents.js';
import { make, plain } from './change.js';

/** How long an exchanged lease runs unless said otherwise, days (design section 4, Check-in). */
const LEASE_DAYS = 90;

/** Files of machines without a network. */
export const exchangeHandlers: { readonly exchange: Handler<'exchange'> } = {
  async exchange(call) {
    const { keyring } = call.services;
    keyring.assertReady(call.now);
    const token = readExchange('REQUEST', call.body.file);
    const { claims, jwk } = await verifyRequest(token, ed25519);
    const digest = digestOf(token);
    const carried = await carry(call, claims, thumbprintOf(jwk));
    const leaseDays = call.body.leaseDays ?? LEASE_DAYS;
    const { at, outcome } = await make(call, 'exchange', { digest, carried, leaseDays });
    const { decision, result } = outcome;
    const said = { ...at, decision: plain(decision), call: claims.call, ...about(carried) };
    if (result === null) return { ...said, dryRun: true, instance: instanceIn(carried), leaseUntil: null };
    const end = result.issued?.lease.exp;
    // The key that it signs with since may not speak for the day of an earlier answer.
    if (result.issued !== undefined && !keyring.maySign(result.issued.lease.iat)) throw alreadyAnswered();
    return {
      ...said,
      dryRun: false,
      instance: result.id,
      leaseUntil: end === undefined ? null : new Date(end * 1000).toISOString(),
      file: await respond(call, claims, digest, result),
    };
  },
};

function instanceIn(carried: Carried): string | null {
  return carried.call === 'activate' ? null : carried.input.request.instance;
}

/** What a person knows the machine by, and what it hands in. */
function about({ call, input }: Carried): Pick<ReplyOf<'exchange'>, 'label' | 'usage'> {
  if (call === 'deactivate') return {};
  const { label } = input.request.machine;
  return call === 'checkIn' ? { label, usage: input.request.usage?.records.length ?? 0 } : { label };
}

/** The request of a file as the input of the command that it is for. Throws INPUT_INVALID. */
async function carry(
  call: Call<'exchange'>,
  { call: name, body }: ExchangeRequestClaims,
  jkt: string,
): Promise<Carried> {
  const { account, keyring } = call.services;
  assertShallow(body);
  const fresh = freshMachineId(call);
  if (name === 'activate' && guards.isActivateRequest(body)) {
    const { licenseKey, ...request } = body;
    const keyHash = digestOf(parseLicenseKey(licenseKey).canonical);
    return { call: name, input: { account, keyHash, jkt, freshId: fresh, request } };
  }
  if (name === 'checkIn' && guards.isCheckInRequest(body)) {
    const { lease, lineage: note, ...request } = body;
    assertDates(request);
    const held = lease === undefined ? undefined : await keyring.readLease(lease);
    const lineage = await readLineage(note);
    return { call: name, input: { account, jkt, freshId: fresh, request, held, lineage } };
  }
  if (name === 'deactivate' && guards.isDeactivateRequest(body)) {
    return { call: name, input: { account, jkt, request: body } };
  }
  throw new LeaseholdError('INPUT_INVALID', 'The request in the file is not of the right form.', {
    path: 'body.file',
    remedy: 'Make it anew with a version of the product that this authority knows.',
  });
}

async function respond(
  { services, now }: Call<'exchange'>,
  { call: name, product, body }: ExchangeRequestClaims,
  digest: string,
  done: Exchanged,
): Promise<string> {
  const { keyring, account: iss } = services;
  const iat = Math.floor(now / 1000);
  const reply = done.issued === undefined ? given(done.id, now) : await renewed(services, done, body, now);
  const claims = { iss, product, epoch: keyring.keyset.epoch, call: name, request: digest, reply, iat };
  return formatResponse({ keyset: keyring.keysetToken, token: await keyring.sign('response', claims, now) });
}

function given(instance: string, now: number): Record<string, unknown> {
  return { instance, reusableFrom: null, serverTime: new Date(now).toISOString() };
}

async function renewed(
  services: Call<'exchange'>['services'],
  { issued, verdict, notices, usageSeen }: Exchanged,
  body: Readonly<Record<string, unknown>>,
  now: number,
): Promise<Record<string, unknown>> {
  const digest = (body['entitlementsDigest'] as string | null | undefined) ?? null;
  const keysetVersion = body['keysetVersion'] as { readonly epoch: number; readonly version: number } | undefined;
  const more = { verdict, notices, offset: 0, digest, keysetVersion };
  // The file has the keyset already.
  const { keyset: _keyset, ...reply } = await sealReply(services, issued!, more, now);
  return usageSeen === null ? reply : { ...reply, usageSeen };
}
