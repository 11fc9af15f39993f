import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';

const run = promisify(execFile);

/** An agent under which an update puts another version in the place of its package: nothing of it may be read then. */
const AGENT = `
  import { readdirSync, writeFileSync } from 'node:fs';
  import { mock } from 'node:test';
  import { openLicense } from '@leasehold/sdk';
  mock.timers.enable({ apis: ['setTimeout'] });
  const license = await openLicense(JSON.parse(process.argv[2]));
  await new Promise(setImmediate);
  for (let n = 0; n < 100; n += 1) mock.timers.tick(10_000);
  const dist = process.argv[3];
  for (const name of readdirSync(dist).filter((name) => name.endsWith('.cjs')))
    writeFileSync(dist + '/' + name, 'throw new Error("another version: " + __filename)');
  mock.timers.reset();
  const answer = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
  license.usage.record({ kind: 'backup', bytes: 1 });
  const { state, problems } = license.status();
  await license.check();
  await license.deactivate();
  console.log(JSON.stringify([state, problems, answer.explain().sentence, answer.explain('ja').sentence !== '']));
  console.log(JSON.stringify([license.status().state, license.diagnostics() !== undefined]));
  await license.close();
`;

test('an agent goes on as it is when an update replaces its package', async () => {
  const site = await Site.start();
  const folder = vendorFolder();
  writeFileSync(join(folder, 'agent.mjs'), AGENT);
  const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
  const words = [JSON.stringify(options), join(folder, 'node_modules/@leasehold/sdk/dist')];
  const { stdout } = await run(process.execPath, [join(folder, 'agent.mjs'), ...words], {
    cwd: folder,
    timeout: 20_000,
  });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    ['licensed', [], 'This machine has a license of its own.', true],
    ['not_activated', true],
  ]);
});
