import { spawn } from 'node:child_process';
import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { issueChain } from '../support/certificate-chain.js';
import {
  LICENSE_KEY,
  startLoopbackAuthority,
  type Behavior,
  type LoopbackAuthority,
} from '../support/loopback-authority.js';
import { startLoopbackProxy, type LoopbackProxy } from '../support/loopback-proxy.js';
import { BACKUP, Site, cleanUp } from '../support/sdk-fixture.js';
import { undiciWire } from '../../packages/sdk/src/wire/wire.js';

const activation = { key: LICENSE_KEY };
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
const NAMES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
beforeEach(() => NAMES.forEach((name) => vi.stubEnv(name, undefined)));
afterEach(() => vi.unstubAllEnvs());

async function proxy(credentials?: string): Promise<LoopbackProxy> {
  const started = await startLoopbackProxy(credentials);
  cleanUp(() => started.close());
  return started;
}

async function secure(
  behave: Behavior = {},
  chain = issueChain({ days: 90 }),
): Promise<{ authority: LoopbackAuthority; ca: string }> {
  const authority = await startLoopbackAuthority(behave, chain);
  cleanUp(() => authority.close());
  return { authority, ca: chain.ca };
}

const through = ({ authority, ca }: { authority: LoopbackAuthority; ca: string }) => ({
  activation,
  authority: authority.url,
  roots: [authority.root],
  ca,
});

describe('the way to the authority', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])('leads through the proxy that %s names', async (name) => {
    const [site, { port, asked }, there] = [await Site.start(), await proxy(), await secure()];
    vi.stubEnv(name, `http://127.0.0.1:${port}`);
    const license = await site.open(through(there));
    expect(license.status().problems).toEqual([]);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(asked).toEqual([`CONNECT ${new URL(there.authority.url).host}`]);
  });

  test('leads through a proxy for plain http too', async () => {
    const [site, { port, asked }] = [await Site.start(), await proxy()];
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`);
    expect((await site.open({ activation })).authorize(BACKUP).allowed).toBe(true);
    expect(asked.length).toBeGreaterThan(0);
  });

  test('gives a proxy the name and password of its address, and nobody else', async () => {
    const [site, { port, asked }, there] = [await Site.start(), await proxy('anna:pass word'), await secure()];
    vi.stubEnv('HTTPS_PROXY', `http://anna:pass%20word@127.0.0.1:${port}`);
    const license = await site.open(through(there));
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(there.authority.asked)).not.toContain('proxy-authorization');
  });

  test('names a proxy that wants a password, or is not there, and shows no password', async () => {
    const [site, { port }, there] = [await Site.start(), await proxy('anna:right'), await secure()];
    vi.stubEnv('HTTPS_PROXY', `http://anna:s3cret@127.0.0.1:${port}`);
    const license = await site.open(through(there));
    expect(license.status().problems).toMatchObject([
      { code: 'AUTHORITY_UNREACHABLE', message: expect.stringMatching(/proxy.*user name and password/i) },
    ]);
    expect(JSON.stringify([license.status(), license.diagnostics()])).not.toMatch(/s3cret|YW5uYTpzM2NyZXQ/);
    await license.close();
    vi.stubEnv('HTTPS_PROXY', 'http://anna:s3cret@127.0.0.1:9');
    const gone = await site.open(through(there));
    expect(gone.status().problems).toMatchObject([{ code: 'AUTHORITY_UNREACHABLE' }]);
    expect(JSON.stringify([gone.status(), gone.diagnostics()])).not.toMatch(/s3cret|YW5uYTpzM2NyZXQ/);
    await gone.close();
  });

  test.each(['127.0.0.1', '*', 'example.com,127.0.0.1'])('goes past the proxy where NO_PROXY is %s', async (list) => {
    const [site, there] = [await Site.start(), await secure()];
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
    vi.stubEnv('NO_PROXY', list);
    expect((await site.open(through(there))).authorize(BACKUP).allowed).toBe(true);
  });

  test('through a proxy a certificate of nobody trusted is refused, and a wrong clock heals', async () => {
    const [site, { port }, there] = [await Site.start(), await proxy(), await secure()];
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${port}`);
    const { ca: _ours, ...unknown } = through(there);
    const refused = await site.open(unknown);
    expect(refused.status().problems).toMatchObject([{ code: 'BAD_CERTIFICATE' }]);
    await refused.close();
    const past = await secure(
      { now: () => Math.floor(Date.now() / 1000) - 29 * 86_400 },
      issueChain({ days: 3, madeAt: '-30d' }),
    );
    const healed = await site.open({ ...through(past), stateDir: `${site.stateDir}-2` });
    expect(healed.status()).toMatchObject({ state: 'licensed', clock: 'ahead', problems: [] });
  });

  test.skipIf(!hasIpv6)('leads over IPv6 (needs an IPv6 loopback)', async () => {
    const site = await Site.start();
    const six = await startLoopbackAuthority({}, undefined, 0, '::1');
    cleanUp(() => six.close());
    expect(six.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const license = await site.open({ activation, authority: six.url, roots: [six.root] });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});

describe('one that does not answer', () => {
  async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onSocket(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => (sockets.forEach((socket) => socket.destroy()), server.close()));
    return { server, port: (server.address() as AddressInfo).port };
  }
  const ask = async (url: string): Promise<string> => {
    const wire = undiciWire({ timeoutMs: 250 });
    const request = { method: 'GET', url, headers: {}, maxBytes: 1000 } as const;
    const failed = await wire.send(request).catch((error: unknown) => error);
    await wire.close();
    const { code, name } = failed as { code?: string; name?: string };
    return code ?? String(name);
  };

  test('does not finish the handshake: the connection is given up', async () => {
    const { port } = await listen(() => undefined);
    expect(await ask(`https://127.0.0.1:${port}/`)).toBe('UND_ERR_CONNECT_TIMEOUT');
  });

  test('does not finish the handshake, and nobody waits any more: broken off then and there', async () => {
    const { port } = await listen((socket) => socket.once('data', () => broken.abort(new Error('closed'))));
    const broken = new AbortController();
    const wire = undiciWire({ timeoutMs: 3_600_000 });
    const request = { method: 'GET', url: `https://127.0.0.1:${port}/`, headers: {}, maxBytes: 1000 } as const;
    await expect(wire.send({ ...request, signal: broken.signal })).rejects.toThrow('closed');
    await expect(wire.send({ ...request, signal: broken.signal })).rejects.toThrow('closed');
    await wire.close();
  });

  test('says nothing: the headers are given up', async () => {
    const { port } = await listen(() => undefined);
    expect(await ask(`http://127.0.0.1:${port}/`)).toBe('UND_ERR_HEADERS_TIMEOUT');
  });

  test('stops in the middle: the body is given up', async () => {
    const { port } = await listen((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    expect(await ask(`http://127.0.0.1:${port}/`)).toBe('UND_ERR_BODY_TIMEOUT');
  });

  test('keeps no caller longer than its signal: open, check, giving back, a session, media, hosts, an image', async () => {
    const silent = await listen(() => undefined);
    const url = `http://127.0.0.1:${silent.port}`;
    const site = await Site.start();
    const license = await site.open({ activation });
    await license.close();
    const soon = () => AbortSignal.timeout(20);
    const held = await site.open({ authority: url });
    expect(await held.check({ signal: soon() })).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } });
    expect(await held.check({ signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      problem: { code: 'TIMEOUT' },
    });
    expect(await held.deactivate({ signal: soon() })).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } });
    const session = { licenseKey: LICENSE_KEY, technician: 'anna', media: 'usb', operation: 'backup' } as const;
    expect(await held.technician.start({ ...session, signal: soon() })).toMatchObject({
      started: false,
      problem: { code: 'TIMEOUT' },
    });
    const brokenOff = {
      ok: false,
      problem: { code: 'TIMEOUT', message: expect.stringContaining('broken off') as string },
    };
    const stamp = { media: 'usb', base: 'linux', validDays: 1, licensee: 'Example Ltd' } as const;
    expect(await held.media.stamp(stamp, { signal: soon() })).toMatchObject(brokenOff);
    expect(await held.technician.fetchVoucher('00000-00000', { signal: soon() })).toMatchObject(brokenOff);
    const told = { hosts: [{ id: 'h1', name: 'kvm-1', kind: 'host', hypervisor: 'kvm', guests: [] }] } as never;
    const wait = { agentlessInUse: false, signal: soon() };
    expect(await held.inventory.report(told, wait)).toMatchObject(brokenOff);
    expect(await held.generalize({ signal: soon() })).toMatchObject(brokenOff);
    expect(held.authorize(BACKUP).allowed).toBe(true);
    const fresh = await site.open({ activation, authority: url, stateDir: `${site.stateDir}-2`, signal: soon() });
    expect(fresh.status()).toMatchObject({ state: 'not_activated', restores: 'open' });
    expect(fresh.authorize(BACKUP).allowed).toBe(false);
    await expect(site.open({ signal: 'soon' as never })).rejects.toMatchObject({ details: { path: 'signal' } });
  });
});

describe('a name with several addresses', () => {
  const addresses = (...list: readonly LookupAddress[]): void => {
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _host: string,
      _options: object,
      done: (...answer: unknown[]) => void,
    ) => done(null, list)) as never);
  };
  afterEach(() => vi.restoreAllMocks());
  const ask = async (port: number): Promise<string> => {
    const wire = undiciWire();
    cleanUp(() => wire.close());
    const url = `http://authority.example:${port}/`;
    return (await wire.send({ method: 'GET', url, headers: {}, maxBytes: 1000 })).text;
  };

  test('is reached over a line that takes longer to connect than Node waits, where its IPv6 leads nowhere', async () => {
    const program = `require('node:http').createServer((_, response) => response.end('served'))
      .listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { process.send(this.address().port) })`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    cleanUp(() => child.kill('SIGKILL'));
    const port = await new Promise<number>((resolve) => child.once('message', (told) => resolve(Number(told))));
    // Stopped with a full queue it drops whoever comes; his system knocks again after a second.
    child.kill('SIGSTOP');
    const waiting = [1, 2, 3].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    cleanUp(() => waiting.forEach((socket) => socket.destroy()));
    await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, 'connect')));
    addresses({ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 });
    const asked = ask(port);
    setTimeout(() => child.kill('SIGCONT'), 500);
    expect(await asked).toBe('served');
  });

  test('is reached by another one where the first is dead', async () => {
    const { port } = new URL((await startedPlain()).url);
    addresses({ address: '127.0.0.2', family: 4 }, { address: '127.0.0.1', family: 4 });
    expect(await ask(Number(port))).toContain('urn:leasehold:problem');
  });
});

async function startedPlain(): Promise<LoopbackAuthority> {
  const authority = await startLoopbackAuthority();
  cleanUp(() => authority.close());
  return authority;
}
