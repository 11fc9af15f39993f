import type { ReplyOf, RequestOf, RouteName } from '@leasehold/protocol';
import { asPerson, type Bench } from '../../support/authority.js';

type Order = RequestOf<'orderCreate'>;

/** What Northlake bought in three weeks: an order in each state, and what it gave down of it. `made` is called at the
 * beginning of the three weeks, `lately` near their end. */
export const orders = {
  async made(bench: Bench): Promise<void> {
    const prices = [
      { item: 'license:workstation', per: 'year', amount: 5900 },
      { item: 'license:server', per: 'year', amount: 18_900 },
      { item: 'premium_support', per: 'once', amount: 24_000 },
      { item: 'onboarding', per: 'once', amount: 45_000 },
    ] as const;
    await ask(bench, 'pricesSet', { body: { currency: 'usd', prices: [...prices] } });
    const first = { paymentMode: 'annual', addOns: ['premium_support', 'onboarding'] } as const;
    const stock = await buy(bench, { type: 'workstation', quantity: 6, ...first, addOns: [...first.addOns] });
    await ask(bench, 'orderPay', { params: { order: stock }, body: { reference: 'RE-2026-0417' } });
    const grant = { to: 'harbor', type: 'workstation', quantity: 4 };
    const { licenses } = await ask(bench, 'grantCreate', { body: grant });
    const on = { to: 'harbor.example', kind: 'domain' } as const;
    await ask(bench, 'licenseAssign', { params: { license: licenses[0]! }, body: on });
    await buy(bench, { type: 'server', quantity: 2, companyId: 'kestrel' });
  },

  async lately(bench: Bench): Promise<void> {
    const wrong = await buy(bench, { type: 'server', quantity: 12, companyId: 'tolland' });
    await ask(bench, 'orderVoid', { params: { order: wrong }, body: {} });
    await buy(bench, { type: 'exchange', quantity: 1, companyId: 'mirai' });
    await ask(bench, 'renewalCreate', { body: { licenses: ['SV-6DM8-A1F4-R9TX', 'SV-6DM8-A1F4-S4YC'] } });
  },
};

async function buy(bench: Bench, body: Order): Promise<string> {
  return (await ask(bench, 'orderCreate', { body })).id!;
}

async function ask<R extends RouteName>(
  bench: Bench,
  route: R,
  input: { readonly params?: Readonly<Record<string, string>>; readonly body: RequestOf<R> },
): Promise<ReplyOf<R>> {
  const { status, body, problem } = await asPerson(bench, route, input);
  if (status !== 200) throw new Error(`${route}: ${JSON.stringify(problem)}`);
  return body;
}
