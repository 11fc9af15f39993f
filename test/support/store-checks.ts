import { expect } from 'vitest';
import { openStore, type Store } from '../../packages/authority/src/store/index.js';
import { registry } from './store-registry.js';

/** The account `a` and its license `license`, on which the writers of the torture tests take seats. */
export async function prepareSeats(url: string): Promise<void> {
  const store = await openStore(url, registry);
  await store.execute('createAccount', { account: 'a' }, 0);
  await store.execute('createLicense', { account: 'a', id: 'license', quota: 1_000_000_000 }, 0);
  await store.close();
}

/** The acknowledged claims that are not in the database. */
export async function missingSeats(store: Store<typeof registry>, acknowledged: Iterable<string>): Promise<string[]> {
  const seats = (await store.read('rows', {
    sql: "SELECT instance_id FROM seats WHERE account = 'a' AND license_id = 'license'",
  })) as { instance_id: string }[];
  const there = new Set(seats.map((seat) => seat.instance_id));
  return [...acknowledged].filter((name) => !there.has(name));
}

/** Counter, seats and journal agree, and the journal holds. */
export async function expectWhole(store: Store<typeof registry>): Promise<void> {
  const usage = await store.read('usage', { account: 'a', license: 'license' });
  expect(usage.used).toBe(usage.seats);
  const head = await store.read('head', { account: 'a' });
  expect(head.seq).toBe(usage.seats);
  expect(await store.read('verifyWhole', { account: 'a' })).toMatchObject({ ok: true, done: true });
}
