import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatConnection } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { typed, type Typed } from './typed.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-roll-out-'));
const file = (name: string): string => join(folder, name);
let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
  const { url } = bench.authority;
  writeFileSync(file('connection'), formatConnection({ url, roots: [bench.rootJwk.x], token: bench.ownerToken }));
  for (const name of ['template', 'copy-1', 'copy-2'])
    writeFileSync(file(`${name}.json`), JSON.stringify(settings(name)));
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

/** Containers of one image, told apart by the id that whoever starts them gives. */
function settings(name: string): object {
  const { kty, crv, x } = bench.rootJwk;
  return {
    product: 'acme-backup',
    version: '12.1',
    authority: bench.authority.url,
    roots: [{ kty, crv, x }],
    stateDir: file(`state-${name}`),
    instanceId: name,
    enrollmentKeyFile: file('enrollment.key'),
  };
}

const admin = (...words: string[]): Promise<Typed> =>
  typed('admin', ...words, '--connection', file('connection'), '--json');
const on = (name: string, ...words: string[]): Promise<Typed> => {
  const cut = words.includes('--') ? words.indexOf('--') : words.length;
  return typed(...words.slice(0, cut), '--config', file(`${name}.json`), ...words.slice(cut));
};
const ENGINE = ['--', process.execPath, '-e', ''];

describe('a roll-out from the terminal', () => {
  let license: string;
  let id: string;
  let key: string;

  test('an admin makes an enrollment key, and sees it this once', async () => {
    ({ id: license } = await newLicense(bench, { type: 'linux', seats: 5 }));
    const words = ['enrollment-key', 'create', '--name', 'Wards', '--license', license, '--max-uses', '3'];
    const dry = await admin(...words, '--dry-run');
    expect(JSON.parse(dry.out)).toMatchObject({ dryRun: true, decision: { value: { free: 5 } } });
    const made = JSON.parse((await admin(...words)).out) as { id: string; enrollmentKey: string };
    ({ id, enrollmentKey: key } = made);
    expect(key).toMatch(/^LE-/);
    const listed = await admin('enrollment-keys');
    expect(listed.out).not.toContain(key);
    expect(JSON.parse(listed.out)).toMatchObject({ rows: [{ id, name: 'Wards', maxUses: 3, status: 'usable' }] });
  });

  test('without the file nothing is licensed; with it the first run enrolls', async () => {
    expect(await on('template', 'run', ...ENGINE)).toMatchObject({ status: 77 });
    const waiting = await on('template', 'check-in');
    expect(waiting).toMatchObject({ status: 1 });
    expect(waiting.err).toContain('NOT_ACTIVATED');
    writeFileSync(file('enrollment.key'), `# Wards\n${key}\n`);
    expect(await on('template', 'run', ...ENGINE)).toMatchObject({ status: 0 });
    const { out } = await on('template', 'status', '--json');
    expect(JSON.parse(out)).toMatchObject({ state: 'licensed', license });
  });

  test('a golden image asks first, then gives usage and seat back', async () => {
    const asked = await on('template', 'generalize', '--json');
    expect(asked.status).toBe(2);
    expect(JSON.parse((await on('template', 'status', '--json')).out)).toMatchObject({ state: 'licensed' });
    const { status, out } = await on('template', 'generalize', '--yes', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ seat: 'given_back', usageDiscarded: 0, left: [], enrollment: 'file' });
    expect(readdirSync(file('state-template'))).toEqual([]);
    const { body } = await asPerson(bench, 'usage');
    expect(body.rows).toMatchObject([{ kind: 'backup', jobs: 1 }]);
  });

  test('each copy of it enrolls as a machine of its own', async () => {
    const instances = [];
    for (const copy of ['copy-1', 'copy-2']) {
      cpSync(file('state-template'), file(`state-${copy}`), { recursive: true });
      const { status, out } = await on(copy, 'activate', '--json');
      expect(status).toBe(0);
      instances.push((JSON.parse(out) as { instance: string }).instance);
    }
    expect(new Set(instances).size).toBe(2);
    expect(JSON.parse((await admin('enrollment-keys')).out)).toMatchObject({ rows: [{ used: 3, status: 'used_up' }] });
  });

  test('what was given back is not taken again by itself', async () => {
    expect((await on('copy-2', 'deactivate')).status).toBe(0);
    expect((await on('copy-2', 'check-in')).err).toContain('NOT_ACTIVATED');
    expect((await on('copy-2', 'run', ...ENGINE)).status).toBe(77);
    expect((await on('copy-2', 'activate')).status).toBe(0);
  });

  test('a key may come by option or environment; one is enough', async () => {
    const both = await on('copy-1', 'activate', key, '--enrollment-key-file', file('enrollment.key'));
    expect(both.err).toContain('INPUT_INVALID');
    expect((await on('copy-1', 'activate', '--enrollment-key-file', file('enrollment.key'))).status).toBe(0);
    const { enrollmentKeyFile: _file, ...bare } = settings('copy-1') as { enrollmentKeyFile: string };
    writeFileSync(file('bare.json'), JSON.stringify(bare));
    expect((await on('copy-1', 'deactivate')).status).toBe(0);
    process.env['LEASEHOLD_ENROLLMENT_KEY'] = key;
    try {
      expect((await on('bare', 'activate')).status).toBe(0);
    } finally {
      delete process.env['LEASEHOLD_ENROLLMENT_KEY'];
    }
  });

  test('a revoked key lets no further machine in', async () => {
    expect((await admin('enrollment-key', 'revoke', id)).status).toBe(0);
    writeFileSync(file('late.json'), JSON.stringify({ ...settings('late'), stateDir: file('state-late') }));
    expect((await on('late', 'activate')).err).toContain('ENROLLMENT_ENDED');
  });
});
