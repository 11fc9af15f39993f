import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Status } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';
import { wireProblem } from '../../packages/sdk/src/wire/wire-problems.js';

const run = promisify(execFile);

/** Runs a vendor's program, with the package as it is published, in a process that may open few files. */
async function withFewFiles(site: Site, text: string): Promise<unknown> {
  const folder = vendorFolder();
  const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
  const program = `
    const { openSync, closeSync } = require('node:fs');
    const { openLicense } = require('@leasehold/sdk');
    const BACKUP = { action: 'backup', machine: 'self' };
    const taken = [];
    const useUp = () => { try { for (;;) taken.push(openSync('/dev/null')); } catch (error) { return error.code; } };
    const giveBack = (count = taken.length) => taken.splice(0, count).forEach((file) => closeSync(file));
    const turns = () => new Promise((done) => setTimeout(done, 100));
    (async () => {${text}})().then((told) => console.log(JSON.stringify(told)));`;
  writeFileSync(join(folder, 'vendor.cjs'), program);
  const words = ['-c', 'ulimit -n 200 && exec "$0" "$@"', process.execPath, join(folder, 'vendor.cjs')];
  const { stdout } = await run('sh', [...words, JSON.stringify(options)], { timeout: 20_000 });
  return JSON.parse(stdout);
}

describe.skipIf(process.platform === 'win32')('a process that has used up its files', () => {
  test('throws from nothing that never throws, loses no report and says what it lacks', async () => {
    const site = await Site.start();
    await (await site.open({ activation: { key: LICENSE_KEY } })).close();
    const told = (await withFewFiles(
      site,
      `const license = await openLicense(JSON.parse(process.argv[2]));
       await turns();
       const lacks = useUp();
       const answer = license.authorize(BACKUP);
       const words = answer.explain('ja').sentence;
       for (let n = 0; n < 3; n += 1) license.usage.record({ kind: 'backup', bytes: n });
       const { ok, problem } = await license.check();
       const advice = license.advise(BACKUP)?.possible;
       const { state, problems } = license.diagnostics().status;
       const { waiting, rejected } = license.usage.health();
       giveBack();
       const after = await license.check();
       const left = license.usage.health().waiting;
       await license.close();
       return { lacks, words, ok, problem, advice, state, problems, waiting, rejected, after: after.ok, left };`,
    )) as Record<string, unknown> & { problem: Status['problems'][number]; problems: Status['problems'] };
    expect(told).toMatchObject({ lacks: 'EMFILE', advice: true, state: 'offline', waiting: 3, rejected: 0 });
    expect(told['words']).toMatch(/[\u3040-\u30ff]/);
    expect(told).toMatchObject({ ok: false, after: true, left: 0 });
    expect(told.problem).toMatchObject({
      code: 'AUTHORITY_UNREACHABLE',
      message: expect.stringContaining('This process has too many files open'),
      remedy: expect.stringContaining('ulimit -n'),
    });
    expect(told.problems.map(({ message }) => message).join()).not.toMatch(/disk|defect/);
    const counted = site.authority.asked.flatMap(
      ({ body }) => (body['usage'] as UsageBatch | undefined)?.records ?? [],
    );
    expect(counted.map(({ n, bytes }) => [n, bytes])).toEqual([0, 1, 2].map((n) => [n + 1, n]));
  });

  test('takes nobody for the holder of its folder whom it could not ask', async () => {
    const site = await Site.start();
    mkdirSync(site.stateDir, { mode: 0o700 });
    // Of two processes that are gone. There is a file left to ask the one and none for the other.
    for (const name of ['0000000000000001', '0000000000000002'])
      writeFileSync(join(site.stateDir, `agent-${name}.sock`), '');
    const told = (await withFewFiles(
      site,
      `const options = JSON.parse(process.argv[2]);
       const other = await openLicense({ ...options, stateDir: options.stateDir + '-other' });
       await turns();
       useUp();
       giveBack(1);
       const license = await openLicense(options);
       const { role, problems } = license.status();
       giveBack();
       const after = await license.check();
       const now = license.authorize(BACKUP).allowed;
       await license.close();
       await other.close();
       return { role, problems, after: after.ok, now };`,
    )) as { problems: Status['problems'] };
    expect(told).toMatchObject({ role: 'none', after: true, now: true });
    expect(told.problems.map(({ code }) => code)).not.toContain('STATE_IN_USE');
    expect(told.problems[0]).toMatchObject({
      code: 'STATE_UNAVAILABLE',
      message: `This process has too many files open: the license state (${site.stateDir}) could not be written.`,
    });
  });
});

interface UsageBatch {
  readonly records: readonly { readonly n: number; readonly bytes: number }[];
}

test.each([
  ['ENFILE', 'This system has too many files open', 'fs.file-max'],
  ['ENOMEM', 'The system has no memory left', 'Free memory'],
])('a connection that %s prevents is not put on the network', (code, message, remedy) => {
  const by = { clock: 'machine', at: 0 } as const;
  expect(wireProblem(Object.assign(new Error(code), { code }), 'https://licensing.example', by)).toMatchObject({
    code: 'AUTHORITY_UNREACHABLE',
    message: expect.stringContaining(message),
    details: { reason: code, remedy: expect.stringContaining(remedy) },
  });
});
