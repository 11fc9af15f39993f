import { parseLicenseKey, type ReplyOf, type RequestOf } from '@leasehold/protocol';
import { freshMachineId, jktOf, type Call, type Handler } from '../serving/call.js';
import { digestOf } from '../keys/ed25519.js';
import { notInCalendar } from '../serving/known-members.js';
import { unknownLicenseKey, type GuessLimit } from '../serving/guess-limit.js';
import { refusedActivation } from '../instances/activate.js';
import { readLineage } from '../instances/lineage.js';
import { nextCheck } from '../instances/next-check.js';
import type { Issued } from '../instances/lease.js';
import type { Verdict } from '../instances/instance.js';
import type { Services } from '../services.js';

type AgentRoute = 'activate' | 'checkIn' | 'deactivate' | 'inventory';

/** What agents call. A license key is looked up by its hash; wrong ones are counted by the caller's address. */
export function agentHandlers(guesses: GuessLimit): { readonly [R in AgentRoute]: Handler<R> } {
  return {
    async activate(call) {
      const { services, now } = call;
      services.keyring.assertReady(now);
      const { licenseKey, ...request } = call.body;
      const input = {
        account: services.account,
        keyHash: digestOf(parseLicenseKey(licenseKey).canonical),
        jkt: jktOf(call.caller),
        freshId: freshMachineId(call),
        request,
      };
      const { outcome } = await services.store.execute('activate', input, now);
      if (outcome.kind === 'unknown_key') throw (await guesses.count(call)) ?? unknownLicenseKey();
      if (outcome.kind === 'refused') throw refusedActivation(outcome);
      const { issued, verdict, notices } = outcome;
      const offset = offsetOf(request);
      return sealReply(services, issued, { verdict, notices, offset, digest: null, keysetVersion: undefined }, now);
    },

    async checkIn(call) {
      const { services, now } = call;
      services.keyring.assertReady(now);
      const { lease, lineage, ...request } = call.body;
      assertDates(request);
      const held = lease === undefined ? undefined : await services.keyring.readLease(lease);
      const input = {
        account: services.account,
        jkt: jktOf(call.caller),
        freshId: freshMachineId(call),
        request,
        held,
        lineage: await readLineage(lineage),
      };
      const { issued, verdict, usageSeen } = (await services.store.execute('checkIn', input, now)).outcome;
      const more = {
        verdict,
        notices: [],
        offset: offsetOf(request),
        usageSeen,
        digest: request.entitlementsDigest,
        keysetVersion: request.keysetVersion,
      };
      return sealReply(services, issued, more, now);
    },

    async deactivate(call) {
      const { services, body: request, now } = call;
      const input = { account: services.account, jkt: jktOf(call.caller), request };
      const { outcome } = await services.store.execute('deactivate', input, now);
      return { instance: outcome.id, reusableFrom: null, serverTime: new Date(now).toISOString() };
    },

    async inventory(call) {
      const { services, body: request, now } = call;
      assertDate(request.takenAt, 'takenAt');
      const input = { account: services.account, jkt: jktOf(call.caller), request };
      const { outcome } = await services.store.execute('agentInventory', input, now);
      return { ...outcome, serverTime: new Date(now).toISOString() };
    },
  };
}

/** What is of the form of an instant and is none could not be stored. @throws LeaseholdError INPUT_INVALID */
export function assertDates({ usage, refusals = [] }: Pick<RequestOf<'checkIn'>, 'usage' | 'refusals'>): void {
  for (const { at } of [...(usage?.records ?? []), ...refusals]) assertDate(at, 'at');
}

function assertDate(date: string, path: string): void {
  if (Number.isNaN(Date.parse(date))) throw notInCalendar(date, path);
}

/** Minutes that the machine's clock is ahead of UTC, for when it is to come back. */
function offsetOf({ server, machine }: Pick<Call<'checkIn'>['body'], 'server' | 'machine'>): number {
  return server?.utcOffsetMinutes ?? machine.utcOffsetMinutes ?? 0;
}

interface More {
  readonly verdict: Verdict;
  readonly notices: readonly string[];
  readonly usageSeen?: ReplyOf<'checkIn'>['usageSeen'] | null;
  readonly offset: number;
  readonly digest: string | null;
  readonly keysetVersion: Call<'checkIn'>['body']['keysetVersion'] | undefined;
}

/** Seals what was issued. Entitlements and keyset go along only where the agent holds others. With a new keyset entitlements
 * always come anew: it may not prove any more what a former key sealed, years ago perhaps. */
export async function sealReply(
  services: Services,
  issued: Issued,
  more: More,
  now: number,
): Promise<ReplyOf<'checkIn'>> {
  const { keyring, settings } = services;
  const { lease, self, facts, catalog } = issued;
  const { iss, product, epoch: leaseEpoch, sub, iat } = lease;
  const shipped = catalog === undefined ? {} : { catalog: { ...catalog } };
  const entitlements = { iss, product, epoch: leaseEpoch, sub, iat, self, facts: { ...facts }, ...shipped };
  const { epoch, version } = keyring.keyset;
  const sameKeyset = more.keysetVersion?.epoch === epoch && more.keysetVersion.version === version;
  return {
    instance: lease.sub,
    lease: await keyring.sign('lease', lease, now),
    ...(more.digest === lease.entitlements && sameKeyset
      ? {}
      : { entitlements: await keyring.sign('entitlements', entitlements, now) }),
    ...(sameKeyset ? {} : { keyset: keyring.keysetToken }),
    serverTime: new Date(now).toISOString(),
    renewAfter: new Date(nextCheck(now, more.offset, settings.random)).toISOString(),
    verdict: more.verdict,
    notices: more.notices.slice(0, 20),
    ...(more.usageSeen == null ? {} : { usageSeen: more.usageSeen }),
  };
}
