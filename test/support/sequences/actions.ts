import fc from 'fast-check';
import { expect } from 'vitest';
import { DESK_ACTIONS } from './desk.js';
import { MACHINE_ACTIONS } from './machines.js';
import { agentOf, COMPANIES, followHolders, obm, some, type Act, type Model } from './model.js';
import { ORDER_ACTIONS } from './orders.js';
import { SESSION_ACTIONS } from './sessions.js';
import type { Site } from './site.js';
import { hash } from './start.js';

const licenses = ({ single, seats }: Model): string[] => [...single.keys(), ...seats];
const BULK = ['assign', 'release', 'auto_renew', 'no_auto_renew', 'revoke', 'reinstate'] as const;

async function bring(site: Site, model: Model, a: number, b: number): Promise<void> {
  const kind = ['seats', 'single', 'single', 'it_pro'][a % 4]!;
  const id = site.fresh('lic');
  const plain = { id, keyHash: hash(`${site.account} ${id}`), kind: 'commercial', autoRenew: b % 2 === 0 } as const;
  const companyId = COMPANIES[b % 3]!;
  const day = ['2026-06-20', '2026-12-31', '2027-06-30'][b % 3]!;
  if (kind === 'single') {
    const type = ['server', 'desktop'][b % 2]!;
    const row = { ...plain, profile: 'msp', type, term: 'subscription', companyId, seats: 1, validUntil: day } as const;
    await site.change('licensesCreate', { licenses: [row] });
    model.single.set(id, null);
    return;
  }
  const edition = kind === 'it_pro' ? 'it_pro' : ['server', 'virtual', 'linux', 'desktop'][b % 4]!;
  const bound = kind === 'it_pro' ? { boundTo: { type: 'technician', id: 'tina' } as const } : {};
  const seats = kind === 'it_pro' ? 1 : 1 + (b % 3);
  const row = { ...plain, profile: 'aip', type: edition, term: 'subscription', companyId, seats, ...bound } as const;
  await site.change('licensesCreate', { licenses: [{ ...row, validUntil: day }] });
  (kind === 'it_pro' ? model.itPro : model.seats).push(id);
}

async function assign(site: Site, { single }: Model, a: number, b: number): Promise<void> {
  const [id, holder] = some(single, a) ?? [];
  const { instance } = agentOf(site, b);
  const to = b % 4 === 0 ? 'domain.example' : instance;
  if (id === undefined || to === null) return;
  const kind = b % 4 === 0 ? ('domain' as const) : ('computer' as const);
  const done = await site.change('licenseAssign', { license: id, to, kind });
  // MSP-2: nobody gets what somebody else holds.
  if (holder !== null && holder !== to) expect(done).toBeUndefined();
  if (done !== undefined) single.set(id, to);
}

async function release(site: Site, model: Model, a: number): Promise<void> {
  const id = some(licenses(model), a);
  if (id === undefined) return;
  const done = await site.change('licenseRelease', { license: id });
  if (done !== undefined && model.single.has(id)) model.single.set(id, null);
}

async function activate(site: Site, model: Model, a: number, b: number): Promise<void> {
  const id = some(licenses(model), a);
  if (id === undefined) return;
  const agent = agentOf(site, b);
  const holder = model.single.get(id) ?? null;
  const before = agent.instance;
  const done = await site.activate(agent, id);
  if (holder !== null && holder !== before) expect(done).toBe(false);
  if (done && model.single.has(id)) model.single.set(id, agent.instance);
}

async function deactivate(site: Site, model: Model, a: number): Promise<void> {
  const agent = agentOf(site, a);
  await site.deactivate(agent);
  await followHolders(site, model, [agent.instance], null);
}

async function bulk(site: Site, { single }: Model, a: number, b: number): Promise<void> {
  const ids = [...single.keys()].slice(b % 3, (b % 3) + 3);
  const action = BULK[a % BULK.length]!;
  const { instance } = agentOf(site, b);
  if (ids.length === 0 || (action === 'assign' && instance === null)) return;
  const items = ids.map((license) => (action === 'assign' ? { license, to: instance! } : { license }));
  const taken = ids.some((id) => single.get(id) !== null && single.get(id) !== instance);
  const done = await site.change('licensesBulk', { action, items });
  if (action === 'assign' && taken) expect(done).toBeUndefined();
  if (done === undefined) return;
  if (action === 'assign') for (const id of ids) single.set(id, instance);
  if (action === 'release') for (const id of ids) single.set(id, null);
}

async function bringPoolable(site: Site, { poolable }: Model, a: number, b: number): Promise<void> {
  const id = site.fresh('pl');
  const type = (['OEM', 'Standard'] as const)[a % 2]!;
  const row = { id, type, purchase: 'purchased', cals: { obm: b + 1 }, freeUpgradeUntil: '2030-01-01' } as const;
  await site.change('poolLicensesCreate', { licenses: [row] });
  poolable.set(id, { type, obm: b + 1, pooled: false });
}

async function convert(site: Site, { poolable }: Model, a: number): Promise<void> {
  const [id, license] = some(poolable, a) ?? [];
  if (id === undefined) return;
  const done = await site.change('poolConvert', { license: id, confirmName: id });
  expect(done !== undefined, 'converted once and never back (LMP-4.6)').toBe(!license!.pooled);
  license!.pooled = true;
}

async function createPool(site: Site, { pools }: Model, a: number): Promise<void> {
  const id = site.fresh('pool');
  const type = (['OEM', 'Standard'] as const)[a % 2]!;
  await site.change('poolCreate', { id, name: id, type });
  pools.set(id, { type, obm: 0 });
}

async function setPoolQuota(site: Site, { poolable, pools, keys }: Model, a: number, b: number): Promise<void> {
  const [id, pool] = some(pools, a) ?? [];
  if (id === undefined || pool === undefined) return;
  const done = await site.change('poolSetQuota', { pool: id, quota: { obm: b } });
  const total = obm([...poolable.values()].filter((one) => one.pooled && one.type === pool.type));
  const others = obm([...pools].filter(([other, one]) => other !== id && one.type === pool.type).map(([, one]) => one));
  const given = obm([...keys.values()].filter((key) => key.pool === id));
  expect(done !== undefined, `LMP-2.3, LMP-2.4: ${b} of ${total}`).toBe(others + b <= total && b >= given);
  if (done !== undefined) pool.obm = b;
}

async function createKey(site: Site, { pools, keys }: Model, a: number, b: number): Promise<void> {
  const [pool, { obm: quota }] = some(pools, a) ?? [undefined, { obm: 0 }];
  if (pool === undefined) return;
  const id = site.fresh('key');
  const input = { id, pool, licenseeName: id, quota: { obm: b }, keyHash: hash(`${site.account} ${id}`) };
  const done = await site.change('poolKeyCreate', input);
  const given = obm([...keys.values()].filter((key) => key.pool === pool));
  expect(done !== undefined, `LMP-2.4: ${b} of ${quota}`).toBe(given + b <= quota);
  if (done !== undefined) keys.set(id, { pool, obm: b });
}

async function setKeyQuota(site: Site, { pools, keys }: Model, a: number, b: number): Promise<void> {
  const [id, key] = some(keys, a) ?? [];
  if (id === undefined || key === undefined) return;
  const done = await site.change('poolKeySetQuota', { key: id, quota: { obm: b } });
  const others = obm([...keys].filter(([other, one]) => other !== id && one.pool === key.pool).map(([, one]) => one));
  expect(done !== undefined, `LMP-2.4: ${b}`).toBe(others + b <= pools.get(key.pool)!.obm);
  if (done !== undefined) key.obm = b;
}

async function deleteKey(site: Site, { keys }: Model, a: number): Promise<void> {
  const [id] = some(keys, a) ?? [];
  if (id !== undefined && (await site.change('poolKeyDelete', { key: id })) !== undefined) keys.delete(id);
}

async function applyKey(site: Site, { keys }: Model, a: number, b: number): Promise<void> {
  const [id] = some(keys, a) ?? [];
  if (id !== undefined) await site.activate(agentOf(site, b), id, { used: b % 3 });
}

/** F-12, LMP-4.13: a lost server's key runs out, and is taken back or renewed again. */
async function keyLife(site: Site, { keys }: Model, a: number, b: number): Promise<void> {
  const [key] = some(keys, a) ?? [];
  if (key === undefined) return;
  if (b % 3 === 0) await site.change('poolKeyDeactivate', { key });
  else await site.change('poolKeySetRenewing', { key, renewing: b % 3 === 1 });
}

async function report(site: Site, _model: Model, a: number, b: number): Promise<void> {
  const guests = site.agents.filter((agent, n) => agent.instance !== null && (n + b) % 2 === 0);
  const row = { id: `host${a % 2}`, kind: 'bare_metal', hypervisor: 'kvm' } as const;
  await site.change('inventoryReport', { hosts: [{ ...row, guests: guests.map((agent) => agent.instance!) }] });
}

async function ownLicense(site: Site, model: Model, a: number, b: number): Promise<void> {
  const id = some(licenses(model), a);
  if (id === undefined) return;
  const license = id;
  if (b % 4 === 0) await site.change('licenseRevoke', { license });
  else if (b % 4 === 1) await site.change('licenseReinstate', { license });
  else if (b % 4 === 2) await site.change('licenseAutoRenew', { license, autoRenew: b > 6 });
  else await site.change('licenseGrant', { license, company: COMPANIES[b % 3]!, user: null });
}

async function grant(site: Site, { grants }: Model, a: number, b: number): Promise<void> {
  const id = site.fresh('grant');
  const from = [null, null, 'north'][b % 3]!;
  const to = ['north', 'south', 'north-1'][a % 3]!;
  const type = ['server', 'desktop'][b % 2]!;
  const done = await site.change('grantCreate', { id, from, to, type, quantity: 1 + (b % 2) });
  // MSP-4: only down one's own line.
  if (from === 'north' && to !== 'north-1') expect(done).toBeUndefined();
  if (done !== undefined) grants.push(id);
}

async function takeBack(site: Site, { grants }: Model, a: number): Promise<void> {
  const id = some(grants, a);
  if (id !== undefined) await site.change('grantTakeBack', { grant: id });
}

async function releaseMachine(site: Site, model: Model, a: number): Promise<void> {
  const { instance } = agentOf(site, a);
  if (instance === null) return;
  const done = await site.change('machineRelease', { machine: instance });
  if (done !== undefined) await followHolders(site, model, [instance], null);
}

/** Everything that admins and agents do here, by name; the frequent ones twice. */
const ACTIONS: Readonly<Record<string, Act>> = {
  bring,
  activate,
  activateAgain: activate,
  activateStill: activate,
  assignAgain: assign,
  applyKeyAgain: applyKey,
  setPoolQuotaAgain: setPoolQuota,
  checkIn: (site, _model, a) => site.checkIn(agentOf(site, a)),
  deactivate,
  assign,
  release,
  bulk,
  ownLicense,
  releaseMachine,
  grant,
  grantAgain: grant,
  takeBack,
  bringPoolable,
  convert,
  createPool,
  setPoolQuota,
  createKey,
  setKeyQuota,
  deleteKey,
  applyKey,
  keyLife,
  report,
  ...SESSION_ACTIONS,
  ...DESK_ACTIONS,
  ...ORDER_ACTIONS,
  ...MACHINE_ACTIONS,
  wait: (site, _model, a, b) => site.wait([1, 26, 24 * 15, 24 * 40][a % 4]! * (b % 2 === 0 ? 1 : 0.5)),
};

/** One action of a sequence. Every one can be asked at any time; whether it is refused is the authority's to say. */
class Action implements fc.AsyncCommand<Model, Site> {
  readonly #name: string;
  readonly #a: number;
  readonly #b: number;

  constructor(name: string, a: number, b: number) {
    this.#name = name;
    this.#a = a;
    this.#b = b;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, site: Site): Promise<void> {
    return ACTIONS[this.#name]!(site, model, this.#a, this.#b);
  }

  toString(): string {
    return `${this.#name}(${this.#a}, ${this.#b})`;
  }
}

const small = fc.nat({ max: 11 });

/** Random sequences of about so many actions. */
export function sequences(actions: number): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Site>>> {
  const action = (name: string): fc.Arbitrary<Action> => fc.tuple(small, small).map(([a, b]) => new Action(name, a, b));
  const one = fc.oneof(...Object.keys(ACTIONS).map(action));
  return fc.array(one, { minLength: actions - 3, maxLength: actions + 3, size: 'max' });
}
