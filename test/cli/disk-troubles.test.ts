import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeWholeFile } from '../../packages/cli/src/write-file.js';
import { temporaryFolder } from '../support/sdk-fixture.js';
import { canMount, fill, onTmpfs } from '../support/tmpfs.js';
import { typed, type Typed } from './typed.js';

const ACCOUNT = ['--account', 'acme', '--name', 'Acme', '--product', 'acme-backup'];
const create = (db: string, root: string): Promise<Typed> =>
  typed('authority', 'create', '--db', `sqlite:${db}`, ...ACCOUNT, '--root', root);
const STRING = 'leasehold-connect:';

describe.skipIf(!canMount())('a disk that is full', () => {
  test('is told as that by whatever command meets it, and nothing of it stays behind', async () => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    await onTmpfs(disk, 'size=8m', async () => {
      fill(join(disk, 'filler'));
      const keyless = await typed('keyset', 'key', '--data', join(disk, 'keys'));
      expect(keyless).toMatchObject({ status: 1, err: expect.stringContaining('DISK_FULL') as string });
      expect(keyless.err).not.toContain('defect');
      expect(existsSync(join(disk, 'keys')) ? readdirSync(join(disk, 'keys')) : []).toEqual([]);

      const made = await create(join(disk, 'a.db'), join(folder, 'root.json'));
      expect(made.err).toContain('DISK_FULL');
      expect(existsSync(join(folder, 'root.json'))).toBe(false);

      const root = await typed('root', 'create', '--out', join(disk, 'root.json'));
      expect(root.err).toContain('DISK_FULL');
      expect(existsSync(join(disk, 'root.json'))).toBe(false);
      const half = await typed('root', 'create', '--out', join(folder, 'half.json'), '--public', join(disk, 'public'));
      expect(half.err).toContain('DISK_FULL');
      expect(existsSync(join(folder, 'half.json'))).toBe(false);

      rmSync(join(disk, 'filler'));
      expect((await create(join(disk, 'a.db'), join(folder, 'root.json'))).status).toBe(0);
    });
  });

  test('leaves the connection that was kept there as it is', async () => {
    const folder = temporaryFolder();
    const db = join(folder, 'a.db');
    const made = ['--url', 'http://127.0.0.1:1', '--json'];
    const words = [
      'authority',
      'create',
      '--db',
      `sqlite:${db}`,
      ...ACCOUNT,
      '--root',
      join(folder, 'root.json'),
      ...made,
    ];
    const { connection } = JSON.parse((await typed(...words)).out) as { connection: string };
    const disk = join(folder, 'disk');
    await onTmpfs(disk, 'size=64k', async () => {
      const file = join(disk, 'connection');
      expect((await typed('admin', 'connect', connection, '--connection', file)).status).toBe(0);
      const before = readFileSync(file, 'utf8');
      expect(before).toContain(STRING);
      fill(join(disk, 'filler'));
      const again = await typed('admin', 'connect', connection, '--connection', file);
      expect(again).toMatchObject({ status: 1, err: expect.stringContaining('DISK_FULL') as string });
      expect(readFileSync(file, 'utf8')).toBe(before);
    });
  });
});

describe('a place that is none', () => {
  test('a file where the key folder should be', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const data of [join(folder, 'file'), join(folder, 'file', 'keys')]) {
      const { status, err } = await typed('keyset', 'key', '--data', data);
      expect(status).toBe(2);
      expect(err).toContain('a file in the place of a folder');
    }
  });

  test('an empty database file is not made into one', async () => {
    const folder = temporaryFolder();
    const db = join(folder, 'a.db');
    expect((await create(db, join(folder, 'root.json'))).status).toBe(0);
    writeFileSync(db, '');
    for (const words of [
      ['serve', '--port', '0'],
      ['audit', 'verify'],
      ['account', 'token', '--account', 'acme', '--name', 'x'],
    ]) {
      const { status, err } = await typed(...words, '--db', `sqlite:${db}`);
      expect(status).toBe(1);
      expect(err).toContain('STATE_DAMAGED');
      expect(err).toContain('db restore');
      expect(statSync(db).size).toBe(0);
    }
  });

  test.skipIf(process.getuid?.() !== 0)('what another user owns is named, with what to do', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const place = join(folder, 'place');
    mkdirSync(place);
    const db = join(place, 'a.db');
    expect((await create(db, join(folder, 'root.json'))).status).toBe(0);
    chownSync(place, 65_534, 65_534);
    for (const name of readdirSync(join(place, 'keys'))) chownSync(join(place, 'keys', name), 65_534, 65_534);
    chownSync(join(place, 'keys'), 65_534, 65_534);
    chownSync(db, 65_534, 65_534);
    const asNobody = (...words: string[]) => {
      const door = join(import.meta.dirname, '../../packages/cli/bin/leasehold.mjs');
      const options = { encoding: 'utf8', uid: 65_534, gid: 65_534, timeout: 60_000 } as const;
      return spawnSync(process.execPath, [door, ...words], options);
    };
    chmodSync(db, 0o400);
    const readOnly = asNobody('serve', '--port', '0', '--db', `sqlite:${db}`);
    expect(readOnly.stderr).toContain(`READ_ONLY_FOLDER: This user may not read and write the database ${db}`);
    chmodSync(db, 0o600);
    chmodSync(join(place, 'keys'), 0o000);
    const keyless = asNobody('serve', '--port', '0', '--db', `sqlite:${db}`);
    expect(keyless.status).toBe(1);
    expect(keyless.stderr).toContain('PERMISSION_DENIED');
    expect(keyless.stderr).toContain('owner of the key folder');
    chmodSync(place, 0o500);
    const fresh = asNobody('keyset', 'key', '--data', join(place, 'others'));
    expect(fresh.stderr).toContain('PERMISSION_DENIED');
    expect(fresh.stderr).not.toContain('defect');
  });
});

test('what is written to a link goes where it leads, and the link stays', async () => {
  const folder = temporaryFolder();
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  writeFileSync(file, 'before');
  symlinkSync(file, link);
  await writeWholeFile(link, 'after', 0o600);
  expect([lstatSync(link).isSymbolicLink(), readFileSync(file, 'utf8')]).toEqual([true, 'after']);
  await writeWholeFile(file, 'again', 0o600);
  expect([readFileSync(link, 'utf8'), readdirSync(folder).sort()]).toEqual(['again', ['file', 'link']]);
});

test('a link that somebody put where the new file is written first leads nowhere', async () => {
  const folder = temporaryFolder();
  const [file, elsewhere] = [join(folder, 'connection'), join(folder, 'elsewhere')];
  writeFileSync(elsewhere, 'as it was', { mode: 0o666 });
  symlinkSync(elsewhere, `${file}.${process.pid}.new`);
  await writeWholeFile(file, 'secret', 0o600);
  expect([readFileSync(elsewhere, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['as it was', 'secret']);
  expect([lstatSync(file).isFile(), lstatSync(file).mode & 0o777]).toEqual([true, 0o600]);
});
