import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { License } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

const activation = { key: LICENSE_KEY };
const NOBODY = 'http://127.0.0.1:9';
const filesOf = (folder: string): string[] => readdirSync(folder).filter((name) => !name.endsWith('.sock'));

/** What lay in the folder at some time, without the sockets. */
function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  return copy;
}

function putInPlace(folder: string, copy: string): void {
  for (const name of filesOf(folder)) rmSync(join(folder, name), { recursive: true });
  cpSync(copy, folder, { recursive: true });
}

type Harm = (site: Site, older: string) => Promise<void> | void;
const HARM: Readonly<Record<string, Harm>> = {
  'directories in place of its files': ({ stateDir }) => {
    for (const name of filesOf(stateDir)) {
      rmSync(join(stateDir, name), { recursive: true });
      mkdirSync(join(stateDir, name));
    }
  },
  'an older copy of itself': ({ stateDir }, older) => putInPlace(stateDir, older),
  'the state of another machine': async (site) => {
    const stateDir = join(temporaryFolder(), 'license');
    await (await site.open({ activation, stateDir }, machineNamed('two'))).close();
    putInPlace(site.stateDir, copyOf(stateDir));
  },
  nothing: ({ stateDir }) => rmSync(stateDir, { recursive: true }),
  'a file in place of the folder': ({ stateDir }) => {
    rmSync(stateDir, { recursive: true });
    writeFileSync(stateDir, '');
  },
  'a link that leads nowhere': ({ stateDir }) => {
    rmSync(stateDir, { recursive: true });
    symlinkSync(join(stateDir, '..', 'none'), stateDir);
  },
  garbage: ({ stateDir }) => {
    for (const name of filesOf(stateDir)) writeFileSync(join(stateDir, name), 'x'.repeat(700));
  },
  'another folder': ({ stateDir }) => {
    renameSync(stateDir, `${stateDir}-moved`);
    mkdirSync(stateDir);
  },
};

/** Everything that never throws; what a refusal rests on has a name. */
function askAll(license: License): boolean {
  const { backup, problems } = license.status();
  const answer = license.authorize(BACKUP);
  expect(answer.explain().sentence).not.toBe('');
  if (!answer.allowed) expect(backup.code).toMatch(/^[A-Z_]+$/);
  for (const { message, remedy } of problems) expect([message, remedy]).not.toContain('');
  expect(license.authorize(RESTORE).allowed).toBe(true);
  license.usage.record({ kind: 'backup' });
  expect(license.diagnostics().usage.rejected).toBe(0);
  return answer.allowed;
}

describe('the state of a running agent is replaced by', () => {
  test.each(Object.entries(HARM))(
    '%s: what runs goes on by what it holds, and says what is wrong',
    async (_name, harm) => {
      const site = await Site.start();
      const owner = await site.open({ activation }, machineNamed('one'));
      const older = copyOf(site.stateDir);
      site.clock.pass(DAY);
      await owner.check();
      const reader = await site.open({ activation }, machineNamed('one'));
      await harm(site, older);
      for (const license of [owner, reader]) {
        expect(askAll(license)).toBe(true);
        site.clock.pass(DAY);
        await license.check();
        askAll(license);
      }
      expect(owner.authorize(BACKUP).allowed).toBe(true);
      await owner.close();
      await reader.close();
      await site.authority.close();
      askAll(await site.open({ authority: NOBODY }, machineNamed('one')));
    },
  );
});

const MARK = { wall: Date.now(), uptime: 1, bootId: null, signed: null, skew: 0, jump: null };

describe('a state that is sealed and says what no version ever wrote', () => {
  test.each<[string, object]>([
    ['a denial of nothing', { denial: {} }],
    ['a denial without its decision', { denial: { at: 0, message: 'x', decision: null } }],
    ['a denial that is a list', { denial: [] }],
    ['a contact at no time', { contactAt: 1e300 }],
    ['a contact long before all', { contactAt: -1e300 }],
    ['a quiet time without end', { quietUntil: 1e300 }],
    ['a renewal at no time', { renewAfter: 1e300 }],
    ['a change of hardware at no time', { machineChangedAt: 1e300 }],
    ['a first run at no time', { firstRunAt: 1e300, holding: null }],
    ['notices about nothing', { told: [[]] }],
    ['notices of objects', { told: [[{}, {}, {}]] }],
    ['a clock of nothing', { clock: {} }],
    ['a clock of texts', { clock: { wall: 'x', uptime: 'x', bootId: 7, signed: 'x', skew: 'x', jump: 'x' } }],
    ['a clock at no time', { clock: { ...MARK, wall: 1e300, signed: 1e300 } }],
    ['a clock that is off by ages', { clock: { ...MARK, skew: 1e300 } }],
    ['a clock that jumps out of time', { clock: { ...MARK, jump: { ...MARK, wall: 1e300, held: 1e300 } } }],
    ['successors that are lists', { successors: [[]] }],
    ['a holding of numbers', { holding: { instance: 7, lease: 7, entitlements: 7, keyDigest: 7, coveredSince: 'x' } }],
    ['a holding that is a list', { holding: [] }],
    ['a holding whose relay is a text', { relay: 'x' }],
  ])('%s: is no reason to throw, and what it keeps from a license has a code', async (_name, change) => {
    const site = await Site.start();
    await (await site.open({ activation }, machineNamed('one'))).close();
    const reader = await site.open({ activation, firstRunDays: 14 }, machineNamed('one'));
    const store = new StateStore({ folder: site.stateDir, binding: 'one' });
    const read = await store.read('license');
    if (read.outcome !== 'found') throw new Error(`There is no state: ${JSON.stringify(read)}`);
    for (let n = 0; n < 2; n += 1) await store.write('license', { ...(read.value as object), ...change });
    askAll(reader);
    await reader.check();
    askAll(reader);
    await reader.close();
    for (let n = 0; n < 2; n += 1) await store.write('license', { ...(read.value as object), ...change });
    const license = await site.open({ authority: NOBODY, firstRunDays: 14 }, machineNamed('one'));
    askAll(license);
    await license.check();
    askAll(license);
    await license.close();
  });
});
