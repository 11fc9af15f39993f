import { parseLicenseKey } from '@leasehold/protocol';
import { freshId, jktOf, type Call, type Handler } from '../serving/call.js';
import { digestOf } from '../keys/ed25519.js';
import { unknownLicenseKey, type GuessLimit } from '../serving/guess-limit.js';
import type { Holding } from '../sessions/beat.js';
import { refusedWork } from '../sessions/judge.js';
import { hashPin } from '../sessions/pin.js';

type SessionRoute = 'sessionStart' | 'sessionBeat' | 'sessionEnd';

/** What a technician's medium calls. */
export function sessionHandlers(guesses: GuessLimit): { readonly [R in SessionRoute]: Handler<R> } {
  return {
    async sessionStart(call) {
      const { services, now } = call;
      services.keyring.assertReady(now);
      const { licenseKey, pin, ...request } = call.body;
      const { account } = services;
      const { media, technician } = request;
      const keyHash = digestOf(parseLicenseKey(licenseKey).canonical);
      const isAsked =
        pin !== undefined && (await services.store.read('asksForPin', { account, keyHash, media, technician, now }));
      const input = {
        account,
        keyHash,
        jkt: jktOf(call.caller),
        freshId: freshId(call, 'sess'),
        pinHash: isAsked ? await hashPin(pin, account, media, technician) : null,
        request,
      };
      const { outcome } = await services.store.execute('startSession', input, now);
      if (outcome.kind === 'unknown_key') throw (await guesses.count(call)) ?? unknownLicenseKey();
      if (outcome.kind === 'refused') throw refusedWork(outcome.decision);
      const grant = await services.keyring.sign('session', outcome.claims, now);
      return { session: outcome.claims.session, grant, serverTime: new Date(now).toISOString() };
    },

    async sessionBeat(call) {
      const { services, now } = call;
      services.keyring.assertReady(now);
      const { outcome } = await services.store.execute('beatSession', holding(call), now);
      const grant = await services.keyring.sign('session', outcome, now);
      return { session: outcome.session, grant, serverTime: new Date(now).toISOString() };
    },

    async sessionEnd(call) {
      const { outcome } = await call.services.store.execute('endSession', holding(call), call.now);
      return { session: call.params['session']!, endedAt: new Date(outcome.endedAt).toISOString() };
    },
  };
}

function holding(call: Call<'sessionBeat'> | Call<'sessionEnd'>): Holding {
  return { account: call.services.account, jkt: jktOf(call.caller), session: call.params['session']! };
}
