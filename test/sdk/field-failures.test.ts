import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { License } from '@leasehold/sdk';
import { describe, expect, test, vi } from 'vitest';
import { LICENSE_KEY, startLoopbackAuthority } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site, cleanUp, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';
import { newSigner } from '../support/signing.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

/* What goes wrong in the field with licensing that was not written for it. Each test is one such failure. */

const activation = { key: LICENSE_KEY };
const NOBODY = 'http://127.0.0.1:9';

/** Edits what is held, through the state's own seal: what a determined owner of the machine can do. */
async function edit(site: Site, change: (document: Record<string, never>) => void): Promise<void> {
  const store = new StateStore({ folder: site.stateDir, binding: 'one' });
  const read = await store.read('license');
  if (read.outcome !== 'found') throw new Error(`There is no state: ${JSON.stringify(read)}`);
  const document = read.value as Record<string, never>;
  change(document);
  for (let generation = 0; generation < 2; generation += 1) await store.write('license', document);
}

async function held(): Promise<Site> {
  const site = await Site.start();
  await (await site.open({ activation }, machineNamed('one'))).close();
  return site;
}

function rewrite(token: string, change: (claims: Record<string, unknown>) => void, at = 1): string {
  const parts = token.split('.');
  const claims = JSON.parse(Buffer.from(parts[at] ?? '', 'base64url').toString()) as Record<string, unknown>;
  change(claims);
  parts[at] = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return parts.join('.');
}

describe('what is held is believed because it lies there', () => {
  type Holding = { holding: { lease: string; entitlements: string; keyDigest: string } };
  test.each<[string, (holding: Holding['holding']) => void]>([
    ['ten more years', (all) => (all.lease = rewrite(all.lease, (claims) => (claims['exp'] = 4_000_000_000)))],
    [
      'a feature added',
      (all) =>
        (all.entitlements = rewrite(
          all.entitlements,
          ({ facts }) => ((facts as { licenses: unknown[] }).licenses = []),
        )),
    ],
    ['a key id of somebody else', (all) => (all.lease = rewrite(all.lease, (head) => (head['kid'] = 'another'), 0))],
    ['a signature cut off', (all) => (all.lease = all.lease.slice(0, all.lease.lastIndexOf('.') + 1))],
    ['no entitlements', (all) => (all.entitlements = '')],
    ['nothing but a word', (all) => Object.assign(all, { lease: 'valid', entitlements: 'all' })],
    ['null', (all) => Object.assign(all, { lease: null, entitlements: null })],
    ['a list', (all) => Object.assign(all, { lease: [], entitlements: {} })],
  ])('edited: %s', async (_what, change) => {
    const site = await held();
    await edit(site, (document) => change((document as unknown as Holding).holding));
    const license = await site.open({ authority: NOBODY }, machineNamed('one'));
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.authorize(RESTORE).allowed).toBe(true);
    expect(license.status().state).toBe('damaged');
    expect(license.status().problems[0]?.code).toMatch(/^(TOKEN_|KEY_UNKNOWN|ENTITLEMENTS_INVALID)/);
  });

  test.each([
    ['a number', 7],
    ['nothing', null],
    ['a text', 'licensed'],
    ['an empty object', {}],
    ['another form', { form: 2, holding: {} }],
    ['members of the wrong kind', { form: 1, holding: 7, keyset: 7, told: 'x', clock: 'now', denial: 3 }],
  ])('replaced by %s', async (_what, value) => {
    const site = await held();
    const store = new StateStore({ folder: site.stateDir, binding: 'one' });
    for (let generation = 0; generation < 2; generation += 1) await store.write('license', value);
    const license = await site.open({ authority: NOBODY }, machineNamed('one'));
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.authorize(RESTORE).allowed).toBe(true);
    await license.close();
    expect((await site.open({ activation }, machineNamed('one'))).authorize(BACKUP).allowed).toBe(true);
  });

  test('a lease of another machine that was put here, with all files beside it', async () => {
    const [site, other] = [await held(), await held()];
    const license = await other.open(
      { stateDir: site.stateDir, roots: [site.authority.root], authority: NOBODY },
      machineNamed('two'),
    );
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.status().problems).toMatchObject([{ code: 'STATE_FOREIGN' }]);
    expect(license.authorize(RESTORE).allowed).toBe(true);
  });
});

describe('the environment says whom to trust', () => {
  test('neither root nor authority nor state folder come from it', async () => {
    const site = await Site.start();
    const stranger = await newSigner();
    const elsewhere = await startLoopbackAuthority();
    cleanUp(() => elsewhere.close());
    const names = ['PUBLIC_KEY', 'ROOT', 'ROOTS', 'LEASEHOLD_ROOT', 'LEASEHOLD_ROOTS', 'LEASEHOLD_PUBLIC_KEY'];
    for (const name of names) vi.stubEnv(name, JSON.stringify(stranger.jwk));
    for (const name of ['API_URL', 'AUTHORITY', 'LEASEHOLD_AUTHORITY', 'LEASEHOLD_URL'])
      vi.stubEnv(name, elsewhere.url);
    for (const name of ['STATE_DIR', 'LEASEHOLD_STATE_DIR', 'STATE_DIRECTORY']) vi.stubEnv(name, temporaryFolder());
    try {
      const license = await site.open({ activation });
      expect(license.authorize(BACKUP).allowed).toBe(true);
      expect(license.diagnostics().settings).toMatchObject({ authority: site.authority.url, stateDir: site.stateDir });
      expect(license.diagnostics().settings.roots).toHaveLength(1);
      expect(elsewhere.asked).toEqual([]);
      await license.close();
      expect((await site.open({ roots: [stranger.jwk] })).authorize(BACKUP).allowed).toBe(false);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('an answer is taken for ours', () => {
  test('of another installation', async () => {
    const [site, other] = [await Site.start(), await Site.start()];
    await other.open({ activation, authority: site.authority.url, roots: [site.authority.root] });
    const { lease, entitlements } = site.authority.issued ?? { lease: '', entitlements: '' };
    const license = await site.open({ activation });
    const before = license.status().offlineUntil;
    const reply = { instance: 'machine-x', lease, entitlements, keyset: site.authority.keyset };
    const times = { serverTime: new Date().toISOString(), renewAfter: new Date().toISOString() };
    site.authority.behave.raw = JSON.stringify({ ...reply, ...times, verdict: 'same', notices: [] });
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'TOKEN_FOREIGN' } });
    expect(license.status().offlineUntil).toBe(before);
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});

describe('the clock', () => {
  test('files with dates years ahead, as a restore leaves them, stop nothing', async () => {
    const site = await held();
    const ahead = new Date(Date.now() + 3650 * DAY);
    for (const file of [...readdirSync(site.stateDir), '.']) utimesSync(join(site.stateDir, file), ahead, ahead);
    const license = await site.open({ authority: NOBODY }, machineNamed('one'));
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status()).toMatchObject({ clock: 'ok', problems: [] });
  });

  test('an authority whose own clock was ten years ahead for a day stops nobody, then or later', async () => {
    const site = await held();
    const right = () => Math.floor(site.clock.wallMs / 1000);
    site.authority.behave.now = () => right() + 3650 * 86_400;
    const license = await site.open({}, machineNamed('one'));
    await license.check();
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(DAY);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.authority.behave.now = right;
    expect((await license.check()).ok).toBe(true);
    expect(license.status()).toMatchObject({ state: 'licensed', clock: 'ok', problems: [] });
    expect(Date.parse(license.status().offlineUntil ?? '') - site.clock.wallMs).toBeLessThanOrEqual(14 * DAY);
    await license.close();
    expect((await site.open({ authority: NOBODY }, machineNamed('one'))).authorize(BACKUP).allowed).toBe(true);
  });
});

describe('the machine changed', () => {
  const words = (license: License): string =>
    [license.authorize(BACKUP).explain().sentence, ...license.status().problems.map(({ message }) => message)].join(
      ' ',
    );

  test('and the reason that is told is another one: expired, or tampered with', async () => {
    const site = await held();
    const license = await site.open({ authority: NOBODY }, rebound('one', 'other board'));
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: true, warnings: ['MACHINE_CHANGED'] });
    expect(words(license)).toContain('not the hardware');
    expect(words(license)).not.toMatch(/expired|tamper|manipulat|pirat/i);
  });

  test('and backups go on for ever, or stop without warning: fourteen days, counted over restarts, then a contact', async () => {
    const site = await Site.start({ leaseDays: 60 });
    await (await site.open({ activation }, machineNamed('one'))).close();
    const left: unknown[] = [];
    for (const days of [0, 7, 6, 0.9, 0.2]) {
      site.clock.pass(days * DAY);
      const license = await site.open({ authority: NOBODY }, rebound('one', 'other board'));
      const { allowed, code, value } = license.authorize(BACKUP);
      left.push(allowed ? value?.['daysLeft'] : code);
      expect(license.authorize(RESTORE).allowed).toBe(true);
      await license.close();
    }
    expect(left).toEqual([14, 7, 1, 1, 'MACHINE_CHANGED']);
    const healed = await site.open({}, rebound('one', 'other board'));
    expect((await healed.check()).ok).toBe(true);
    expect(healed.authorize(BACKUP)).toMatchObject({ decision: 'allow' });
  });

  test('and the seat can no longer be given back', async () => {
    const site = await held();
    const license = await site.open({}, rebound('one', 'other board'));
    expect(license.status().machine).toBe('changed');
    expect(await license.deactivate()).toMatchObject({ ok: true });
  });

  test('and one contact does not cure it', async () => {
    const site = await held();
    const license = await site.open({}, rebound('one', 'other board'));
    expect((await license.check()).status).toMatchObject({ machine: 'same', state: 'licensed', problems: [] });
    expect(license.authorize(BACKUP)).toMatchObject({ decision: 'allow' });
  });

  test('because nothing could be read of it this time', async () => {
    const site = await held();
    const blind = machineNamed('one').fingerprint;
    const license = await site.open(
      { authority: NOBODY },
      {
        fingerprint: async (options) => ({
          ...(await blind!(options)),
          components: { mac: { state: 'not_permitted' }, machine_id: { state: 'absent' } },
        }),
      },
    );
    expect(license.authorize(BACKUP)).toMatchObject({ decision: 'allow' });
    expect(license.status()).toMatchObject({ machine: 'same', problems: [] });
  });

  test('because it was given another name', async () => {
    const site = await Site.start();
    await (await site.open({ activation, label: 'old-name' }, machineNamed('one'))).close();
    const license = await site.open({ label: 'new-name', authority: NOBODY }, machineNamed('one'));
    expect(license.authorize(BACKUP)).toMatchObject({ decision: 'allow' });
  });
});

describe('asking changes the answer', () => {
  test('no question, in any order, however often, moves another answer', async () => {
    const site = await held();
    const license = await site.open({}, machineNamed('one'));
    const answers = () =>
      JSON.stringify([license.authorize(BACKUP).allowed, license.status().state, license.diagnostics().lease]);
    const before = answers();
    for (let n = 0; n < 3; n += 1) {
      license.diagnostics();
      license.status();
      license.advise(BACKUP);
      license.bind(BACKUP).authorize();
      license.authorize({ action: 'coverage.check', machine: 'self' });
      license.usage.health();
      await license.recoveryProof();
      expect(answers()).toBe(before);
    }
  });
});

describe('what lies on the disk or comes out shows a secret', () => {
  test('every file is its owner’s alone, and neither license key nor machine id stands in one', async () => {
    const site = await held();
    const license = await site.open({ activation }, machineNamed('one'));
    license.usage.record({ kind: 'backup', bytes: 5 });
    await license.check();
    await license.close();
    const secrets = [
      LICENSE_KEY,
      createHash('sha256').update('id one').digest('base64url'),
      site.authority.issued?.lease ?? 'x',
    ];
    for (const file of readdirSync(site.stateDir)) {
      const path = join(site.stateDir, file);
      expect(statSync(path).mode & 0o077, file).toBe(0);
      const text = statSync(path).isFile() ? readFileSync(path, 'latin1') : '';
      for (const secret of secrets) expect(text.includes(secret), file).toBe(false);
    }
  });

  test('nothing is printed, whatever happens', async () => {
    const written: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => (written.push(String(text)), true)),
    );
    const site = await held();
    const license = await site.open({}, machineNamed('one'));
    site.authority.behave.raw = '<html>';
    await license.check();
    license.authorize({ action: 'nonsense' });
    license.usage.record(null as never);
    await license.close();
    spies.forEach((spy) => spy.mockRestore());
    expect(written).toEqual([]);
  });
});

/** Other hardware that still opens the sealed state: a new board under the same installation. */
function rebound(binding: string, name: string): ReturnType<typeof machineNamed> {
  const { fingerprint } = machineNamed(name);
  return { fingerprint: async (options) => ({ ...(await fingerprint!(options)), binding }) };
}
