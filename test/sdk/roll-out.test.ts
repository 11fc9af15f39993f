import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { License, LicenseOptions } from '@leasehold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { BACKUP, RESTORE, temporaryFolder } from '../support/sdk-fixture.js';
import { startMachine, type Started } from '../support/sdk-machine.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

const start = async (hardware: string, more?: Started): Promise<License> =>
  (await startMachine(bench, hardware, more)).license;

async function rollOut(seats = 5): Promise<{ readonly license: string; readonly id: string; readonly key: string }> {
  const { id: license } = await newLicense(bench, { type: 'linux', seats });
  const body = { name: 'Roll-out', licenses: [license], maxUses: 10, validDays: 30 };
  const made = await asPerson(bench, 'enrollmentKeyCreate', { body });
  return { license, id: made.body.id!, key: made.body.enrollmentKey! };
}

async function seatsOf(license: string): Promise<number> {
  const { body } = await asPerson(bench, 'licenses', { query: `?search=${license}` });
  return body.rows[0]!.used;
}

/** A file as a roll-out places it. */
function keyFile(text: string): string {
  const file = join(temporaryFolder(), 'enrollment.key');
  writeFileSync(file, text);
  return file;
}

describe('a silent installation', () => {
  test('takes its seat at the first start by the file that the roll-out placed', async () => {
    const { license, key } = await rollOut();
    const file = keyFile(`# Acme, workstations\r\n\r\n  ${key.toLowerCase()}  \r\n`);
    const agent = await start('silent 1', { activation: { file } });
    expect(agent.status()).toMatchObject({ state: 'licensed', license, problems: [] });
    expect(agent.authorize(BACKUP).allowed).toBe(true);
    expect(JSON.stringify(agent.diagnostics())).not.toContain(key);
    expect(agent.diagnostics().settings.hasActivationKey).toBe(true);
  });

  test('waits for a file that comes later, and goes on when it is taken away', async () => {
    const { license, key } = await rollOut();
    const file = join(temporaryFolder(), 'later.key');
    const agent = await start('silent 2', { activation: { file } });
    expect(agent.status()).toMatchObject({ state: 'not_activated', problems: [{ code: 'NOT_ACTIVATED' }] });
    expect(agent.authorize(RESTORE).allowed).toBe(true);
    writeFileSync(file, key);
    expect(await agent.check()).toMatchObject({ ok: true, status: { state: 'licensed', license } });
    rmSync(file);
    expect(await agent.check()).toMatchObject({ ok: true, status: { state: 'licensed', problems: [] } });
  });

  test.each([
    ['an empty one', '\n# nothing\n', 'INPUT_INVALID'],
    ['a typing error', 'LE-00000-00000-00000-00000-00000-00001', 'LICENSE_KEY_TYPO'],
    ['another file', 'x'.repeat(5000), 'INPUT_INVALID'],
  ])('with %s in the file is not licensed, and says so', async (_what, text, code) => {
    const agent = await start('silent 3', { activation: { file: keyFile(text) } });
    expect(agent.status()).toMatchObject({ state: 'not_activated', problems: [{ code }] });
    expect(agent.authorize(BACKUP).allowed).toBe(false);
  });

  test('with a folder in the place of its file says what cannot be read', async () => {
    const agent = await start('silent 4', { activation: { file: temporaryFolder() } });
    expect(agent.status().problems).toMatchObject([{ code: 'PERMISSION_DENIED' }]);
  });

  test('a file that is spoilt later stops nothing that is held', async () => {
    const { key } = await rollOut();
    const file = keyFile(key);
    const agent = await start('silent 5', { activation: { file } });
    writeFileSync(file, 'spoilt');
    expect(await agent.check()).toMatchObject({ ok: true });
    expect(agent.status()).toMatchObject({ state: 'licensed', problems: [{ code: 'LICENSE_KEY_TYPO' }] });
  });

  test.each([
    [{ key: 'LH-1', file: '/etc/key' }, 'activation'],
    [{ file: 'relative/key' }, 'activation.file'],
    [{}, 'activation.key'],
  ])('%o is a mistake of the program', async (activation, path) => {
    const opened = start('silent 6', { activation: activation as LicenseOptions['activation'] & object });
    await expect(opened).rejects.toMatchObject({ code: 'OPTIONS_INVALID', details: { path } });
  });

  test('a key that has ended says so, and ends the first run', async () => {
    const { id, key } = await rollOut();
    await asPerson(bench, 'enrollmentKeyRevoke', { params: { key: id }, body: {} });
    const agent = await start('silent 7', { activation: { key } });
    expect(agent.status().problems).toMatchObject([{ code: 'ENROLLMENT_ENDED' }]);
    expect(agent.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'ENROLLMENT_ENDED' });
  });
});

describe('a golden image', () => {
  test('gives its usage and its seat back, keeps nothing of its identity, and each copy is a machine of its own', async () => {
    const { license, key } = await rollOut(2);
    const stateDir = join(temporaryFolder(), 'state');
    const template = await start('template', { stateDir, activation: { key } });
    template.usage.record({ kind: 'backup', bytes: 7 });
    expect(await seatsOf(license)).toBe(1);
    writeFileSync(join(stateDir, 'notes.txt'), 'the vendor’s own');
    const done = await template.generalize();
    expect(done).toMatchObject({ ok: true, seat: 'given_back', usageDiscarded: 0, left: ['notes.txt'] });
    expect(readdirSync(stateDir)).toEqual(['notes.txt']);
    expect(await seatsOf(license)).toBe(0);
    expect(template.status()).toMatchObject({ state: 'not_activated' });
    template.usage.record({ kind: 'backup', bytes: 8 });
    await template.close();
    expect(readdirSync(stateDir)).toEqual(['notes.txt']);
    const copies = ['copy 1', 'copy 2'].map((name) => {
      const copy = join(temporaryFolder(), 'state');
      cpSync(stateDir, copy, { recursive: true });
      return start(name, { stateDir: copy, installation: 'template', activation: { key } });
    });
    const instances = (await Promise.all(copies)).map((copy) => copy.status().instance);
    expect(new Set(instances).size).toBe(2);
    expect(await seatsOf(license)).toBe(2);
  });

  test('is not made while usage would be lost or the seat cannot be given back, and nothing is changed then', async () => {
    const { key } = await rollOut();
    const stateDir = join(temporaryFolder(), 'state');
    const activated = await start('offline template', { stateDir, activation: { key } });
    await activated.close();
    const gone = { stateDir, authority: 'http://127.0.0.1:9' };
    const template = await start('offline template', gone);
    expect(await template.generalize()).toMatchObject({ ok: false, problem: { code: 'AUTHORITY_UNREACHABLE' } });
    expect(template.status()).toMatchObject({ license: expect.any(String) });
    template.usage.record({ kind: 'backup', bytes: 7 });
    const kept = await template.generalize({ keepSeat: true });
    expect(kept).toMatchObject({ ok: false, problem: { code: 'CONFLICT' } });
    expect(existsSync(join(stateDir, 'store.key'))).toBe(true);
    const done = await template.generalize({ keepSeat: true, discardUsage: true });
    expect(done).toMatchObject({ ok: true, seat: 'kept', usageDiscarded: 1 });
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('is refused to a second process while the agent runs', async () => {
    const { key } = await rollOut();
    const stateDir = join(temporaryFolder(), 'state');
    const agent = await start('running', { stateDir, activation: { key } });
    const beside = await start('running', { stateDir });
    expect(await beside.generalize()).toMatchObject({ ok: false, problem: { code: 'STATE_IN_USE' } });
    expect(await agent.check()).toMatchObject({ ok: true });
  });

  test('interrupted after its first file, is not licensed and can be made again', async () => {
    const { key } = await rollOut();
    const stateDir = join(temporaryFolder(), 'state');
    await (await start('interrupted', { stateDir, activation: { key } })).close();
    rmSync(join(stateDir, 'store.key'));
    const template = await start('interrupted', { stateDir });
    expect(template.authorize(BACKUP).allowed).toBe(false);
    expect(await template.generalize()).toMatchObject({ ok: true, seat: 'none' });
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('of an installation that never held anything is made, too', async () => {
    const stateDir = join(temporaryFolder(), 'state');
    mkdirSync(stateDir);
    const template = await start('fresh', { stateDir });
    expect(await template.generalize()).toMatchObject({ ok: true, seat: 'none' });
    expect(readdirSync(stateDir)).toEqual([]);
  });
});
