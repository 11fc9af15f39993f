import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registry, type AuthorityRegistry } from '../../packages/authority/src/registry.js';
import { openStore, type Store } from '../../packages/authority/src/store/index.js';
import { LICENSE } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const START = Date.parse('2026-06-15T10:00:00Z');

/** A clock that stood ahead for a moment and was set right: what was put off by it comes when it should have. */
describe.each(engines)('an authority whose clock stood a year ahead, on $name', (engine) => {
  let store: Store<AuthorityRegistry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
    const account = { account: 'acme', name: 'Acme', product: 'acme-backup', salt: 's', prefix: null, epoch: 1 };
    await store.execute('createAccount', { ...account, timeZone: 'UTC', policy: {} }, START);
  });
  afterAll(() => store?.close());

  const who = { account: 'acme', actor: 'admin:test', scope: null, named: [] };
  const by = { ...who, dryRun: false, idempotency: null, seen: null };
  const single = { ...LICENSE, profile: 'msp', term: 'subscription' } as const;
  const bring = (id: string, validUntil: string, autoRenew: boolean) =>
    store.execute(
      'licensesCreate',
      { by, input: { licenses: [{ ...single, id, validUntil, autoRenew, keyHash: `hash ${id}` }] } },
      START,
    );
  const due = (now: number) => store.read('dueWork', { account: 'acme', now });
  async function work(now: number): Promise<string[]> {
    const names = await due(now);
    for (const name of names) {
      const part = () => store.execute('doTimedWork', { account: 'acme', name, node: 'here' }, now);
      while ((await part()).outcome) continue;
    }
    return names;
  }
  async function listed(validity: 'valid' | 'expired', now: number): Promise<string[]> {
    const filters = { company: null, kind: null, usage: null, autoRenew: null, type: null, sort: null, search: null };
    const page = { account: 'acme', scope: null, after: null, limit: 500 };
    const ask = { ...page, ...filters, validity, now } as const;
    return (await store.read('licenses', ask)).rows.map(({ id }) => id);
  }

  test('does its timed work again, and lists what is valid as valid', async () => {
    await bring('renews', '2026-06-18', true);
    await bring('ends', '2026-12-31', false);
    await work(START + 365 * DAY);
    expect(await listed('expired', START + 365 * DAY)).toContain('ends');
    const right = START + HOUR;
    expect(await work(right)).toContain('licenses.renew');
    expect(await listed('valid', right)).toContain('ends');
    expect(await listed('expired', right)).not.toContain('ends');
    expect(await due(right)).toEqual([]);
  });

  test('counts the seats of each day again', async () => {
    const right = START + DAY;
    await work(START + 400 * DAY);
    await work(right);
    await work(right + DAY);
    const { days, series } = await store.read('seatHistory', { account: 'acme', scope: null, now: right + DAY });
    expect(days.at(-2)).toBe('2026-06-16');
    expect(series.find(({ id }) => id === 'server')?.owned.slice(-3)).toEqual([2, 2, 2]);
  });

  test('frees a technician’s license whose last grant was given then', async () => {
    const it = { ...LICENSE, type: 'it_pro', term: 'subscription', validUntil: '2028-06-30' } as const;
    const license = { ...it, id: 'it', keyHash: 'hash it', boundTo: { type: 'technician', id: 'tina' } } as const;
    await store.execute('licensesCreate', { by, input: { licenses: [license] } }, START);
    const stick = { media: 'stick', base: 'linux', licensee: 'Acme', validDays: 3000 } as const;
    await store.execute('mediaStamp', { by, input: { ...stick, codes: [], codeKid: 'kid', pinHash: null } }, START);
    const start = async (jkt: string, machine: string, now: number) => {
      const about = { technician: 'tina', media: 'stick', machine, machineOs: 'linux', operation: 'backup' } as const;
      const request = { product: 'acme-backup', ...about, nonce: `${jkt} ${now}` };
      const input = { account: 'acme', keyHash: 'hash it', jkt, pinHash: null, freshId: `${jkt} ${now}`, request };
      return (await store.execute('startSession', input, now)).outcome.kind;
    };
    expect(await start('pulled out', 'one', START + 365 * DAY)).toBe('granted');
    const right = START + 4 * DAY;
    await work(right);
    expect(await start('next', 'two', right + MINUTE)).toBe('refused');
    expect(await start('next', 'two', right + 6 * MINUTE)).toBe('granted');
  });

  test('sends what was refused then: receivers do not believe a time to come', async () => {
    const hook = { id: 'hook', kind: 'webhook', name: 'CRM', target: 'https://crm.example', events: ['*'] } as const;
    await store.execute('subscriptionCreate', { by, input: { ...hook, secret: 'sealed' } }, START);
    await bring('told', '2026-12-31', false);
    const claim = async (now: number) => (await store.execute('claimDeliveries', { account: 'acme' }, now)).outcome;
    const isDue = (now: number) => store.read('deliveriesDue', { account: 'acme', now });
    const ahead = START + 365 * DAY;
    await store.execute('queueDeliveries', { account: 'acme' }, ahead);
    const [refused] = await claim(ahead);
    const ended = { kind: 'failed', problem: 'The receiver answered 400.' } as const;
    const { id, attempts } = refused!;
    await store.execute('settleDelivery', { account: 'acme', id, attempts, ended, jitter: 0.5 }, ahead);
    const right = START + HOUR;
    expect(await isDue(right)).toBe(true);
    expect((await claim(right)).map((delivery) => delivery.id)).toEqual([id]);
    expect(await claim(right)).toEqual([]);
    expect(await isDue(right)).toBe(false);
    // The longest pause that there is stays one.
    await store.execute('settleDelivery', { account: 'acme', id, attempts: 9, ended, jitter: 0.99 }, right);
    expect([await isDue(right + DAY), await isDue(right + 2 * DAY)]).toEqual([false, true]);
  });

  test('and a node whose clock is seconds behind does nothing twice', async () => {
    const now = START + 5 * DAY;
    await work(now);
    expect(await due(now - 5 * SECOND)).toEqual([]);
  });
});
