import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { provisionAuthority } from '@leasehold/authority';
import { ROUTES } from '@leasehold/protocol';
import { PRODUCT } from '../support/authority.js';
import { firstLine, startCommand } from '../support/command.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../support/postgres.js';
import { TcpBalancer } from '../support/tcp-balancer.js';

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: the end of an authority whose PostgreSQL is silent. ${missing}.`);

describe.skipIf(missing !== undefined)('signals to an authority whose PostgreSQL neither answers nor refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-signals-'));
  let server: TestPostgres;
  /** The network between the authority and its database. */
  let network: TcpBalancer;
  let db: string;
  let ownerToken: string;
  beforeAll(async () => {
    server = await startPostgres();
    const direct = await server.database();
    const place = { db: direct, dataDir: join(folder, 'keys') };
    ({ ownerToken } = await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now()));
    network = await TcpBalancer.start([server.port]);
    db = direct.replace(`:${server.port}/`, `:${network.port}/`);
  });
  afterEach(() => network.goSilent(false));
  afterAll(async () => {
    await network?.close();
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Serving {
    readonly child: ChildProcess;
    readonly log: Record<string, unknown>[];
    /** Its status, or the signal that ended it, and how long that took, ms. */
    readonly ended: Promise<{ readonly by: unknown; readonly at: number }>;
  }

  function serve(address: string, ...more: string[]): Serving {
    const child = startCommand([
      'serve',
      '--db',
      address,
      '--data',
      join(folder, 'keys'),
      '--port',
      '0',
      '--json',
      ...more,
    ]);
    const log: Record<string, unknown>[] = [];
    let text = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      const lines = `${text}${chunk.toString()}`.split('\n');
      text = lines.pop()!;
      log.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    const ended = once(child, 'close').then(([status, signal]) => ({ by: status ?? signal, at: performance.now() }));
    return { child, log, ended };
  }
  const urlOf = async ({ child }: Serving): Promise<string> =>
    (JSON.parse(await firstLine(child)) as { url: string }).url;
  const ask = (url: string): Promise<number | string> =>
    fetch(`${url}${ROUTES.overview.path}`, { headers: { authorization: `Bearer ${ownerToken}` } }).then(
      ({ status }) => status,
      () => 'cut',
    );

  test('SIGTERM: it ends in its time, a call under way is answered or cut, and the log says what was left', async () => {
    const serving = serve(db, '--stop-seconds', '4');
    const url = await urlOf(serving);
    expect(await ask(url)).toBe(200);
    network.goSilent(true);
    const asked = ask(url);
    const begun = performance.now();
    serving.child.kill('SIGTERM');
    const { by, at } = await serving.ended;
    expect(by).toBe(1);
    expect(at - begun).toBeLessThan(6000);
    expect([503, 'cut']).toContain(await asked);
    const last = serving.log.filter(({ event }) => event === 'stopped');
    expect(last).toMatchObject([
      { level: 'error', left: expect.any(String) as string, code: expect.any(String) as string },
    ]);
  });

  test.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('%s, and then %s: it ends at once', async (first, second) => {
    const serving = serve(db, '--stop-seconds', '600');
    const url = await urlOf(serving);
    network.goSilent(true);
    const asked = ask(url);
    serving.child.kill(first);
    await expect.poll(() => serving.log.map(({ event }) => event)).toContain('stopping');
    const begun = performance.now();
    serving.child.kill(second);
    const { by, at } = await serving.ended;
    expect(by).toBe(1);
    expect(at - begun).toBeLessThan(1500);
    expect(await asked).toBe('cut');
    expect(serving.log.at(-1)).toMatchObject({ level: 'error', event: 'stopped', signal: second });
  });

  test('SIGTERM while it starts: it ends at once', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const serving = serve(db.replace(`:${network.port}/`, `:${port}/`));
    await once(silent, 'connection');
    const begun = performance.now();
    serving.child.kill('SIGTERM');
    const { by, at } = await serving.ended;
    silent.close();
    expect({ by, log: serving.log }).toMatchObject({ by: 1, log: [{ event: 'stopped', left: 'its start' }] });
    expect(at - begun).toBeLessThan(1500);
  });

  test('SIGTERM with nothing in its way: status 0', async () => {
    const serving = serve(db);
    expect(await ask(await urlOf(serving))).toBe(200);
    serving.child.kill('SIGTERM');
    expect((await serving.ended).by).toBe(0);
    expect(serving.log.at(-1)).toMatchObject({ level: 'info', event: 'stopped' });
  });

  test('SIGTERM while PostgreSQL is down and refuses: status 0, for nothing is left', async () => {
    const serving = serve(db);
    await urlOf(serving);
    network.useOnly([]);
    await expect.poll(() => serving.log.map(({ event }) => event), { timeout: 8000 }).toContain('database.lost');
    const begun = performance.now();
    serving.child.kill('SIGTERM');
    const { by, at } = await serving.ended;
    expect(by).toBe(0);
    expect(at - begun).toBeLessThan(4000);
    network.useOnly([server.port]);
  });
});
