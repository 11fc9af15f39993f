import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { logger } from '../../packages/cli/src/serve/log.js';
import { strayVariables } from '../../packages/cli/src/serve/settings.js';
import { typed } from './typed.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-serve-'));
const file = join(folder, 'serve.json');
beforeAll(() => {
  // Those of the test run are no settings of an authority.
  for (const name of Object.keys(process.env)) if (name.startsWith('LEASEHOLD_')) delete process.env[name];
  writeFileSync(
    file,
    JSON.stringify({ port: 1111, host: '0.0.0.0', db: 'postgres://leasehold:hidden@db.example/acme' }),
  );
});
afterEach(() => void vi.unstubAllEnvs());

async function config(...words: string[]): Promise<Record<string, { value: string; from: string }>> {
  const { status, out, err } = await typed('serve', '--print-config', '--json', ...words);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return JSON.parse(out) as never;
}

describe('settings', () => {
  test('flags before environment before file before defaults, each with who said it', async () => {
    expect((await config())['port']).toEqual({ value: '8410', from: 'default' });
    expect((await config('--config', file))['port']).toEqual({ value: '1111', from: `${file}: port` });
    vi.stubEnv('LEASEHOLD_CONFIG', file);
    vi.stubEnv('LEASEHOLD_PORT', '2222');
    vi.stubEnv('LEASEHOLD_BODY_LIMIT', '4096');
    expect((await config())['port']).toEqual({ value: '2222', from: 'LEASEHOLD_PORT' });
    const all = await config('--port', '3333');
    expect(all['port']).toEqual({ value: '3333', from: '--port' });
    expect(all['host']).toEqual({ value: '0.0.0.0', from: `${file}: host` });
    expect(all['body-limit']).toEqual({ value: '4096', from: 'LEASEHOLD_BODY_LIMIT' });
  });

  test('a variable that is no setting is named, with the one that was meant, and nothing of its value', async () => {
    vi.stubEnv('LEASEHOLD_TSL_CERT', '/secret/path.pem');
    vi.stubEnv('LEASEHOLD_BACKUP_DIR', '/backup');
    vi.stubEnv('LEASEHOLD_TLS_CERT', '/etc/cert.pem');
    vi.stubEnv('LEASEHOLD_CONFIG', '');
    vi.stubEnv('LEASEHOLD_ENROLLMENT_KEY', 'LE-SECRET');
    const { status, err } = await typed('serve', '--print-config');
    expect(status).toBe(0);
    const lines = err.split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    const stray = lines.filter(({ event }) => event === 'variable.unknown');
    expect(stray.map(({ variable, remedy }) => [variable, remedy])).toEqual(
      expect.arrayContaining([
        ['LEASEHOLD_TSL_CERT', 'Did you mean LEASEHOLD_TLS_CERT?'],
        ['LEASEHOLD_BACKUP_DIR', 'See: leasehold serve --help'],
      ]),
    );
    const names = stray.map(({ variable }) => variable);
    for (const known of ['LEASEHOLD_TLS_CERT', 'LEASEHOLD_CONFIG', 'LEASEHOLD_ENROLLMENT_KEY'])
      expect(names).not.toContain(known);
    expect(err).not.toContain('secret');
  });

  test('LEASEHOLD_PORT of a Service that is called leasehold is no setting: the file or the default is', async () => {
    vi.stubEnv('LEASEHOLD_PORT', 'tcp://10.96.0.17:8410');
    expect(strayVariables({ LEASEHOLD_PORT: 'tcp://10.96.0.17:8410', LEASEHOLD_HOST: '::' })).toEqual([
      { variable: 'LEASEHOLD_PORT', remedy: expect.stringContaining('--port') },
    ]);
    const { status, out } = await typed('serve', '--print-config', '--json', '--config', file);
    expect(status).toBe(0);
    expect((JSON.parse(out) as { port: object }).port).toEqual({ value: '1111', from: `${file}: port` });
  });

  test('are shown without the password of the database', async () => {
    const { db } = await config('--config', file);
    expect(db!.value).toBe('postgres://leasehold:***@db.example/acme');
  });

  test.each([
    ['postgres://u:sec@ret@db.example/acme', 'postgres://u:***@db.example/acme'],
    ['postgres://u:sec?ret@db.example/acme', 'postgres://u:***@db.example/acme'],
    ['postgres://u:sec/ret@db.example/acme', 'postgres://u:***@db.example/acme'],
    [
      'postgres://db.example/acme?user=u&password=secret&ssl=true',
      'postgres://db.example/acme?user=u&password=***&ssl=true',
    ],
    ['postgres://u@db.example/acme?sslmode=require', 'postgres://u@db.example/acme?sslmode=require'],
    ['sqlite:/var/lib/a@b.db', 'sqlite:/var/lib/a@b.db'],
  ])('a password is one wherever it stands: %s', async (typedIn, seen) => {
    expect((await config('--db', typedIn))['db']!.value).toBe(seen);
  });

  test.each([
    ['--payments', null, 'payments'],
    ['--payments', [], 'payments'],
    ['--payments', { stripe: null }, 'payments'],
    ['--payments', { strip: { secretKey: 'sk_x' } }, 'payments.strip'],
    ['--mail', { url: 'smtps://', from: 'a@b.example' }, 'mail'],
    ['--mail', { url: 'smtps://u:secret#1@mail.example:x', from: 'a@b.example' }, 'mail'],
    ['--mail', { url: 'smtps://u:secret@mail.example', from: 'a@b.example', form: 'c@d.example' }, 'mail.form'],
  ])('%s of %j does not start, and shows nothing of it', async (flag, content, path) => {
    writeFileSync(`${file}3`, JSON.stringify(content));
    const { status, out } = await typed('serve', '--json', '--db', 'sqlite:a.db', '--port', '0', flag, `${file}3`);
    expect({ status, error: (JSON.parse(out) as { error: object }).error }).toMatchObject({
      status: 2,
      error: { path },
    });
    expect(out).not.toContain('secret');
  });

  test.each([
    [{ prot: 1 }, [], `${file}2: prot`],
    [{ port: 'eighty' }, [], `${file}2: port`],
    [{ mail: { url: 'smtp://x' } }, [], `${file}2: mail`],
    [{ 'backup-hours': 'daily' }, [], `${file}2: backup-hours`],
    [{ 'webhook-private-networks': 'perhaps' }, [], `${file}2: webhook-private-networks`],
    [[], [], `${file}2`],
    [{}, ['--body-limit', 'much'], '--body-limit'],
  ])('%j %j is refused where it is wrong', async (content, words, path) => {
    writeFileSync(`${file}2`, JSON.stringify(content));
    const { status, out } = await typed('serve', '--print-config', '--json', '--config', `${file}2`, ...words);
    expect(status).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'OPTIONS_INVALID', path, remedy: expect.any(String) } });
  });

  test.each([
    [['--port', '0'], 'db'],
    [['--db', 'sqlite:a.db', '--tls-cert', 'a.pem'], '--tls-cert'],
    [['--db', 'sqlite:a.db', '--log-level', 'loud'], '--log-level'],
    [['--db', 'sqlite:a.db', '--body-limit', '7'], 'bodyLimit'],
    // As `--host "$HOST"` comes out where HOST is not set: Node would listen on all networks.
    [['--db', 'sqlite:a.db', '--host', ''], '--host'],
  ])('%j does not start', async (words, path) => {
    const { status, out } = await typed('serve', '--json', ...words);
    expect({ status, error: (JSON.parse(out) as { error: object }).error }).toMatchObject({
      status: 2,
      error: { code: 'OPTIONS_INVALID', path },
    });
  });
});

test('the log: one object a line, from a level on, and never a secret', () => {
  const lines: string[] = [];
  const log = logger(
    { out: () => undefined, err: (line) => void lines.push(line) },
    { value: 'warn', from: 'default' },
  );
  log({ level: 'info', event: 'request' });
  log({ level: 'error', event: 'request.failed', token: 'lha_secret', licenseKey: 'LH-SECRET', code: 'INTERNAL' });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'error',
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    event: 'request.failed',
    token: '[redacted]',
    licenseKey: '[redacted]',
    code: 'INTERNAL',
  });
});
