import { formatLicenseKey, LeaseholdError, type ReplyOf } from '@leasehold/protocol';
import { dayOf } from '@leasehold/terms';
import { drawSecret, freshId, pageOf, type Call, type Handler } from '../serving/call.js';
import { chosen, wordsOf } from '../serving/choices.js';
import { digestOf } from '../keys/ed25519.js';
import type { orderCommands } from '../orders/commands.js';
import { assertPayable } from '../orders/pay-link.js';
import { changed, make, param } from './change.js';

type OrderRoute = keyof typeof orderCommands | 'stripeEvent' | 'orders' | 'order' | 'prices';

/** A link that ends sooner than this, ms, is not given out any more: a buyer needs the time to pay. */
const LEFT = 600_000;

const STATUSES = wordsOf('OrderRow', 'status');
const KINDS = wordsOf('OrderRow', 'kind');

/** Buying, renewing and paying. */
export const orderHandlers: { readonly [R in OrderRoute]: Handler<R> } = {
  orders: (call) => {
    const { company = null } = call.query;
    const status = chosen(call.query, 'status', STATUSES);
    const kind = chosen(call.query, 'kind', KINDS);
    return call.services.store.read('orders', { ...pageOf(call), status, company, kind });
  },
  order: (call) => {
    const { store, account } = call.services;
    return store.read('order', { account, order: param(call, 'order') });
  },
  licenseKeysIssue: async (call) => {
    const made = call.body.licenses.map((id, index) => {
      return { id, licenseKey: formatLicenseKey('license', drawSecret(call, 16, `license key ${index}`)) };
    });
    const keys = made.map(({ id, licenseKey }) => ({ license: id, keyHash: digestOf(licenseKey) }));
    const { at, outcome } = await make(call, 'licenseKeysIssue', { keys });
    const dryRun = outcome.result === null;
    return { ...at, decision: structuredClone(outcome.decision) as never, dryRun, licenses: dryRun ? [] : made };
  },
  prices: ({ services: { store, account } }) => store.read('prices', { account }),
  pricesSet: (call) => changed(call, 'pricesSet', { currency: call.body.currency, prices: call.body.prices }),
  orderCreate: async (call) => {
    const { profile = 'msp', type, term = null, cals = null, periods = 1, companyId = null } = call.body;
    const { addOns = [], paymentMode = null, autoRenew = (call.body.profile ?? 'msp') === 'msp' } = call.body;
    const quantity = call.body.quantity ?? (profile === 'msp' ? await missing(call, type, companyId) : 1);
    const goods = { profile, type, term, cals, quantity };
    const order = { ...goods, periods, companyId, addOns, paymentMode, autoRenew };
    return changed(call, 'orderCreate', { id: freshId(call, 'ord'), ...order });
  },
  trialRequest: (call) => {
    const { profile = 'msp', type, quantity, companyId = null } = call.body;
    return changed(call, 'trialRequest', { id: freshId(call, 'ord'), profile, type, quantity, companyId });
  },
  renewalCreate: (call) => {
    const { licenses, periods = 1 } = call.body;
    return changed(call, 'renewalCreate', { id: freshId(call, 'ord'), licenses, periods });
  },
  maintenanceOrder: (call) => {
    const { until } = call.body;
    return changed(call, 'maintenanceOrder', { id: freshId(call, 'ord'), license: param(call, 'license'), until });
  },
  maintenanceRenew: (call) => {
    return changed(call, 'maintenanceRenew', { license: param(call, 'license'), until: call.body.until });
  },
  orderPay: (call) => changed(call, 'orderPay', { order: param(call, 'order'), reference: call.body.reference }),
  orderPayLink,
  stripeEvent,
  orderVoid,
  orderRefund: (call) => changed(call, 'orderRefund', { order: param(call, 'order'), reference: call.body.reference }),
};

/** The payment service is told once the order is void. Where it cannot be told, a payment that comes nevertheless is noted
 * as paid after void, and a person looks at it. */
async function orderVoid(call: Call<'orderVoid'>): Promise<ReplyOf<'orderVoid'>> {
  const { store, account, payments, settings } = call.services;
  const id = param(call, 'order');
  const { payUrl } = await store.read('order', { account, order: id });
  const reply = await changed(call, 'orderVoid', { order: id });
  if (reply.dryRun || payUrl === null) return reply;
  await payments.stripe?.closePlace(payUrl).catch(() => {
    settings.log({ level: 'warn', event: 'payment.place_left_open', order: id });
  });
  return reply;
}

/** A link that still leads somewhere is answered again. The payment service is asked outside of any transaction. */
async function orderPayLink(call: Call<'orderPayLink'>): Promise<ReplyOf<'orderPayLink'>> {
  const { services, body, now } = call;
  if (body.dryRun === true) {
    throw new LeaseholdError('INPUT_INVALID', 'A pay link has no dry run.', { path: 'dryRun' });
  }
  const id = param(call, 'order');
  const order = await services.store.read('order', { account: services.account, order: id });
  assertPayable(order);
  const { links } = services.payments;
  if (links === undefined) {
    throw new LeaseholdError('CONFLICT', 'This authority knows no place at which orders are paid.', {
      remedy: 'Let the order be paid by invoice, or start the authority with --payments.',
    });
  }
  const { payUrl, payUntil } = order;
  if (payUrl !== null && payUntil !== null && Date.parse(payUntil) > now + LEFT) {
    return { order: id, url: payUrl, until: payUntil };
  }
  const { url, until } = await links.payPlace(order, payUntil ?? 'first');
  await make(call, 'orderPayLink', { order: id, url, until });
  return { order: id, url, until: until === null ? null : new Date(until).toISOString() };
}

/** What Stripe tells, signed by it over the very bytes of the body. Whatever is answered here is final for it; a failure is
 * told again. */
async function stripeEvent(call: Call<'stripeEvent'>): Promise<ReplyOf<'stripeEvent'>> {
  const { services, rawBody, now } = call;
  const { stripe } = services.payments;
  if (stripe === undefined) {
    throw new LeaseholdError('NOT_FOUND', 'This authority takes no payments by Stripe.', {
      remedy: 'Start it with --payments, naming the keys of the payment service.',
    });
  }
  const event = await stripe.readEvent(rawBody, call.header('stripe-signature'), now);
  if (event !== undefined) {
    await services.store.execute('notePayment', { account: services.account, service: 'stripe', event }, now);
  }
  return { received: true };
}

/** How many licenses of a type are missing today (MSP-5): what an order is for that names no quantity. */
async function missing({ services, now }: Call<'orderCreate'>, type: string, company: string | null): Promise<number> {
  const { store, account } = services;
  const { timeZone } = await store.read('account', { account });
  const ask = { account, type, until: dayOf(now, timeZone), company, now };
  return (await store.read('licensesRequired', ask)).required;
}
