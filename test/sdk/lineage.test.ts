import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { License } from '@leasehold/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { BACKUP, temporaryFolder } from '../support/sdk-fixture.js';
import { startMachine, type Started } from '../support/sdk-machine.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

async function start(hardware: string, more: Started = {}): Promise<License & { readonly stateDir: string }> {
  const { license, stateDir } = await startMachine(bench, hardware, more);
  return Object.assign(license, { stateDir });
}

const activated = async (hardware: string) => {
  const { licenseKey: key } = await newLicense(bench, { type: 'linux' });
  return start(hardware, { activation: { key } });
};

/** An image of the machine, brought onto other hardware. */
function imageOf(stateDir: string): string {
  const copy = join(temporaryFolder(), 'state');
  cpSync(stateDir, copy, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  return copy;
}

test('a restore job leaves a note: the restored machine is its source, and the source that returns is the copy', async () => {
  const server = await activated('backup server');
  const source = await activated('dying machine');
  await source.check();
  const stateDir = imageOf(source.stateDir);
  const request = { source: source.status().instance!, recoveryPoint: 'nightly 42', target: 'spare machine' };
  const made = await server.lineageNote(request);
  if (!made.ok) throw new Error(made.problem.message);
  writeFileSync(join(stateDir, 'lineage.note'), `${made.note}\n`);
  const restored = await start('spare machine', { stateDir, installation: 'dying machine' });
  expect(await restored.check()).toMatchObject({ ok: true, status: { instance: request.source } });
  expect(existsSync(join(stateDir, 'lineage.note'))).toBe(false);
  expect(restored.authorize(BACKUP)).toMatchObject({ allowed: true, reason_rule: 'AIP-0.1' });
  await source.check();
  const copy = source.status().instance!;
  expect(copy).not.toBe(request.source);
  const { body } = await asPerson(bench, 'machine', { params: { machine: copy } });
  expect(body.fork).toMatchObject({ of: request.source, undecided: false });
  expect(await restored.check()).toMatchObject({ status: { instance: request.source, machine: 'same' } });
});

test('as a standby it gets a name of its own', async () => {
  const server = await activated('second server');
  const source = await activated('site a');
  const stateDir = imageOf(source.stateDir);
  const made = await server.lineageNote({
    source: source.status().instance!,
    recoveryPoint: 'replica',
    target: 'site b',
    as: 'standby',
  });
  if (!made.ok) throw new Error(made.problem.message);
  writeFileSync(join(stateDir, 'lineage.note'), made.note);
  const standby = await start('site b', { stateDir, installation: 'site a' });
  await standby.check();
  const { body } = await asPerson(bench, 'machine', { params: { machine: standby.status().instance! } });
  expect(body.machine).toMatchObject({ standbyOf: source.status().instance });
});

test('whoever is not activated makes none, and nobody for his own copies; a spoilt note stops nothing', async () => {
  const request = { source: 'inst_other', recoveryPoint: 'x', target: 'y' };
  const bare = await start('bare');
  expect(await bare.lineageNote(request)).toMatchObject({ ok: false, problem: { code: 'NOT_ACTIVATED' } });
  const own = await activated('own');
  const self = await own.lineageNote({ ...request, source: own.status().instance! });
  expect(self).toMatchObject({ ok: false, problem: { code: 'INPUT_INVALID' } });
  writeFileSync(join(own.stateDir, 'lineage.note'), 'spoilt');
  expect(await own.check()).toMatchObject({ ok: true });
  expect(existsSync(join(own.stateDir, 'lineage.note'))).toBe(false);
});
