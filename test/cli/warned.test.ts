import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import { startBench } from '../support/authority.js';
import { PoolSite, cals } from '../support/pool-site.js';
import { cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { typed } from './typed.js';

test('a change that the rules warn of is told in words, beside what was done', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const site = new PoolSite(bench);
  await site.purchase('OEM-1');
  await site.addToPool('OEM-1');
  const key = await site.key(await site.pool('North', cals(10)), 'Server1', cals(5));
  const server = await site.server('cbs1');
  server.used = cals(4);
  await server.apply(key.licenseKey);
  const connection = join(temporaryFolder(), 'connection');
  const { url } = bench.authority;
  writeFileSync(connection, formatConnection({ url, roots: [bench.rootJwk.x], token: bench.ownerToken }));
  const lower = (obm: number, ...more: string[]) =>
    typed(
      'admin',
      'key',
      'quota',
      key.id,
      '--quota',
      `obm=${obm}`,
      '--quota',
      'acb=5',
      '--connection',
      connection,
      ...more,
    );
  const warned = await lower(2);
  expect(warned).toMatchObject({ status: 0, out: expect.stringContaining('OVER_QUOTA') as string });
  expect(warned.err).toContain('its newest clients stop backing up');
  expect(await lower(4)).toMatchObject({ status: 0, err: '' });
  expect(await lower(2, '--json')).toMatchObject({ status: 0, err: '' });
});
