import { parseLicenseKey } from '@leasehold/protocol';
import { freshId, jktOf, type Call, type Handler } from '../call.js';
import { digestOf } from '../ed25519.js';
import { unknownLicenseKey, type GuessLimit } from '../guess-limit.js';
import { refusal } from '../refusal.js';
import type { Holding } from '../sessions/beat.js';

type SessionRoute = 'sessionStart' | 'sessionBeat' | 'sessionEnd';

/** What a technician's medium calls. */
export function sessionHandlers(guesses: GuessLimit): { readonly [R in SessionRoute]: Handler<R> } {
  return {
    async sessionStart(call) {
      const { services, now } = call;
      services.keyring.assertReady(now);
      const { licenseKey, ...request } = call.body;
      const input = {
        account: services.account,
        keyHash: digestOf(parseLicenseKey(licenseKey).canonical),
        jkt: jktOf(call.caller),
        freshId: freshId(call, 'sess'),
        request,
      };
      const { outcome } = await services.store.execute('startSession', input, now);
      if (outcome.kind === 'unknown_key') throw (await guesses.count(call)) ?? unknownLicenseKey();
      if (outcome.kind === 'refused') throw refusal(outcome.decision);
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
