import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, readAll, type Position, type Store } from '../../../packages/authority/src/store/index.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
let serial = 0;

describe.each(engines)('the store on $name', (engine) => {
  let store: Store<typeof registry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
  });
  afterAll(() => store?.close());

  async function account(): Promise<string> {
    serial += 1;
    const id = `account-${serial}`;
    await store.execute('createAccount', { account: id }, NOW);
    return id;
  }
  async function license(id: string, quota: number): Promise<string> {
    await store.execute('createLicense', { account: id, id: 'license', quota }, NOW);
    return id;
  }
  const claims = (id: string, count: number, command: 'claim' | 'claimSerialized' = 'claim') =>
    Promise.allSettled(
      Array.from({ length: count }, (_, index) =>
        store.execute(command, { account: id, license: 'license', instance: `i${index}` }, NOW),
      ),
    );

  test.each([50, 500])('%i claims at once on 10 seats give exactly 10', async (count) => {
    const id = await license(await account(), 10);
    const results = await claims(id, count);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(results.length - refused.length).toBe(10);
    expect(new Set(refused.map((result) => result.reason.code))).toEqual(new Set(['SEATS_EXHAUSTED']));
    expect(await store.read('usage', { account: id, license: 'license' })).toEqual({ used: 10, seats: 10 });
  });

  test('a refused command harms no neighbor of its commit and leaves nothing behind', async () => {
    const id = await license(await account(), 1);
    const calls = await Promise.allSettled([
      store.execute('claim', { account: id, license: 'license', instance: 'a' }, NOW),
      store.execute('claim', { account: id, license: 'license', instance: 'b' }, NOW),
      store.execute('failHard', { account: id }, NOW),
      store.execute('note', { account: id, type: 'note', name: 'after' }, NOW),
    ]);
    expect(calls.map((call) => call.status).filter((status) => status === 'fulfilled')).toHaveLength(2);
    expect(calls[2]).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
    const rows = await store.read('rows', { sql: 'SELECT name FROM accounts WHERE account = ?', params: [id] });
    expect(rows).toEqual([{ name: id }]);
    expect(await store.read('usage', { account: id, license: 'license' })).toEqual({ used: 1, seats: 1 });
    expect(await store.read('verify', { account: id })).toMatchObject({ ok: true, rows: 2, done: true });
  });

  test('a command that rests on rows it does not guard is repeated until its ground stands', async () => {
    const id = await license(await account(), 10);
    const results = await claims(id, 30, 'claimSerialized');
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(10);
    expect(await store.read('usage', { account: id, license: 'license' })).toMatchObject({ seats: 10 });
  });

  test('numbers stand in commit order without a gap, and listeners hear of each', async () => {
    const id = await account();
    const heard: Position[] = [];
    const stop = store.onCommit((positions) => heard.push(...positions.filter((at) => at.account === id)));
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        store.execute('note', { account: id, type: 'n', name: `${index}` }, NOW),
      ),
    );
    stop();
    const given = results.map((result) => result.positions[0]!.seq).sort((a, b) => a - b);
    expect(given).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(Math.max(...heard.map((at) => at.seq))).toBe(100);
    const journal = await store.read('journal', { account: id });
    expect(journal.map((row) => row.seq)).toEqual(given);
  });

  test('a boolean parameter is a typed error, not the end of the process', async () => {
    await expect(store.execute('bindBoolean', undefined, NOW)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('an unknown account has no journal', async () => {
    await expect(store.execute('note', { account: 'nobody', type: 'n', name: 'x' }, NOW)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('a long list is read in slices, with commits in between', async () => {
    const id = await account();
    for (let index = 0; index < 50; index += 1)
      await store.execute('createLicense', { account: id, id: `l${String(index).padStart(3, '0')}`, quota: 1 }, NOW);
    const seen: string[] = [];
    const walk = readAll((after: string | null) => store.read('licensePage', { account: id, after, limit: 10 }));
    for await (const row of walk) {
      if (seen.length === 5) await store.execute('createLicense', { account: id, id: 'l999', quota: 1 }, NOW);
      seen.push(row.id);
    }
    expect(seen).toHaveLength(51);
    expect(seen).toEqual([...seen].sort());
  });

  test('numbers come back as numbers: counts, sums and instants', async () => {
    const id = await license(await account(), 3);
    const [row] = await store.read('rows', {
      sql: 'SELECT count(*) AS n, sum(quota) AS total, max(created_at) AS at FROM machine_licenses WHERE account = ?',
      params: [id],
    });
    expect(row).toEqual({ n: 1, total: 3, at: NOW });
  });

  test('it says that it is well', async () => {
    expect(await store.health()).toMatchObject({ engine: engine.name, ok: true });
  });
});
