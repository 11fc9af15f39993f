import { LeaseholdError, type RouteName } from '@leasehold/protocol';
import { dayOf } from '@leasehold/terms';
import type { Call, Handler, StreamHandler } from '../serving/call.js';
import { readAll } from '../store/index.js';
import { statementFile } from '../usage/statement.js';

type UsageRoute = 'usage' | 'seatHistory' | 'statements';

/** What was used, by month. */
export const usageHandlers: { readonly [R in UsageRoute]: Handler<R> } = {
  usage: async (call) => {
    const { store, account } = call.services;
    return store.read('usage', { account, scope: call.scope, month: await monthOf(call) });
  },
  seatHistory: ({ services: { store, account }, scope, now }) => store.read('seatHistory', { account, scope, now }),
  statements: async (call) => {
    const { store, account } = call.services;
    return store.read('statements', { account, scope: call.scope, month: await monthOf(call) });
  },
};

export const statement: StreamHandler<'statement'> = async (call) => {
  const { services, now, query } = call;
  const { store, account, keyring } = services;
  keyring.assertReady(now);
  const asked = { account, month: await monthOf(call), company: query['company'] ?? null };
  const head = await store.read('statementHead', { ...asked, now });
  const records = readAll((after: string | null) => store.read('statementRecords', { ...asked, after }));
  return statementFile(head, records, async (claims) => ({
    statement: await keyring.sign('statement', claims, now),
    keyset: keyring.keysetToken,
  }));
};

/** The month that was asked for; without one the current month, as the account's days count. */
async function monthOf<R extends RouteName>({ services, query, now }: Call<R>): Promise<string> {
  const { month } = query;
  if (month === undefined) {
    const { timeZone } = await services.store.read('account', { account: services.account });
    return dayOf(now, timeZone).slice(0, 7);
  }
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return month;
  throw new LeaseholdError('INPUT_INVALID', 'A month is written like 2026-06.', { path: 'query.month' });
}
