import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../packages/authority/src/store/index.js';
import { migrations } from '../../../packages/authority/src/store/migrations/index.js';
import { forkSource } from '../../support/run-source.js';
import { engines } from '../../support/store-engines.js';
import { registry as later } from '../../support/store-later-registry.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const MIGRATOR = fileURLToPath(new URL('../../support/store-migrator.ts', import.meta.url));
const ROWS = process.env['LONG'] === '1' ? 1_000_000 : 40_000;
const FILLED_AT_ONCE = 20_000;

describe.each(engines)('migrations on $name', (engine) => {
  test('a database is brought up to date once, however often and by however many it is opened', async () => {
    const url = await engine.url();
    const nodes = engine.name === 'postgres' ? 4 : 1;
    const opened = await Promise.all(Array.from({ length: nodes }, () => openStore(url, registry, { now: NOW })));
    await Promise.all(opened.map((store) => store.close()));
    const store = await openStore(url, registry, { now: NOW + 1 });
    const rows = await store.read('rows', { sql: 'SELECT id, name, finished_at FROM schema_migrations ORDER BY id' });
    expect(rows).toEqual(migrations.map(({ id, name }) => ({ id, name, finished_at: NOW })));
    await store.close();
  });

  test(
    `a backfill over ${ROWS} rows, killed again and again, ends with every row filled once`,
    {
      timeout: 600_000,
    },
    async () => {
      const url = await engine.url();
      const store = await openStore(url, registry);
      await store.execute('createAccount', { account: 'a' }, NOW);
      for (let from = 1; from <= ROWS; from += FILLED_AT_ONCE) {
        await store.execute('fillLicenses', { account: 'a', from, to: from + FILLED_AT_ONCE - 1 }, NOW);
      }
      await store.close();
      let status: number | null = null;
      let kills = 0;
      for (let round = 1; status !== 0; round += 1) {
        const migrator = await forkSource(MIGRATOR, [url]);
        let slices = 0;
        let errors = '';
        migrator.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
        migrator.stdout!.on('data', (text: Buffer) => {
          slices += text.toString().split('slice').length - 1;
          if (round <= 3 && slices >= round) migrator.kill('SIGKILL');
        });
        status = await new Promise<number | null>((resolve) => migrator.once('close', resolve));
        if (status === null) kills += 1;
        else if (status !== 0) throw new Error(errors);
      }
      expect(kills).toBe(3);
      const after = await openStore(url, later);
      const rows = await after.read('rows', {
        sql: 'SELECT count(*) AS n, min(filled) AS least, max(filled) AS most FROM later_marks',
      });
      expect(rows).toEqual([{ n: ROWS, least: 1, most: 1 }]);
      await after.close();
    },
  );
});
