import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maintenanceRegistry, openStore, provisionAuthority } from '@leasehold/authority';
import { typed } from './typed.js';

let folder: string;
const file = (name: string): string => join(folder, name);
const db = (name: string): string => `sqlite:${file(name)}`;
const json = async (...words: string[]): Promise<Record<string, unknown>> => {
  const { status, out, err } = await typed(...words, '--json');
  expect({ status, err, out }).toMatchObject({ status: 0 });
  return JSON.parse(out) as Record<string, unknown>;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-database-'));
  const place = ['--db', db('a.db'), '--data', file('keys'), '--root', file('root.json')];
  await json('authority', 'create', ...place, '--account', 'acme', '--name', 'Acme', '--product', 'backup');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('backs up, restores in a new epoch, and copies, each verified', async () => {
  const backup = await json('db', 'backup', '--db', db('a.db'), '--to', file('backup.db'));
  expect(backup).toMatchObject({ accounts: [{ account: 'acme', ok: true }] });
  const restored = ['db', 'restore', '--from', file('backup.db'), '--db', db('b.db'), '--data', file('keys')];
  await json(...restored);
  const again = await typed(...restored);
  expect(again.status).toBe(1);
  expect(again.err).toContain('CONFLICT');
  const store = await openStore(db('b.db'), maintenanceRegistry);
  expect(await store.read('head', { account: 'acme' })).toMatchObject({ epoch: 2 });
  await store.close();
  expect(await json('db', 'copy', '--from', db('b.db'), '--to', db('c.db'))).toMatchObject({
    rows: expect.any(Number),
  });
  expect(await json('audit', 'verify', '--db', db('c.db'))).toMatchObject({
    accounts: [{ account: 'acme', ok: true }],
  });
});

it('says which row of the journal does not hold, with a status that is not 0', async () => {
  await json('db', 'copy', '--from', db('a.db'), '--to', db('edited.db'));
  const store = await openStore(db('edited.db'), maintenanceRegistry);
  const [table] = (await store.read('tables', { engine: 'sqlite' })).filter(({ name }) => name === 'journal');
  const [row] = await store.read('pageOfTable', { table: table!, after: null, limit: 1 });
  await store.execute('insertRows', { table: table!, rows: [{ ...row!, seq: 99 }] }, 0);
  await store.close();
  const { status, out } = await typed('audit', 'verify', '--db', db('edited.db'));
  expect({ status, out }).toMatchObject({ status: 1, out: expect.stringContaining('acme: row 99 does not hold') });
});

it('an address that is no database of ours is a typed problem', async () => {
  for (const words of [
    ['db', 'copy', '--from', 'mysql://x', '--to', db('d.db')],
    ['db', 'restore', '--from', file('backup.db'), '--db', 'postgres://x/y', '--data', file('keys')],
    ['audit', 'verify', '--db', db('nothing.db')],
    ['db', 'backup', '--db', db('nothing.db'), '--to', file('nothing.backup')],
    ['db', 'copy', '--from', db('nothing.db'), '--to', db('d.db')],
    ['account', 'token', '--db', db('nothing.db'), '--account', 'acme', '--name', 'Anna'],
    ['serve', '--db', db('nothing.db'), '--port', '0'],
  ])
    expect((await typed(...words)).status).not.toBe(0);
  for (const name of ['d.db', 'nothing.db', 'nothing.backup']) expect(existsSync(file(name))).toBe(false);
});

it('says why a copy could not be made, and leaves nothing half made behind', async () => {
  const nowhere = await typed('db', 'backup', '--db', db('a.db'), '--to', file('no-folder/backup.db'));
  expect(nowhere.err).toMatch(/STATE_UNAVAILABLE: .*ENOENT.*\n.*Check the folder/);
  writeFileSync(file('garbage.db'), 'no database');
  const restored = ['db', 'restore', '--from', file('garbage.db'), '--db', db('g.db'), '--data', file('keys')];
  expect((await typed(...restored)).err).toContain('STATE_DAMAGED');
  expect(readdirSync(folder).filter((name) => name.startsWith('g.db'))).toEqual([]);
});

it('brings back no backup that holds nothing, or in part, and names the file that is damaged', async () => {
  const backup = file('whole.backup');
  await json('db', 'backup', '--db', db('a.db'), '--to', backup);
  for (const size of [0, 4096, 400_000]) {
    const torn = file(`torn-${size}.backup`);
    copyFileSync(backup, torn);
    truncateSync(torn, size);
    const restored = await typed('db', 'restore', '--from', torn, '--db', db('t.db'), '--data', file('keys'));
    expect({ size, ...restored }).toMatchObject({ size, status: 1, out: '' });
    expect(restored.err).toMatch(/^STATE_DAMAGED: .*torn-\d+\.backup.*\n.*earlier backup/);
    expect(readdirSync(folder).filter((name) => name.startsWith('t.db'))).toEqual([]);
  }
});

it('a database that comes back without its key folder needs that folder, and not a new authority', async () => {
  const backup = file('moved.backup');
  await json('db', 'backup', '--db', db('a.db'), '--to', backup);
  const place = ['--db', `sqlite:${file('moved/m.db')}`];
  for (const words of [
    ['db', 'restore', '--from', backup],
    ['serve', '--port', '0'],
  ]) {
    const { status, err } = await typed(...words, ...place);
    expect(status).toBe(1);
    expect(err).toContain(`The key folder ${file('moved/keys')} has no `);
    expect(err).toContain('--data');
    expect(err).toContain('backup');
  }
});

it('archives old entries, verifies them with what is left, and erases what the journal says of somebody, once it is confirmed', async () => {
  const begun = Date.now() - 200 * 86_400_000;
  const place = { db: db('old.db'), dataDir: file('old-keys') };
  await provisionAuthority(place, { account: 'acme', name: 'Acme', product: 'backup' }, begun);
  const store = await openStore(place.db, maintenanceRegistry);
  await store.execute('raiseEpoch', { account: 'acme', above: 1, actor: 'operator' }, Date.now());
  await store.close();

  const order = ['journal', 'archive', '--db', place.db, '--data', place.dataDir, '--to', file('old.jsonl')];
  const few = await typed(...order, '--keep-days', '3');
  expect([few.status, few.err]).toEqual([2, expect.stringContaining('Keep 31 days or more.')]);
  expect(await json(...order)).toMatchObject({ rows: 0 });
  const nowhere = await typed(...order.slice(0, -1), file('none/old.jsonl'), '--keep-days', '100');
  expect([nowhere.status, nowhere.err]).toEqual([1, expect.stringContaining('its folder is not there')]);
  const { rows } = await json(...order, '--keep-days', '100');
  expect(rows).toBeGreaterThan(0);
  const verify = ['audit', 'verify', '--db', place.db, '--archive', file('old.jsonl')];
  expect(await json(...verify)).toMatchObject({
    accounts: [{ rows: 1, ok: true }],
    archived: { account: 'acme', rows },
  });
  for (const text of ['', 'not a row']) {
    writeFileSync(file('emptied.jsonl'), text);
    expect((await typed(...verify.slice(0, -1), file('emptied.jsonl'))).err).toContain('STATE_DAMAGED');
    expect((await typed('audit', 'verify', '--db', db('a.db'), '--archive', file('emptied.jsonl'))).err).toContain(
      'STATE_DAMAGED',
    );
  }
  writeFileSync(file('old.jsonl'), 'not a row');
  expect((await typed(...verify)).err).toContain('STATE_DAMAGED');
  expect((await typed(...verify, '--archive', file('nothing'))).status).not.toBe(0);

  const erase = ['journal', 'erase', 'acme', '--db', place.db, '--account', 'acme'];
  const asked = await typed(...erase);
  expect([asked.status, asked.err]).toEqual([2, expect.stringContaining('Repeat it with --yes.')]);
  expect((await typed('journal', 'erase', 'nobody', ...erase.slice(3), '--yes')).err).toContain('NOT_FOUND');
  expect(await json(...erase, '--yes')).toEqual({ account: 'acme', subject: { type: 'account', id: 'acme' }, rows: 1 });
  expect(await json('audit', 'verify', '--db', place.db)).toMatchObject({ accounts: [{ rows: 2, ok: true }] });
});
