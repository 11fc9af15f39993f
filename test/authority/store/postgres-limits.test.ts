import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store, type Tx } from '../../../packages/authority/src/store/index.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../../support/postgres.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: limits of PostgreSQL. ${missing}.`);

describe.skipIf(missing !== undefined)('limits of PostgreSQL (needs PostgreSQL 15 or newer)', () => {
  let server: TestPostgres;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.database();
  });
  afterAll(() => server?.dispose());

  describe('limits that its administrator set for the database', () => {
    /** A database of its own with these settings, which every new connection starts with. */
    async function limited(settings: Readonly<Record<string, string>>): Promise<string> {
      const address = await server.database();
      const name = new URL(address).pathname.slice(1);
      for (const [setting, value] of Object.entries(settings))
        await server.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
      return address;
    }
    const LIMITS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];
    const BRIEF = Object.fromEntries(LIMITS.map((setting) => [setting, '150ms']));

    test('end no migration on its way', async () => {
      const address = await limited(BRIEF);
      const slow = { id: 2_000, name: 'slow', statements: ['SELECT pg_sleep(0.4)'] };
      const store = await openStore(address, { ...registry, migrations: [...registry.migrations, slow] });
      await store.execute('createAccount', { account: 'a' }, NOW);
      await store.close();
    });

    test('nor maintenance, which takes as long as it takes; a serving node keeps limits of its own', async () => {
      const address = await limited(BRIEF);
      const names = LIMITS.map((setting) => `'${setting}'`).join(', ');
      const sql = `SELECT name || '=' || setting AS name FROM pg_settings WHERE name IN (${names}) ORDER BY name`;
      const limitsOf = async (options: { readonly patient?: boolean }): Promise<string> => {
        const store = await openStore(address, registry, options);
        const rows = await store.read('rows', { sql, params: [] });
        await store.close();
        return (rows as { name: string }[]).map(({ name }) => name).join(' ');
      };
      expect(await limitsOf({ patient: true })).toBe(
        'idle_in_transaction_session_timeout=0 idle_session_timeout=0 lock_timeout=0 statement_timeout=0',
      );
      expect(await limitsOf({})).toBe(
        'idle_in_transaction_session_timeout=10000 idle_session_timeout=0 lock_timeout=5000 statement_timeout=30000',
      );
    });
  });

  describe('what PostgreSQL breaks off, or has no room for, is named as that', () => {
    let store: Store<typeof broken>;
    /** Commands that come upon it. */
    const broken = {
      ...registry,
      commands: {
        ...registry.commands,
        sql: async (tx: Tx, statements: readonly string[]) => {
          for (const sql of statements) await tx.run(sql);
        },
        /** Waits for longer than PostgreSQL lets a transaction. */
        idle: async (tx: Tx) => {
          await tx.run("SET LOCAL idle_in_transaction_session_timeout = '50ms'");
          const ended = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'idle in transaction'";
          await expect.poll(() => server.query(ended), { timeout: 8000 }).toEqual([{ n: 0 }]);
          await tx.run('SELECT 1');
        },
      },
    };
    beforeAll(async () => void (store = await openStore(url, broken, { poolSize: 2 })));
    afterAll(() => store?.close());

    const raised = (code: string): string[] => [`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`];
    test.each([
      [
        'a statement that takes too long',
        ["SET LOCAL statement_timeout = '20ms'", 'SELECT pg_sleep(5)'],
        'statement_timeout',
      ],
      ['a lock that is not given', ["SET LOCAL lock_timeout = '1ms'", 'LOCK TABLE held'], 'lock_timeout'],
      ['memory that is used up', raised('53200'), 'memory'],
      ['transactions that always collide', raised('40001'), 'another'],
    ])('%s', async (_what, statements, named) => {
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query('CREATE TABLE IF NOT EXISTS held (id int)');
      await holder.query('BEGIN; LOCK TABLE held');
      const problem = { code: 'OVERLOADED', message: expect.stringContaining(named) as string };
      const details = { retryAfterSeconds: 5, remedy: expect.stringContaining('sk') as string };
      await expect(store.execute('sql', statements, NOW).finally(() => holder.end())).rejects.toMatchObject({
        ...problem,
        details,
      });
    });

    test.each(['26000', '42P05'])('a pooler that gives each transaction another session (%s)', async (code) => {
      await expect(store.execute('sql', raised(code), NOW)).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        details: { remedy: expect.stringContaining('session mode') as string },
      });
    });

    test('a transaction that waits too long', async () => {
      const problem = {
        code: 'OVERLOADED',
        message: expect.stringContaining('idle_in_transaction_session_timeout') as string,
      };
      await expect(store.execute('idle', undefined, NOW)).rejects.toMatchObject(problem);
      expect(await store.health()).toMatchObject({ ok: true });
    });

    test('more connections than the database takes', async () => {
      const address = await server.database();
      await (await openStore(address, registry)).close();
      await server.query('CREATE USER crowd CONNECTION LIMIT 0');
      const refused = openStore(address.replace('//leasehold@', '//crowd@'), registry);
      await expect(refused).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('no connection left') as string,
        details: { remedy: expect.stringContaining('max_connections') as string },
      });
    });
  });
});
