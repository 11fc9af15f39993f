import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Position, type Store } from '../../../packages/authority/src/store/index.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../../support/postgres.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: the store's own tests of PostgreSQL. ${missing}.`);

describe.skipIf(missing !== undefined)(
  'the store on several nodes of PostgreSQL (needs PostgreSQL 15 or newer)',
  () => {
    let server: TestPostgres;
    let url: string;
    let nodes: Store<typeof registry>[];
    beforeAll(async () => {
      server = await startPostgres({ deadlock_timeout: '20ms' });
      url = await server.database();
      nodes = await Promise.all([1, 2, 3].map(() => openStore(url, registry)));
      await nodes[0]!.execute('createAccount', { account: 'a' }, NOW);
    });
    afterAll(async () => {
      await Promise.all((nodes ?? []).map((node) => node.close()));
      await server?.dispose();
    });

    describe('a database that is not as it should be is named as what it is', () => {
      /** The code and sentence that an operator gets who starts an authority on it. */
      const told = async (address: string): Promise<string> => {
        const error: unknown = await openStore(address, registry).then(
          () => 'opened',
          (thrown: unknown) => thrown,
        );
        return LeaseholdError.is(error) ? `${error.code}: ${error.message} ${error.details.remedy}` : String(error);
      };
      const sockets = (): number => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;

      test('no right to make tables, as PostgreSQL 15 gives none to others than the owner', async () => {
        await server.query('CREATE USER guest');
        const address = (await server.database()).replace('//leasehold@', '//guest@');
        expect(await told(address)).toMatch(/^DATABASE_UNAVAILABLE: .*permission denied for schema public.* OWNER TO/);
      });

      test('a password that is asked for and was not given, and nothing stays open', async () => {
        await server.query("CREATE USER careful PASSWORD 'known'");
        const rules = join(server.dataDir, 'pg_hba.conf');
        writeFileSync(rules, `host all careful 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`);
        await server.query('SELECT pg_reload_conf()');
        const address = url.replace('//leasehold@', '//careful@');
        const before = sockets();
        await expect.poll(() => told(address)).toMatch(/^DATABASE_UNAVAILABLE: .*asks for a password/);
        await expect.poll(sockets).toBe(before);
      });

      test.each([
        ['sslmode=verify-full', /^DATABASE_UNAVAILABLE: .*offers no TLS/],
        ['sslmode=verify-full&sslrootcert=/nowhere/root.pem', /^DATABASE_UNAVAILABLE: .*\/nowhere\/root\.pem/],
      ])('%s', async (query, sentence) => {
        expect(await told(`${url}?${query}`)).toMatch(sentence);
      });

      test('a port that is none', async () => {
        expect(await told(url.replace(/:\d+\//, ':999999/'))).toMatch(/^DATABASE_UNAVAILABLE: .*is no address/);
      });
    });

    /** 50 claims on 10 seats, spread over all nodes; answers how many were granted and how many seats are taken. */
    async function contend(command: 'claim' | 'claimByCount', id: string): Promise<{ granted: number; seats: number }> {
      await nodes[0]!.execute('createLicense', { account: 'a', id, quota: 10 }, NOW);
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) =>
          nodes[index % 3]!.execute(command, { account: 'a', license: id, instance: `i${index}` }, NOW),
        ),
      );
      const granted = results.filter((result) => result.status === 'fulfilled').length;
      return { granted, seats: (await nodes[1]!.read('usage', { account: 'a', license: id })).seats };
    }

    test('50 claims on 10 seats through three nodes give exactly 10; counting first, the control, does not', async () => {
      expect(await contend('claim', 'guarded')).toEqual({ granted: 10, seats: 10 });
      const control = await contend('claimByCount', 'counted');
      expect(control.granted).toBeGreaterThan(10);
    });

    test('a commit on one node is heard on another', async () => {
      const heard: Position[] = [];
      nodes[2]!.onCommit((positions) => heard.push(...positions.filter((at) => at.account === 'a')));
      // Its listener may still be connecting, and a hint may be lost: it is told until it hears.
      for (let tries = 0; heard.length === 0 && tries < 5_000; tries += 1)
        await nodes[0]!.execute('note', { account: 'a', type: 'n', name: 'x' }, NOW);
      expect(heard[0]?.seq).toBeGreaterThan(0);
    });

    test('whoever waits for a connection longer than one may take to come about is served, and not told that the database is gone', async () => {
      const narrow = await openStore(url, registry, { poolSize: 1, connectWithin: 400 });
      const slow = { sql: "SELECT 'here' AS name FROM pg_sleep(0.25)", params: [] };
      const answers = await Promise.allSettled([1, 2, 3, 4].map(() => narrow.read('rows', slow)));
      await narrow.close();
      expect(answers).toEqual([1, 2, 3, 4].map(() => ({ status: 'fulfilled', value: [{ name: 'here' }] })));
    });

    test('opposite orders of two rows end in a deadlock that is repeated, not answered', async () => {
      for (const id of ['left', 'right'])
        await nodes[0]!.execute('createLicense', { account: 'a', id, quota: 1_000 }, NOW);
      const both = Array.from({ length: 20 }, (_, index) =>
        nodes[index % 3]!.execute(
          'useBoth',
          { account: 'a', ids: index % 2 ? ['left', 'right'] : ['right', 'left'] },
          NOW,
        ),
      );
      await Promise.all(both);
      for (const id of ['left', 'right'])
        expect((await nodes[0]!.read('usage', { account: 'a', license: id })).used).toBe(20);
    });

    test('a database that goes away is said so, and nothing acknowledged is lost when it comes back', async () => {
      const { seq } = await nodes[0]!.read('head', { account: 'a' });
      await server.stop('crash');
      await expect(nodes[0]!.execute('note', { account: 'a', type: 'n', name: 'x' }, NOW)).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        details: { retryAfterSeconds: 5 },
      });
      expect(await nodes[0]!.health()).toMatchObject({ ok: false, problem: { code: 'DATABASE_UNAVAILABLE' } });
      await server.start();
      await nodes[0]!.execute('note', { account: 'a', type: 'n', name: 'y' }, NOW);
      expect(await nodes[1]!.read('head', { account: 'a' })).toMatchObject({ seq: seq + 1 });
      expect(await nodes[2]!.health()).toMatchObject({ ok: true });
      expect(await nodes[2]!.read('verify', { account: 'a' })).toMatchObject({ ok: true, done: true });
    });

    test('a connection that leads to where nothing can be written is made anew, by a command as by the probe', async () => {
      const address = await server.database();
      const name = new URL(address).pathname.slice(1);
      const store = await openStore(address, registry, { poolSize: 1 });
      await store.execute('createAccount', { account: 'a' }, NOW);
      const note = () => store.execute('note', { account: 'a', type: 'n', name: 'x' }, NOW);
      for (const look of [note, () => store.health()]) {
        // New connections alone heed it, as they lead to a replica until the address follows the primary.
        await server.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
        await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
        await expect.poll(async () => (await store.health()).problem?.message).toContain('takes no changes');
        await store.read('head', { account: 'a' });
        await server.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
        await look().catch(() => undefined);
        await note();
        expect(await store.health()).not.toHaveProperty('problem');
      }
      await store.close();
    });

    test('no server, no such database, a wrong user', async () => {
      await expect(openStore('postgres://leasehold@127.0.0.1:1/none', registry)).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
      });
      await expect(openStore(url.replace(/[^/]+$/, 'nowhere'), registry)).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
      });
      await expect(openStore(url.replace('leasehold@', 'nobody@'), registry)).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
      });
    });
  },
);
