import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFloors } from '../../scripts/floors.mjs';
import { filesBelow, folderOf, packagesIn } from '../../scripts/sources.mjs';

const ROOT = join(import.meta.dirname, '../..');
let house: string;

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
};

/** A package with one source file, as small as a package can be. */
const build = (name: string, text = 'export const here = 1;\n'): void => {
  const exports = { '.': { '@leasehold/source': './src/index.ts' } };
  write(`${folderOf(name)}/package.json`, JSON.stringify({ name: `@leasehold/${name}`, exports }));
  write(`${folderOf(name)}/src/index.ts`, text);
};

describe('the floors check', () => {
  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), 'leasehold-floors-'));
    for (const name of ['terms', 'protocol', 'fingerprint', 'sdk', 'authority', 'cli', 'extension']) build(name);
  });
  afterEach(() => rmSync(house, { recursive: true }));

  it('passes a house in which every import goes down', async () => {
    build('protocol', "export { here } from '@leasehold/terms';\nimport 'jose';\n");
    build('sdk', "import { readFileSync } from 'node:fs';\nexport { here } from '@leasehold/protocol';\n");
    expect(await checkFloors(house)).toEqual({ files: 7, problems: [] });
  });

  it.each([
    [
      'up',
      'protocol',
      "export { here } from '@leasehold/sdk';",
      'protocol (floor 1) may not reach up to sdk (floor 2)',
    ],
    ['sideways', 'authority', "import '@leasehold/sdk';", 'authority (floor 2) may not reach sideways to sdk'],
    ['up by a type alone', 'terms', "import type { Seal } from '@leasehold/protocol';", 'may not reach up to protocol'],
    ['up by a relative path', 'fingerprint', "import '../../sdk/src/index.js';", 'may not reach up to sdk'],
    [
      'up by a dynamic import',
      'protocol',
      "export const load = () => import('@leasehold/cli');",
      'may not reach up to cli',
    ],
  ])('names the file that reaches %s', async (_way, name, text, problem) => {
    build(name, `${text}\n`);
    const { problems } = await checkFloors(house);
    expect(problems.join('\n')).toContain(`${folderOf(name)}/src/index.ts imports `);
    expect(problems.join('\n')).toContain(problem);
  });

  it.each([
    ['terms', "import 'node:fs';"],
    ['protocol', "import type { Hash } from 'node:crypto';"],
    ['protocol', "import 'fs';"],
    ['extension', "import('node:os');"],
  ])('refuses a Node built-in in %s: %s', async (name, text) => {
    build(name, `${text}\n`);
    expect((await checkFloors(house)).problems.join('\n')).toContain(`${name} runs without Node`);
  });

  it('refuses any package of others in terms', async () => {
    build('terms', "import 'lodash';\n");
    expect((await checkFloors(house)).problems).toEqual([
      'packages/terms/src/index.ts imports lodash: terms depends on nothing',
    ]);
  });

  it('finds the SDK behind another package of the extension, with the way there', async () => {
    build('extension', "import '@leasehold/protocol';\n");
    build('protocol', "import '@leasehold/sdk';\n");
    expect((await checkFloors(house)).problems).toContain(
      'sdk is in the extension: extension/src/index.ts → packages/protocol/src/index.ts → packages/sdk/src/index.ts',
    );
  });

  it('finds a circle of files', async () => {
    build('sdk', "import './clock.js';\n");
    write('packages/sdk/src/clock.ts', "import './index.js';\n");
    expect((await checkFloors(house)).problems.join('\n')).toMatch(/circle: .*sdk\/src\/clock\.ts/);
  });

  it('reports an import that leads nowhere', async () => {
    build('sdk', "import './gone.js';\n");
    expect((await checkFloors(house)).problems.join('\n')).toContain('packages/sdk/src/index.ts:1');
  });

  it('fails when it looked at no file', async () => {
    rmSync(join(house, 'packages'), { recursive: true });
    rmSync(join(house, 'extension'), { recursive: true });
    expect(await checkFloors(house)).toEqual({ files: 0, problems: [expect.stringContaining('looked at no file')] });
  });

  it('sees a fault planted in a copy of the real house', async () => {
    for (const name of packagesIn(ROOT)) {
      cpSync(join(ROOT, folderOf(name), 'src'), join(house, folderOf(name), 'src'), { recursive: true });
      cpSync(join(ROOT, folderOf(name), 'package.json'), join(house, folderOf(name), 'package.json'));
    }
    const before = await checkFloors(house);
    expect(before.files).toBeGreaterThanOrEqual(filesBelow(house, 'packages', /\.ts$/).length);
    write('packages/terms/src/planted.ts', "import '@leasehold/authority';\n");
    const planted = (await checkFloors(house)).problems.filter((problem) => !before.problems.includes(problem));
    expect(planted.join('\n')).toContain('packages/terms/src/planted.ts imports packages/authority/src/index.ts');
  });
});
