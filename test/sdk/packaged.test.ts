import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site, temporaryFolder } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';

const run = promisify(execFile);

/** What a vendor's program does, in both module systems; one of them forgets to close. */
const program = (end: string): string => `
  const license = await openLicense(JSON.parse(process.argv[2]));
  const answer = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
  if (answer.allowed) license.usage.record({ kind: 'backup', bytes: 12345 });
  const { state, problems } = license.status();
  const words = [answer.explain().sentence, answer.explain('ja').sentence];
  console.log(JSON.stringify({ allowed: answer.allowed, state, problems, words, error: new LeaseholdError('INTERNAL', '').name }));
  ${end}
`;
const CLOSES = program('await license.close();');
const FORGETS = program('');

describe('the package as vendors get it', () => {
  test.each([
    ['ESM', 'vendor.mjs', `import { LeaseholdError, openLicense } from '@leasehold/sdk';\n${CLOSES}`],
    [
      'CommonJS',
      'vendor.cjs',
      `const { LeaseholdError, openLicense } = require('@leasehold/sdk');\n(async () => {${FORGETS}})();`,
    ],
  ])('%s: opens, answers, explains and ends by itself', async (_name, file, text) => {
    const site = await Site.start();
    const folder = vendorFolder();
    writeFileSync(join(folder, file), text);
    const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
    const { stdout, stderr } = await run(process.execPath, [join(folder, file), JSON.stringify(options)], {
      cwd: folder,
      timeout: 20_000,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      allowed: true,
      state: 'licensed',
      problems: [],
      words: ['This machine has a license of its own.', expect.stringMatching(/[\u3040-\u30ff]/)],
      error: 'LeaseholdError',
    });
  });

  test('a worker of node:cluster holds its own state folder, however long its path is', async () => {
    const site = await Site.start();
    const folder = vendorFolder();
    const server = `
      const cluster = require('node:cluster');
      if (cluster.isPrimary) {
        cluster.setupPrimary({ args: process.argv.slice(2) });
        cluster.fork().on('message', (role) => console.log(role));
      } else {
        const { openLicense } = require('@leasehold/sdk');
        (async () => {
          const license = await openLicense(JSON.parse(process.argv[2]));
          process.send(license.status().role);
          await license.close();
          process.disconnect();
        })();
      }`;
    writeFileSync(join(folder, 'server.cjs'), server);
    const stateDir = join(temporaryFolder(), 'state'.repeat(20));
    const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY }, stateDir });
    const words = [join(folder, 'server.cjs'), JSON.stringify(options)];
    const { stdout } = await run(process.execPath, words, { timeout: 20_000 });
    expect(stdout.trim()).toBe('owner');
  });

  test.each([
    ['ESM', 'esm', `import { LeaseholdError, openLicense } from '@leasehold/sdk';\n${CLOSES}`],
    ['CommonJS', 'cjs', `import { LeaseholdError, openLicense } from '@leasehold/sdk';\n(async () => {${CLOSES}})();`],
  ] as const)('bundled by a vendor into one %s file: needs nothing beside it', async (_name, format, text) => {
    const site = await Site.start();
    const folder = vendorFolder();
    const alone = join(temporaryFolder(), format === 'esm' ? 'agent.mjs' : 'agent.cjs');
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    await build({
      stdin: { contents: text, resolveDir: folder },
      outfile: alone,
      bundle: true,
      platform: 'node',
      format,
      ...(format === 'esm' ? { banner: { js: banner } } : {}),
      logLevel: 'error',
    });
    const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
    const { stdout } = await run(process.execPath, [alone, JSON.stringify(options)], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toMatchObject({ allowed: true, state: 'licensed', problems: [] });
  });
});
