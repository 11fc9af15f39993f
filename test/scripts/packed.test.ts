import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const sdk = (file: string): string => join(ROOT, 'packages/sdk', file);

test('the SDK is packed with a page that says what it is, and with the license', () => {
  const out = execFileSync('npm', ['pack', '--dry-run', '--json', '-w', 'packages/sdk'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = [JSON.parse(out) as unknown].flat() as [{ files: { path: string }[] }];
  expect(packed.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
  expect(readFileSync(sdk('LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
});

test('every entry that the page names is one of the manifest, and none is left out', () => {
  const { exports } = JSON.parse(readFileSync(sdk('package.json'), 'utf8')) as { exports: Record<string, unknown> };
  const named = [...readFileSync(sdk('README.md'), 'utf8').matchAll(/^\| `@leasehold\/sdk(\/\w+)?`/gm)];
  const doors = Object.keys(exports).filter((door) => !door.endsWith('.json'));
  expect(named.map(([, door = '']) => `.${door}`).sort()).toEqual(doors.sort());
});
