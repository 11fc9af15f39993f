import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

// Words that have no place here (names of others), as the start of their SHA-256: so the list itself names nobody.
const BARRED = new Set(
  `
  05298928c031 09c63b498a0b 0b570123a8c3 39f4c4108e89 3ea125d0bff3 4094a2b7125c 487b91042c7c
  4d8b2f0014dd 4eef85edfea7 4f27003ff49e 57fbd312b6c6 60965168ce76 61612dac80ac 754c013b5b20
  7d3194f79e64 834d9ccd8917 897609db6d92 a9e92196c1fc b068c5093aed c16b90bcc22b c70eca6b0f88
  c857d09db23e d5e300dea6e3 e54d2a3ddf4e f2743cb33eb1 f8db95dc1a1b fb7fd9687d11 fb94e503b27f
`
    .trim()
    .split(/\s+/),
);

// The rules cite their sources by document title, and the case study's license keeps the name it has there.
const CITED = [
  'Ahsay-CSV-LMP-OEM',
  'ActiveImage Protector Use Case',
  'Manage Licenses',
  'License Management Portal Overview',
];
// A folder of one person or one machine. In a test of paths, /home/user is anybody.
const OWN_FOLDERS = [
  /\/home\/(?!user\b)[a-z]+\//,
  /\/Users\/[A-Za-z]+\//,
  /[A-Z]:\\Users\\[a-z]/,
  /(?<![\w.-])\/tmp\/[a-z]{2}\//,
];
const PRIVATE_KEY = [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, /"d":\s*"[\w-]{43}"/];

/** What people write here, tracked or about to be: not the lock, not the public cases, not what is generated. */
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => /\.(ts|tsx|mjs|json|jsonc|md|html|css|sh)$|^\.ci\//.test(path))
  .filter((path) => !/^(package-lock\.json|test\/cases\/|docs\/evidence\/)|\/generated\//.test(path))
  .filter((path) => existsSync(join(ROOT, path)))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const isBarred = (word: string): boolean => BARRED.has(createHash('sha256').update(word).digest('hex').slice(0, 12));

/** `path: word` for each barred word of a text, cited titles apart. */
function barredWords({ path, text }: { path: string; text: string }): string[] {
  const own = CITED.reduce((rest, title) => rest.replaceAll(title, ''), text);
  const words = new Set(own.toLowerCase().match(/[a-z0-9]{3,}/g));
  return [...words].filter(isBarred).map((word) => `${path}: ${word}`);
}

const matches = (patterns: readonly RegExp[]): string[] =>
  files.flatMap(({ path, text }) =>
    patterns.flatMap((pattern) => (pattern.test(text) ? [`${path}: ${String(pattern)}`] : [])),
  );

describe('the sources', () => {
  it('are looked at', () => expect(files.length).toBeGreaterThan(50));
  it('name nobody but us', () => expect(files.flatMap(barredWords)).toEqual([]));
  it('would be caught naming somebody', () => {
    const name = 'Ahsay-CSV-LMP-OEM'.split('-')[0];
    expect(barredWords({ path: 'x.ts', text: `like ${name} does` })).toHaveLength(1);
  });
  it('hold no path of one machine', () => {
    const own = ROOT.split('/').length > 2 ? `${ROOT}/` : undefined; // a clone at /src would match everywhere
    expect(files.filter(({ text }) => own && text.includes(own)).map(({ path }) => path)).toEqual([]);
    expect(matches(OWN_FOLDERS)).toEqual([]);
  });
  it('hold no private key', () => expect(matches(PRIVATE_KEY)).toEqual([]));
});
