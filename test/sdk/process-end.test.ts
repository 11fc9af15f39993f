import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LicenseOptions } from '@leasehold/sdk';
import { describe, expect, test, vi } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { startLoopbackProxy } from '../support/loopback-proxy.js';
import { forkSource } from '../support/run-source.js';
import { DAY, Site, cleanUp } from '../support/sdk-fixture.js';

const FORGETFUL = fileURLToPath(new URL('../support/sdk-forgetful.ts', import.meta.url));
/** Half of what a request is given. Milliseconds. */
const SOON = 5000;

/** An installation whose check-in is due by the clock of this machine. */
async function withCheckInDue(): Promise<Site> {
  const site = await Site.start();
  site.clock.pass(-2 * DAY);
  await (await site.open({ activation: { key: LICENSE_KEY } })).close();
  return site;
}

/** Takes what is sent and never answers. `asked` resolves with the first of it. */
async function startSilentServer(): Promise<{ readonly url: string; readonly asked: Promise<unknown> }> {
  const server = createServer();
  const asked = new Promise((resolve) => {
    server.on('connection', (socket) => socket.on('error', () => undefined).once('data', resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function forget(options: LicenseOptions, last = ''): ReturnType<typeof forkSource> {
  const { testing: _testing, ...plain } = options;
  const child = await forkSource(FORGETFUL, [JSON.stringify(plain), last]);
  cleanUp(() => child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

describe('a program that has nothing left to do', () => {
  test.each([
    ['an authority', (url: string) => ({ authority: url })],
    ['a proxy', () => ({ authority: 'https://licensing.invalid' })],
  ])('ends while a check-in is under way at %s that does not answer', async (what, options) => {
    const site = await withCheckInDue();
    const { url, asked } = await startSilentServer();
    if (what === 'a proxy') vi.stubEnv('HTTPS_PROXY', url);
    cleanUp(() => vi.unstubAllEnvs());
    const child = await forget(site.options(options(url)));
    await asked;
    const from = performance.now();
    child.send('end');
    const [status] = (await once(child, 'exit')) as [number];
    expect(status).toBe(0);
    expect(performance.now() - from).toBeLessThan(SOON);
  });

  test.each([
    ['check', false],
    ['check', true],
    ['deactivate', false],
    ['deactivate', true],
  ])('ends after a %s that it waits for, and not before (by a proxy: %s)', async (last, proxied) => {
    const site = await withCheckInDue();
    const proxy = await startLoopbackProxy();
    cleanUp(() => proxy.close());
    if (proxied) vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${proxy.port}`);
    cleanUp(() => vi.unstubAllEnvs());
    const child = await forget(site.options(), last);
    let told = '';
    child.stdout?.on('data', (text: Buffer) => (told += text.toString()));
    child.send('end');
    const [status] = (await once(child, 'close')) as [number];
    expect([status, JSON.parse(told)]).toMatchObject([0, { ok: true }]);
    expect(proxy.asked.length > 0).toBe(proxied);
  });
});
