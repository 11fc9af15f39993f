import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleSource } from '../support/run-source.js';
import { temporaryFolder } from '../support/sdk-fixture.js';

const run = promisify(execFile);
const ASKER = fileURLToPath(new URL('../support/sdk-keyring.ts', import.meta.url));
const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((dir) => existsSync(join(dir, name)));
const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter((name) => !onPath(name));
const why = missing.length > 0 ? ` (skipped: ${missing.join(' and ')} not installed)` : '';
const hasKeytar = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('keytar');
    return true;
  } catch {
    return false;
  }
})();
const whyKeytar =
  why !== '' ? why : hasKeytar ? '' : ' (skipped: keytar is not installed: it compiles against libsecret)';

type Call = readonly [name: string, ...args: string[]];
const QUESTIONS: readonly Call[] = [
  ['getPassword', 'acme', 'key'],
  ['findPassword', 'acme'],
  ['findCredentials', 'acme'],
  ['deletePassword', 'acme', 'key'],
];
const LIFE: readonly Call[] = [
  ...QUESTIONS,
  ['setPassword', 'acme', 'key', 'first'],
  ['setPassword', 'acme', 'key', 'second'],
  ['getPassword', 'acme', 'key'],
  ['findPassword', 'acme'],
  ['findCredentials', 'acme'],
  ['deletePassword', 'acme', 'key'],
  ['getPassword', 'acme', 'key'],
];
const ABSENT = { outcome: 'absent' };
const TOLD = [
  ABSENT,
  ABSENT,
  ABSENT,
  ABSENT,
  { outcome: 'stored' },
  { outcome: 'stored' },
  { outcome: 'found', value: 'second' },
  { outcome: 'found', value: 'second' },
  { outcome: 'found', value: [{ account: 'key', password: 'second' }] },
  { outcome: 'deleted' },
  ABSENT,
];

let asker: string;
beforeAll(async () => {
  asker = await bundleSource(ASKER);
});

/** In a session of its own, with a home of its own: the keyring of whoever runs the tests is never touched. */
async function inSession(before: string, which: string, calls: readonly Call[]): Promise<unknown[]> {
  const home = temporaryFolder();
  const { DISPLAY: _display, DBUS_SESSION_BUS_ADDRESS: _bus, ...rest } = process.env;
  const env = { ...rest, HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: home };
  const script = `${before}\nexec "$0" "$@"`;
  const args = ['--', 'sh', '-c', script, process.execPath, asker, which, JSON.stringify(calls)];
  const { stdout } = await run('dbus-run-session', args, { env, timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown[];
}
const UNLOCKED = 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1';

describe('a real keyring', () => {
  test.skipIf(why !== '')(`tells absent, stored, found and deleted apart${why}`, { timeout: 60_000 }, async () => {
    expect(await inSession(UNLOCKED, 'keyring', LIFE)).toEqual(TOLD);
  });

  test.skipIf(whyKeytar !== '')(`does so through keytar${whyKeytar}`, { timeout: 60_000 }, async () => {
    expect(await inSession(UNLOCKED, 'keytar', LIFE)).toEqual(TOLD);
  });

  test.skipIf(why !== '')(
    `that nobody has unlocked is unavailable, and no secret in it reads as absent${why}`,
    { timeout: 60_000 },
    async () => {
      for (const answer of await inSession('', 'keyring', QUESTIONS))
        expect(answer).toMatchObject({ outcome: 'unavailable' });
    },
  );

  test('that is not there at all is unavailable', { timeout: 60_000 }, async () => {
    const env = { PATH: process.env['PATH'], HOME: temporaryFolder(), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
    const { stdout } = await run(process.execPath, [asker, 'keyring', JSON.stringify(QUESTIONS)], { env });
    for (const answer of JSON.parse(stdout) as unknown[]) expect(answer).toMatchObject({ outcome: 'unavailable' });
  });
});
