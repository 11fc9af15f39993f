import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { provisionAuthority } from '@leasehold/authority';
import { Agent, asDevice, asPerson, newLicense, nonce, PRODUCT, type Bench } from '../support/authority.js';
import { firstLine, runCommand, startCommand, stop } from '../support/command.js';
import { freePort } from '../support/postgres.js';
import { newSigner } from '../support/signing.js';
import { startMailServer } from '../support/smtp-server.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All that must never stand in the log, by what it is. */
const secrets: Record<string, string> = {};
const keep = (what: string, secret: string | undefined): string => {
  expect(secret, what).toMatch(/^.{4}/);
  return (secrets[what] = secret!);
};

test('the log of a real authority holds no token, key, secret, PIN or part of a machine', async () => {
  const mail = await startMailServer();
  const receiver = createServer((_request, response) => void response.writeHead(500).end());
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
  const provisioned = await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  keep('owner token', provisioned.ownerToken);
  keep('root key', provisioned.root.d);
  const mailFile = join(folder, 'mail.json');
  writeFileSync(mailFile, JSON.stringify({ url: mail.url, from: 'Leasehold <license@acme.example>' }));
  const words = ['serve', '--db', place.db, '--data', place.dataDir, '--port', '0', '--mail', mailFile];
  const process = startCommand([...words, '--webhook-private-networks', '--log-level', 'info', '--json']);
  const lines: string[] = [];
  process.stderr!.on('data', (chunk: Buffer) => void lines.push(chunk.toString()));
  const { url } = JSON.parse(await firstLine(process)) as { url: string };
  const bench = { ...provisioned, authority: { url }, clock: Date.now() } as unknown as Bench;

  await subscribe(bench, (receiver.address() as AddressInfo).port);
  await live(bench);
  await fail(bench);
  while (mail.mails.length === 0 || !lines.join('').includes('delivery.failed')) await once(process.stderr!, 'data');
  expect(await stop(process)).toBe(0);
  receiver.close();
  await mail.close();

  const log = lines.join('');
  for (const said of ['started', 'request', 'delivery.failed', 'stopped']) expect(log).toContain(`"${said}"`);
  for (const [what, secret] of Object.entries(secrets))
    expect({ what, logged: log.includes(secret) }).toEqual({ what, logged: false });
  expect(Object.keys(secrets).length).toBeGreaterThan(15);
});

test.skipIf(process.platform !== 'linux')('its process is found by the name that the runbooks call it', async () => {
  const place = { db: `sqlite:${join(folder, 'named.db')}`, dataDir: join(folder, 'named-keys') };
  await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  const child = startCommand(['serve', '--db', place.db, '--data', place.dataDir, '--port', '0']);
  await firstLine(child);
  // What `pidof leasehold` looks at.
  expect(readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim()).toBe('leasehold');
  expect(await stop(child)).toBe(0);
});

test.skipIf(!existsSync('/dev/full'))('an authority whose log cannot be written goes on', async () => {
  const place = { db: `sqlite:${join(folder, 'mute.db')}`, dataDir: join(folder, 'mute-keys') };
  await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  const full = openSync('/dev/full', 'w'); // answers ENOSPC, as a file on a full disk does
  const words = ['serve', '--db', place.db, '--data', place.dataDir, '--port', '0', '--json'];
  for (const log of [full, 'pipe'] as const) {
    const child = startCommand(words, undefined, undefined, undefined, log);
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    child.stderr?.destroy(); // nobody reads it any more
    for (let calls = 0; calls < 3; calls += 1) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await stop(child)).toBe(0);
  }
});

test.skipIf(!existsSync('/dev/full'))('an authority serves where its output goes to a full disk, too', async () => {
  const place = { db: `sqlite:${join(folder, 'full.db')}`, dataDir: join(folder, 'full-keys') };
  await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  const port = String(await freePort());
  const full = openSync('/dev/full', 'w');
  const words = ['serve', '--db', place.db, '--data', place.dataDir, '--port', port];
  const child = startCommand(words, undefined, undefined, undefined, full, full);
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status, String);
  await expect.poll(ready, { timeout: 60_000 }).toBe(200);
  expect(await stop(child)).toBe(0);
});

test.skipIf(!existsSync('/dev/full'))('a command says that its output cannot be written', async () => {
  const full = openSync('/dev/full', 'w');
  for (const more of [[], ['--json']]) {
    const words = ['keyset', 'key', '--data', join(folder, 'unseen-keys'), ...more];
    const child = startCommand(words, undefined, undefined, undefined, 'pipe', full);
    const said: Buffer[] = [];
    child.stderr!.on('data', (chunk: Buffer) => void said.push(chunk));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, Buffer.concat(said).toString()]).toEqual([1, expect.stringMatching(/cannot be written.*ENOSPC/s)]);
  }
});

test('what Node and its drivers warn of is a line of the log like any other', async () => {
  const place = { db: `sqlite:${join(folder, 'warned.db')}`, dataDir: join(folder, 'warned-keys') };
  await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  const words = ['serve', '--db', 'postgres://x@127.0.0.1:1/x?sslmode=require', '--data', place.dataDir, '--port', '0'];
  const { err } = await runCommand([...words, '--json']);
  const lines = err.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ level: 'warn', event: 'warning', message: expect.stringContaining('sslmode') as string }),
  );
});

async function subscribe(bench: Bench, port: number): Promise<void> {
  const events = ['company.', 'instance.'];
  const hook = {
    kind: 'webhook' as const,
    name: 'CRM',
    target: `http://127.0.0.1:${port}/hook?key=in-the-address`,
    events,
  };
  keep('webhook secret', (await asPerson(bench, 'subscriptionCreate', { body: hook })).body.secret);
  keep('key in an address', 'in-the-address');
  const box = { kind: 'mail' as const, name: 'Desk', target: 'desk@acme.example', events };
  expect((await asPerson(bench, 'subscriptionCreate', { body: box })).status).toBe(200);
}

/** What goes well: activation, check-in, a token, an enrollment key, a stick with a PIN, a session, a voucher. */
async function live(bench: Bench): Promise<void> {
  const { id, licenseKey } = await newLicense(bench, { seats: 3 });
  keep('license key', licenseKey);
  const agent = await Agent.on(bench, 'server-of-the-customer');
  for (const [part, hash] of Object.entries(agent.report.components)) keep(`component ${part}`, hash);
  expect((await agent.activate(licenseKey)).status).toBe(200);
  keep('lease', agent.lease);
  const first = agent.lease;
  expect((await agent.checkIn()).status).toBe(200);
  expect(agent.lease).not.toBe(first);
  const token = { name: 'Desk', role: 'viewer', validDays: 1 } as const;
  keep('viewer token', (await asPerson(bench, 'tokenCreate', { body: token })).body.token);
  const rollOut = { name: 'Roll-out', company: null, licenses: [id], maxUses: 1, validDays: 1 };
  keep('enrollment key', (await asPerson(bench, 'enrollmentKeyCreate', { body: rollOut })).body.enrollmentKey);
  const pro = { type: 'it_pro', boundTo: { type: 'technician', id: 'anna' }, term: 'subscription' } as const;
  const seat = await newLicense(bench, {
    ...pro,
    startsAt: '2026-01-01T00:00:00Z',
    validUntil: '2099-01-01T00:00:00Z',
  });
  keep('technician’s key', seat.licenseKey);
  const pin = keep('PIN', '48151623');
  const stick = { media: 'stick', base: 'winpe', licensee: 'Acme', technician: 'anna', validDays: 9, pin } as const;
  expect((await asPerson(bench, 'mediaStamp', { body: stick })).status).toBe(200);
  const start = { licenseKey: seat.licenseKey, product: PRODUCT, technician: 'anna', media: 'stick', pin };
  const about = { machine: 'customer', machineOs: 'windows_server', operation: 'backup', nonce: nonce() } as const;
  const session = await asDevice(bench, await newSigner(), 'sessionStart', { ...start, ...about });
  keep('session', session.body.grant ?? session.body.session);
}

/** Ends with another letter. */
const mistyped = (text: string): string => text.slice(0, -1) + (text.endsWith('X') ? 'Y' : 'X');

/** What goes wrong: keys, tokens and proofs that are not ours, or not whole. */
async function fail(bench: Bench): Promise<void> {
  const stranger = await Agent.on(bench, 'stranger');
  const wrongKey = keep('license key of nobody', mistyped(secrets['license key']!));
  expect((await stranger.activate(wrongKey)).status).not.toBe(200);
  const wrong = keep('token of nobody', mistyped(bench.ownerToken));
  expect((await asPerson(bench, 'licenses', {}, wrong)).status).toBe(401);
  const query = `?search=${keep('text that was searched for', 'mistyped-secret')}`;
  expect((await asPerson(bench, 'licenses', { query })).status).toBe(200);
  const body = JSON.stringify({
    licenseKey: secrets['license key'],
    machine: keep('part of no form', 'serial 4711-SN'),
  });
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', 'leasehold-proof': wrong }, body };
  expect((await fetch(`${bench.authority.url}/v1/activate`, sent)).status).toBeGreaterThanOrEqual(400);
  expect((await fetch(`${bench.authority.url}/v1/nothing/${wrong}?token=${wrong}`)).status).toBe(404);
}
