import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { formatConnection } from '@leasehold/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newLicense, startBench, type Bench } from '../support/authority.js';
import { technicianLicense } from '../support/technicians.js';
import { typed, type Typed } from './typed.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-media-'));
const file = (name: string): string => join(folder, name);
let bench: Bench;

beforeAll(async () => {
  bench = await startBench(Date.now() - 30_000);
  const { kty, crv, x } = bench.rootJwk;
  const common = { product: 'acme-backup', version: '12.1', roots: [{ kty, crv, x }] };
  const agent = { ...common, authority: bench.authority.url, stateDir: file('state'), instanceId: 'stamper' };
  writeFileSync(file('agent.json'), JSON.stringify(agent));
  // A machine that was started from the stick: no network, nothing held.
  writeFileSync(file('booted.json'), JSON.stringify({ ...common, stateDir: file('ram'), instanceId: 'stranger' }));
  mkdirSync(file('stick'));
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  expect((await typed('activate', licenseKey, '--config', file('agent.json'))).status).toBe(0);
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const on = (config: string, ...words: string[]): Promise<Typed> => typed(...words, '--config', file(`${config}.json`));
const stamp = (...more: string[]): Promise<Typed> =>
  on('agent', 'media', 'stamp', file('stick'), '--media', 'night-stick', '--licensee', 'Example Ltd', ...more);

test('a licensed machine puts passport and keyset onto a stick, and renews them', async () => {
  const { status, out } = await stamp('--json');
  expect(status).toBe(0);
  const written = ['passport', 'keyset'].map((name) => join(file('stick'), 'leasehold', `${name}.jws`));
  expect(JSON.parse(out)).toEqual({ media: 'night-stick', files: written });
  const before = readFileSync(written[0]!, 'utf8');
  bench.clock += 10_000;
  expect((await stamp()).status).toBe(0);
  expect(readFileSync(written[0]!, 'utf8')).not.toBe(before);
  expect(readdirSync(join(file('stick'), 'leasehold')).sort()).toEqual(['keyset.jws', 'passport.jws']);
});

test('what no list of processes may show is read from the input: a connection, a PIN, a key', async () => {
  const say = (text: string): void =>
    void vi.spyOn(process, 'stdin', 'get').mockReturnValueOnce(Readable.from([text]) as never);
  const roots = [bench.rootJwk.x];
  const connection = formatConnection({ url: bench.authority.url, roots, token: bench.ownerToken });
  say(`\n${connection}\n`);
  expect((await typed('admin', 'connect', '-', '--connection', file('kept'))).status).toBe(0);
  expect(readFileSync(file('kept'), 'utf8').trim()).toBe(connection);
  await technicianLicense(bench, 'anna');
  const stick = ['--media', 'pin-stick', '--base', 'linux', '--licensee', 'x', '--technician', 'anna', '--pin', '-'];
  say('481516');
  const stamped = await typed('admin', 'media', 'stamp', ...stick, '--connection', file('kept'), '--json');
  expect(stamped).toMatchObject({ status: 0, err: '' });
  const { passport } = JSON.parse(stamped.out) as { passport: string };
  const claims = JSON.parse(Buffer.from(passport.split('.')[1]!, 'base64url').toString()) as { pin: string };
  expect(claims.pin).toMatch(/^[\w-]{40,}$/);
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  for (const words of [
    ['activate', '-'],
    ['request', '--key', '-'],
  ]) {
    say(`${licenseKey}\n`);
    expect(await on('agent', ...words)).toMatchObject({ status: 0, err: '' });
    say('');
    expect((await on('agent', ...words)).err).toContain('the input holds nothing');
  }
});

test('a wrong base, a folder that is none and an agent without a license stamp nothing', async () => {
  expect(await stamp('--base', 'dos')).toMatchObject({ status: 2 });
  const nowhere = await on('agent', 'media', 'stamp', file('nowhere'), '--media', 'm', '--licensee', 'x');
  expect(nowhere).toMatchObject({ status: 2 });
  expect(nowhere.err).toContain('INPUT_INVALID');
  const unlicensed = await on('booted', 'media', 'stamp', file('stick'), '--media', 'm', '--licensee', 'x');
  expect(unlicensed.err).toContain('NOT_ACTIVATED');
});

test('the stick is allowed on the machine whose lease is on its disk, refused to a stranger, and without a stamp', async () => {
  const use = (config: string, stick: string, ...more: string[]): Promise<Typed> =>
    on(config, 'media', 'use', stick, '--json', ...more);
  const here = await use('agent', file('stick'), '--purpose', 'cold_backup', '--os', 'linux');
  expect(here.status).toBe(0);
  expect(JSON.parse(here.out)).toMatchObject({ allowed: true, medium: { id: 'night-stick', stamp: 'valid' } });
  mkdirSync(file('blank'));
  const unstamped = await use('agent', file('blank'));
  expect(unstamped.status).toBe(77);
  expect(JSON.parse(unstamped.out)).toMatchObject({ code: 'UNLICENSED_MEDIA', medium: { stamp: 'missing' } });
  const passport = join(file('stick'), 'leasehold', 'passport.jws');
  const [head, claims, seal] = readFileSync(passport, 'utf8').split('.') as [string, string, string];
  const edited = Buffer.from(claims, 'base64url').toString().replace('Example', 'Exomple');
  mkdirSync(join(file('blank'), 'leasehold'));
  writeFileSync(
    join(file('blank'), 'leasehold', 'passport.jws'),
    [head, Buffer.from(edited).toString('base64url'), seal].join('.'),
  );
  expect(JSON.parse((await use('agent', file('blank'))).out)).toMatchObject({ medium: { stamp: 'invalid' } });
  expect(await use('agent', file('stick'), '--purpose', 'holiday')).toMatchObject({ status: 2 });
  // A mistyped path is not a stick without a stamp, and a code that cannot be is not passed over in silence.
  expect((await use('agent', file('nowhere'))).out).toContain('is no folder');
  expect((await use('booted', file('stick'), '--ask-code')).err).toContain('No one-time code');
});

test('a voucher code that nobody gave is told, and nothing is written', async () => {
  const before = readdirSync(join(file('stick'), 'leasehold'));
  const wrong = await on('agent', 'media', 'voucher', file('stick'), '00000-00000');
  expect(wrong.err).toContain('NOT_FOUND');
  expect(readdirSync(join(file('stick'), 'leasehold'))).toEqual(before);
});
