import { expect } from 'vitest';
import { COMPANIES, some, type Act, type Model, type Order } from './model.js';
import type { Site } from './site.js';
import { hash } from './start.js';

/** Buying in a random sequence: what is ordered comes with its payment, once, whoever tells of it and how often. */
export const ORDER_ACTIONS: Readonly<Record<string, Act>> = {
  buy,
  buyAgain: buy,
  renew,
  trial,
  pay,
  payAgain: pay,
  payByService,
  voidOrder,
  refund,
  maintain,
};

const POOLS = ['OEM', 'Standard'] as const;
const PLAIN = { addOns: [], autoRenew: false, paymentMode: null, term: null, cals: null, companyId: null } as const;

async function buy(site: Site, { orders }: Model, a: number, b: number): Promise<void> {
  const id = site.fresh('ord');
  const quantity = 1 + (b % 2);
  const order = { ...PLAIN, id, quantity, periods: 1 + (b % 3) };
  const companyId = COMPANIES[b % 3]!;
  const yearly = { companyId, paymentMode: 'annual' } as const;
  const ways = [
    { ...order, ...yearly, autoRenew: true, profile: 'msp', type: ['server', 'desktop'][b % 2]! },
    { ...order, ...yearly, profile: 'aip', type: 'server', term: 'subscription' },
    { ...order, companyId, profile: 'aip', type: 'virtual', term: 'perpetual' },
    { ...order, profile: 'lmp', type: POOLS[b % 2]!, cals: { obm: b + 1 }, periods: 10 },
  ] as const;
  const way = ways[a % 4]!;
  expect(await site.change('orderCreate', way)).toBeDefined();
  const brings = ({ msp: 'single', aip: 'seats', lmp: 'poolable' } as const)[way.profile];
  const { total } = await site.store.read('order', { account: site.account, order: id });
  orders.push({ id, brings, quantity, type: POOLS[b % 2]!, obm: b + 1, total: total!, status: 'open' });
}

async function renew(site: Site, { orders, single, seats }: Model, a: number, b: number): Promise<void> {
  const license = some([...single.keys(), ...seats], a);
  if (license === undefined) return;
  const id = site.fresh('ord');
  const done = await site.change('renewalCreate', { id, licenses: [license], periods: 1 + (b % 3) });
  if (done === undefined) return;
  const { total } = await site.store.read('order', { account: site.account, order: id });
  orders.push({ id, brings: 'nothing', quantity: 1, type: 'OEM', obm: 0, total: total!, status: 'open' });
}

async function trial(site: Site, model: Model, a: number, b: number): Promise<void> {
  const id = site.fresh('ord');
  const profile = (['msp', 'aip'] as const)[a % 2]!;
  const asked = { id, profile, type: 'server', quantity: 1, companyId: COMPANIES[b % 3]! };
  if ((await site.change('trialRequest', asked)) === undefined) return;
  const brings = profile === 'msp' ? 'single' : 'seats';
  await arrived(site, model, { id, brings, quantity: 1, type: 'OEM', obm: 0, total: 0, status: 'paid' });
}

async function pay(site: Site, model: Model, a: number): Promise<void> {
  const order = some(model.orders, a);
  if (order === undefined) return;
  const done = await site.change('orderPay', { order: order.id });
  expect(done !== undefined, `${order.id} was ${order.status}`).toBe(order.status === 'open');
  if (done !== undefined) await arrived(site, model, order);
}

/** A service tells of a payment of the right sum or another, twice. */
async function payByService(site: Site, model: Model, a: number, b: number): Promise<void> {
  const order = some(model.orders, a);
  if (order === undefined) return;
  const right = b % 3 !== 0;
  const event = {
    id: site.fresh('evt'),
    kind: 'paid',
    order: order.id,
    payment: site.fresh('pi'),
    amount: order.total + (right ? 0 : 1),
    currency: 'eur',
  } as const;
  for (let n = 0; n < 2; n += 1) await site.call('notePayment', { account: site.account, service: 'stripe', event });
  if (order.status === 'open' && right) await arrived(site, model, order);
}

async function voidOrder(site: Site, { orders }: Model, a: number): Promise<void> {
  const order = some(orders, a);
  if (order === undefined) return;
  const done = await site.change('orderVoid', { order: order.id });
  expect(done !== undefined, `${order.id} was ${order.status}`).toBe(order.status === 'open');
  if (done !== undefined) order.status = 'void';
}

async function refund(site: Site, model: Model, a: number): Promise<void> {
  const order = some(model.orders, a);
  if (order === undefined) return;
  const done = await site.change('orderRefund', { order: order.id });
  expect(done !== undefined, `${order.id} was ${order.status}`).toBe(order.status === 'paid');
  if (done === undefined) return;
  order.status = 'refunded';
  if (order.brings !== 'poolable') return;
  // What was pooled stays (LMP-4.6).
  for (const id of brought(order)) if (model.poolable.get(id)?.pooled === false) model.poolable.delete(id);
}

async function maintain(site: Site, { orders, poolable }: Model, a: number, b: number): Promise<void> {
  const license = some(poolable.keys(), a);
  if (license === undefined) return;
  const until = ['2029-01-01', '2032-01-01', '2040-06-30'][b % 3]!;
  if (b % 2 === 0) {
    await site.change('maintenanceRenew', { license, until });
    return;
  }
  const id = site.fresh('ord');
  if ((await site.change('maintenanceOrder', { id, license, until })) === undefined) return;
  const { total, status } = await site.store.read('order', { account: site.account, order: id });
  orders.push({ id, brings: 'nothing', quantity: 1, type: 'OEM', obm: 0, total: total!, status });
}

const brought = ({ id, quantity }: Order): string[] => Array.from({ length: quantity }, (_, n) => `${id}-${n + 1}`);

/** The order is paid: what it brings is there, each with a license key. */
async function arrived(site: Site, model: Model, order: Order): Promise<void> {
  order.status = 'paid';
  if (!model.orders.includes(order)) model.orders.push(order);
  if (order.brings === 'nothing') return;
  const ids = brought(order);
  const keys = ids.map((license) => ({ license, keyHash: hash(`${site.account} ${license}`) }));
  expect(await site.change('licenseKeysIssue', { keys }), `${order.id} brought ${ids.join(', ')}`).toBeDefined();
  for (const id of ids) {
    if (order.brings === 'single') model.single.set(id, null);
    else if (order.brings === 'seats') model.seats.push(id);
    else model.poolable.set(id, { type: order.type, obm: order.obm, pooled: false });
  }
}
