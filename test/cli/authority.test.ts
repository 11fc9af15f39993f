import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import { firstLine, runCommand, startCommand, stop } from '../support/command.js';
import { typed } from './typed.js';

let folder: string;
const file = (name: string): string => join(folder, name);
const json = async (...words: string[]): Promise<Record<string, unknown>> => {
  const { status, out, err } = await typed(...words, '--json');
  expect({ status, err, out }).toMatchObject({ status: 0 });
  return JSON.parse(out) as Record<string, unknown>;
};

describe('the vendor’s way to an authority: a root that stays offline', () => {
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'leasehold-vendor-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const running: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((child) => stop(child)));
  });

  it('makes a root key for its owner alone, and never overwrites one', async () => {
    const made = await json('root', 'create', '--out', file('root.json'), '--public', file('root-public.json'));
    expect(statSync(file('root.json')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file('root-public.json'), 'utf8'))).toEqual(made['public']);
    expect(readFileSync(file('root-public.json'), 'utf8')).not.toContain('"d"');
    const before = readFileSync(file('root.json'), 'utf8');
    const again = await typed('root', 'create', '--out', file('root.json'));
    expect(again.status).toBe(1);
    expect(again.err).toContain('CONFLICT');
    expect(readFileSync(file('root.json'), 'utf8')).toBe(before);
  });

  it('signs a keyset for the authority’s key, which installs it and says how long it lasts', async () => {
    const key = await typed('keyset', 'key', '--data', file('keys'));
    expect(key.out).not.toContain('"d"');
    writeFileSync(file('signing.json'), key.out);
    const sign = ['keyset', 'sign', '--root', file('root.json'), '--account', 'acme', '--key', file('signing.json')];
    await json(...sign, '--version', '1', '--out', file('keyset.jws'), '--days', '60');
    const installed = await json(
      'keyset',
      'install',
      file('keyset.jws'),
      '--data',
      file('keys'),
      '--root',
      file('root-public.json'),
    );
    expect(installed).toMatchObject({ account: 'acme', epoch: 1, version: 1 });
    const status = await json('keyset', 'status', file('keyset.jws'), '--root', file('root-public.json'));
    expect(status).toMatchObject({ state: 'ends_soon', version: 1 });
  });

  it('signs nothing for an instant that can be read two ways, nor for days that no calendar has', async () => {
    const sign = ['keyset', 'sign', '--root', file('root.json'), '--account', 'acme', '--key', file('signing.json')];
    const more = ['--version', '2', '--out', file('odd.jws')];
    for (const since of ['01.07.2026', '07/01/2026', '2026-07', 'yesterday', '2026-02-30T00:00:00Z']) {
      const refused = await typed(...sign, ...more, '--revoke', file('signing.json'), '--since', since);
      expect(refused, since).toMatchObject({ status: 2, err: expect.stringContaining('2026-06-15T10:00:00Z') });
    }
    for (const days of ['0', '999999999']) {
      const refused = await typed(...sign, ...more, '--days', days);
      expect(refused.err, days).toContain('--days takes 1 to 36500');
    }
    expect(existsSync(file('odd.jws'))).toBe(false);
  });

  it('refuses a keyset of another root, and one that does not list the authority’s key', async () => {
    await json('root', 'create', '--out', file('other.json'), '--public', file('other-public.json'));
    const wrong = await typed('keyset', 'status', file('keyset.jws'), '--root', file('other-public.json'));
    expect(wrong).toMatchObject({ status: 1 });
    expect(wrong.err).toContain('WRONG_ROOT');
    const sign = [
      'keyset',
      'sign',
      '--root',
      file('root.json'),
      '--account',
      'acme',
      '--key',
      file('other-public.json'),
    ];
    await json(...sign, '--version', '2', '--out', file('foreign.jws'));
    const secret = await typed('keyset', 'status', file('keyset.jws'), '--root', file('root.json'));
    expect(secret).toMatchObject({
      status: 2,
      err: expect.stringMatching(/root\.json: A private key.*\n.*public half/),
    });
    const foreign = await typed(
      'keyset',
      'install',
      file('foreign.jws'),
      '--data',
      file('keys'),
      '--root',
      file('root-public.json'),
    );
    expect(foreign.err).toContain('KEY_UNKNOWN');
  });

  it('signs a note that prolongs the leases of an authority that is gone, and none that says nothing', async () => {
    const note = ['note', 'sign', '--root', file('root.json'), '--account', 'acme', '--product', 'acme-backup'];
    const signed = await json(...note, '--from', '2026-06-01', '--until', '2999-09-30', '--out', file('note.jws'));
    expect(signed).toMatchObject({ file: file('note.jws'), until: '2999-10-01T00:00:00.000Z' });
    expect(readFileSync(file('note.jws'), 'utf8').trim()).toBe(signed['note']);
    for (const until of ['2026-05-30', 'soon', '2026-13-01']) {
      const refused = await typed(...note, '--from', '2026-06-01', '--until', until, '--out', file('no.jws'));
      expect(refused).toMatchObject({ status: 2, out: '' });
      expect(refused.err).toContain('INPUT_INVALID');
    }
  });

  it('signs the word of a root for the one after it', async () => {
    const word = ['root', 'succeed', '--root', file('root.json'), '--next', file('other-public.json')];
    const { next } = await json(...word, '--out', file('word.jws'));
    expect(next).toBe((JSON.parse(readFileSync(file('other-public.json'), 'utf8')) as { kid: string }).kid);
    expect(readFileSync(file('word.jws'), 'utf8')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  it('serves, is administered by its connection string, and ends on SIGTERM with status 0', async () => {
    const db = `sqlite:${file('authority.db')}`;
    const names = ['--account', 'acme', '--name', 'Acme', '--product', 'acme-backup'];
    const { ownerToken } = await json('account', 'create', '--db', db, ...names);
    const child = startCommand(['serve', '--db', db, '--data', file('keys'), '--port', '0', '--json']);
    const { url, account } = JSON.parse(await firstLine(child)) as { url: string; account: string };
    expect(account).toBe('acme');
    const { x } = JSON.parse(readFileSync(file('root-public.json'), 'utf8')) as { x: string };
    const connection = formatConnection({ url, roots: [x], token: String(ownerToken) });
    await json('admin', 'connect', connection, '--connection', file('connection'));
    expect(statSync(file('connection')).mode & 0o777).toBe(0o600);

    const at = ['--connection', file('connection')];
    expect(await json('admin', 'me', ...at)).toMatchObject({ account: 'acme', role: 'owner' });
    await json('admin', 'company', 'create', '--name', 'Harbor Dental', '--id', 'harbor', ...at);
    expect(await json('admin', 'companies', ...at)).toMatchObject({ rows: [{ id: 'harbor', name: 'Harbor Dental' }] });
    const { csv } = await json('admin', 'license', 'export', ...at);
    expect(csv).toMatch(/^id,[^\n]*\r\n$/);
    expect((await typed('admin', 'license', 'export', ...at)).out).toBe(String(csv).replace(/\n$/, ''));
    const dry = await json('admin', 'pool', 'create', '--name', 'A', '--type', 'OEM', '--dry-run', ...at);
    expect(dry).toMatchObject({ dryRun: true });
    expect(await json('admin', 'pools', ...at)).toMatchObject({ pools: [] });
    const refused = await typed('admin', 'pool', 'create', '--name', 'A', ...at);
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.err).toContain('REFUSED');
    expect(await stop(child)).toBe(0);
    const gone = await typed('admin', 'me', ...at);
    expect(gone.err).toContain('AUTHORITY_UNREACHABLE');
  });

  it('does not send the token to an authority whose keyset is not signed by the pinned root', async () => {
    const db = `sqlite:${file('impostor/authority.db')}`;
    const names = ['--account', 'acme', '--name', 'Impostor', '--product', 'acme-backup'];
    await json('authority', 'create', '--db', db, '--root', file('impostor-root.json'), ...names);
    const child = startCommand(['serve', '--db', db, '--port', '0', '--json']);
    running.push(child);
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    const { x } = JSON.parse(readFileSync(file('root-public.json'), 'utf8')) as { x: string };
    writeFileSync(file('fooled'), formatConnection({ url, roots: [x], token: 'lha_secret' }));
    const fooled = await typed('admin', 'me', '--connection', file('fooled'));
    expect(fooled).toMatchObject({ status: 1, out: '' });
    expect(fooled.err).toContain('WRONG_ROOT');
  });

  it('makes no authority whose root key cannot be kept, or whose address leads nowhere', async () => {
    const create = (root: string, url: string): ReturnType<typeof typed> => {
      const place = ['--db', `sqlite:${file('lost/authority.db')}`, '--root', file(root), '--url', url];
      return typed('authority', 'create', ...place, '--account', 'a', '--name', 'A', '--product', 'p');
    };
    const unplugged = await create('no-stick/root.json', 'https://licensing.acme.example');
    expect(unplugged.err).toContain('PERMISSION_DENIED');
    const address = await create('lost-root.json', '127.0.0.1:8410');
    expect(address).toMatchObject({ status: 2, err: expect.stringContaining('--url takes an address') });
    expect([existsSync(file('lost')), existsSync(file('lost-root.json'))]).toEqual([false, false]);
    expect(await create('lost-root.json', 'https://licensing.acme.example')).toMatchObject({ status: 0 });
    expect(statSync(file('lost/authority.db')).mode & 0o777).toBe(0o600);
  });

  it('leaves the keys of an authority alone when another is made in its folder', async () => {
    const create = (db: string, root: string, ...zone: string[]): ReturnType<typeof typed> => {
      const place = ['--db', `sqlite:${file(db)}`, '--root', file(root), ...zone];
      return typed('authority', 'create', ...place, '--account', 'a', '--name', 'A', '--product', 'p');
    };
    const wrong = await create('pair/first.db', 'pair-1.json', '--time-zone', 'Mars/Olympus');
    expect(wrong).toMatchObject({ status: 2, err: expect.stringContaining('There is no time zone "Mars/Olympus".') });
    expect(await create('pair/first.db', 'pair-1.json')).toMatchObject({ status: 0 });
    const keyset = readFileSync(file('pair/keys/keyset.jws'), 'utf8');
    expect((await create('pair/second.db', 'pair-2.json')).err).toContain('CONFLICT');
    expect(readFileSync(file('pair/keys/keyset.jws'), 'utf8')).toBe(keyset);
    expect([existsSync(file('pair/second.db')), existsSync(file('pair-2.json'))]).toEqual([false, false]);
  });

  it.each([
    [['--db', 'sqlite:gone/authority.db', '--port', '0'], 'STATE_UNAVAILABLE', 1],
    [['--db', 'mysql://x', '--data', 'keys', '--port', '0'], '', 2],
    [['--db', 'postgres://x'], 'INPUT_INVALID', 2],
    [['--db', 'sqlite:a.db', '--port', 'eighty'], 'OPTIONS_INVALID', 2],
    [['--db', 'sqlite:a.db', '--port', '0', '--mail', 'no-server.json'], 'INPUT_INVALID', 2],
  ])('serve %j is a typed problem', async (options, code, status) => {
    writeFileSync(file('no-server.json'), JSON.stringify({ url: 'https://mail.example' }));
    const ended = await runCommand(['serve', ...options], folder);
    expect(ended.status).toBe(status);
    expect(ended.out).toBe('');
    expect(ended.err).toMatch(new RegExp(`^${code || '[A-Z_]+'}: `, 'm'));
    expect(ended.err).not.toContain('    at ');
  });

  it.each([
    [['--request', 'no-word.jws', '--url', 'http://127.0.0.1:1'], 'no-word.jws is not there.'],
    [['--root', 'root.json', '--account', 'acme'], '--url URL or --out FILE is missing.'],
    [['--root', 'root.json', '--out', 'nobody.jws'], '--account ID is missing.'],
    [['--root', 'root.json', '--account', 'acme', '--url', 'http://127.0.0.1:1/'], '--url takes an address'],
    [['--url', 'http://127.0.0.1:1'], '--root FILE or --request FILE is missing.'],
  ])('authority recover %j says what is wrong with it', async (options, sentence) => {
    const ended = await runCommand(['authority', 'recover', ...options], folder);
    expect(ended).toMatchObject({ status: 2, out: '', err: expect.stringContaining(sentence) as string });
    expect(existsSync(file('nobody.jws'))).toBe(false);
  });

  it('names a port that is in use', async () => {
    const db = `sqlite:${file('impostor/authority.db')}`;
    const child = startCommand(['serve', '--db', db, '--port', '0', '--json']);
    running.push(child);
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    const other = `sqlite:${file('second/authority.db')}`;
    const names = ['--account', 'b', '--name', 'B', '--product', 'p'];
    await json('authority', 'create', '--db', other, '--root', file('second-root.json'), ...names);
    const ended = await runCommand(['serve', '--db', other, '--port', new URL(url).port]);
    expect(ended).toMatchObject({ status: 1, out: '' });
    expect(ended.err).toContain('PORT_IN_USE');
  });
});
