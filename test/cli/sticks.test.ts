import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineCode, type MediaClaims } from '@leasehold/protocol';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { sha256 } from '../support/signing.js';
import { technicianLicense } from '../support/technicians.js';
import { canMount, fill, onTmpfs } from '../support/tmpfs.js';
import { typed, type Typed } from './typed.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-sticks-'));
const file = (...names: string[]): string => join(folder, ...names);
let bench: Bench;
let license: string;

beforeAll(async () => {
  bench = await startBench(Date.now() - 30_000);
  const { kty, crv, x } = bench.rootJwk;
  const common = { product: 'acme-backup', version: '12.1', roots: [{ kty, crv, x }] };
  const agent = { ...common, authority: bench.authority.url, stateDir: file('office'), instanceId: 'office' };
  writeFileSync(file('office.json'), JSON.stringify(agent));
  // A machine that was started from the stick: no network, nothing held.
  writeFileSync(file('booted.json'), JSON.stringify({ ...common, stateDir: file('ram'), instanceId: 'stranger' }));
  const token = { name: 'cli', role: 'owner', validDays: 1 } as const;
  const { connection } = (await asPerson(bench, 'tokenCreate', { body: token })).body;
  expect((await typed('admin', 'connect', connection, '--connection', file('connection'))).status).toBe(0);
  license = (await technicianLicense(bench, 'anna')).id;
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const stamp = (stick: string, media: string, ...more: string[]): Promise<Typed> => {
  const words = ['admin', 'media', 'stamp', '--media', media, '--base', 'linux', '--licensee', 'Example Ltd', ...more];
  return typed(...words, '--to', stick, '--connection', file('connection'));
};
const on = (config: string, ...words: string[]): Promise<Typed> => typed(...words, '--config', file(`${config}.json`));
const written = (stick: string): string[] => readdirSync(join(stick, 'leasehold')).sort();
const passportOf = (stick: string): string => readFileSync(join(stick, 'leasehold', 'passport.jws'), 'utf8');
const known = async () => (await asPerson(bench, 'media')).body.rows.map(({ id }) => id);

/** A stick that an admin stamped for the technician. */
async function stickOf(name: string): Promise<string> {
  const stick = file(name);
  mkdirSync(stick);
  expect(await stamp(stick, name, '--technician', 'anna')).toMatchObject({ status: 0, err: '' });
  return stick;
}

describe('a stick that an admin stamps', () => {
  test('has passport and keyset on it, and is genuine where there is no network', async () => {
    const stick = await stickOf('anna-1');
    expect(written(stick)).toEqual(['keyset.jws', 'passport.jws']);
    const { out } = await on('booted', 'media', 'use', stick, '--json');
    expect(JSON.parse(out)).toMatchObject({ medium: { id: 'anna-1', stamp: 'valid', technician: 'anna' } });
    const again = await stamp(stick, 'anna-1', '--technician', 'anna', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      media: 'anna-1',
      files: ['passport', 'keyset'].map((name) => join(stick, 'leasehold', `${name}.jws`)),
    });
  });

  test('is not stamped where there is no such folder', async () => {
    const before = await known();
    expect(await stamp(file('nowhere'), 'usb-9')).toMatchObject({
      status: 2,
      err: expect.stringContaining('no folder'),
    });
    expect(await known()).toEqual(before);
  });

  test.skipIf(!canMount())('that is full keeps its stamp, and nothing of the new one', async () => {
    const stick = file('full');
    await onTmpfs(stick, 'size=24k', async () => {
      expect((await stamp(stick, 'full')).status).toBe(0);
      const before = passportOf(stick);
      fill(join(stick, 'filler'));
      const again = await stamp(stick, 'full');
      expect(again).toMatchObject({ status: 1, err: expect.stringContaining('DISK_FULL') });
      expect(passportOf(stick)).toBe(before);
      expect(written(stick)).toEqual(['keyset.jws', 'passport.jws']);
    });
  });
});

describe('a voucher', () => {
  /** Checked out for a machine at the customer's. */
  async function codeFor(media: string, stick: string): Promise<string> {
    const claims = Buffer.from(passportOf(stick).split('.')[1]!, 'base64url').toString();
    const machine = await machineCode((JSON.parse(claims) as MediaClaims).salt, 'customer', sha256);
    const body = { license, media, machine, machineOs: 'linux', hours: 8 } as const;
    return (await asPerson(bench, 'voucherCreate', { body })).body.code!;
  }

  test('is put onto its own medium alone; until then its code is good', async () => {
    const [own, other] = [await stickOf('own'), await stickOf('other')];
    const code = await codeFor('own', own);
    mkdirSync(file('blank'));
    const blank = await on('office', 'media', 'voucher', file('blank'), code);
    expect(blank).toMatchObject({ status: 2, err: expect.stringContaining('no valid stamp') });
    const wrong = await on('office', 'media', 'voucher', other, code);
    expect(wrong).toMatchObject({ status: 2, err: expect.stringMatching(/for medium own.*other/) });
    expect(wrong.err).toContain('The code is good for it on this machine');
    expect([written(other), readdirSync(file('blank'))]).toEqual([['keyset.jws', 'passport.jws'], []]);
    const right = await on('office', 'media', 'voucher', own, code);
    expect(right).toMatchObject({ status: 0, out: expect.stringMatching(/Medium own, until \d{4}-/) });
    expect(written(own)).toEqual(['keyset.jws', 'passport.jws', 'voucher.jws']);
  });
});

describe('a medium that is refused', () => {
  const use = (stick: string, ...more: string[]): Promise<Typed> => on('booted', 'media', 'use', stick, ...more);

  test('because it was written in part says so', async () => {
    const half = file('half');
    cpSync(await stickOf('whole'), half, { recursive: true });
    truncateSync(join(half, 'leasehold', 'passport.jws'), 200);
    const { status, out } = await use(half);
    expect([status, out]).toEqual([77, expect.stringContaining('The stamp cannot be verified: TOKEN_MALFORMED')]);
    expect((await use(half, '--language', 'ja')).out).toContain('スタンプを検証できません: TOKEN_MALFORMED');
  });

  test('where it knows of no license says what else opens a recovery, and nothing of it for a cold backup', async () => {
    const stick = await stickOf('ways');
    const { out } = await use(stick);
    expect(out).toContain('--proof FILE');
    expect(out).toContain('--ask-code');
    expect(out).toMatch(/license for this machine\.$/m);
    expect((await use(stick, '--language', 'ja')).out).toContain('このマシン用の');
    expect((await use(stick, '--purpose', 'cold_backup')).out).not.toContain('--proof');
    expect((await use(file('blank'))).out).not.toContain('--proof');
  });

  test('says of a recovery proof that it does not count', async () => {
    writeFileSync(file('proof'), 'not one');
    const { status, out } = await use(file('ways'), '--proof', file('proof'));
    expect([status, out]).toEqual([77, expect.stringContaining(`${file('proof')} is no recovery proof`)]);
    const json = await use(file('ways'), '--proof', file('proof'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({ allowed: false, medium: { recoveryProof: 'invalid' } });
  });

  test('is told in Japanese throughout', async () => {
    const { out } = await use(file('ways'), '--language', 'ja');
    for (const word of ['Refused', 'Medium', 'stamp', 'until']) expect(out).not.toContain(word);
    expect(out).toContain('使用できません');
  });
});
