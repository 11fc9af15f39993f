import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { onDemand } from '../support/on-demand.js';
import { Site, temporaryFolder } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';

const run = promisify(execFile);
/** Where Node looks for the program inside its own file (its documentation, "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** A vendor's agent: everything it needs is in the file, the network library too. */
const AGENT = `
  import { openLicense } from '@leasehold/sdk';
  (async () => {
    const license = await openLicense(JSON.parse(process.argv[2]));
    const answer = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
    const check = await license.check();
    license.usage.record({ kind: 'backup', bytes: 1 });
    const words = answer.explain('ja').sentence;
    const { state, role, problems } = license.status();
    console.log(JSON.stringify({ allowed: answer.allowed, ok: check.ok, state, role, problems, words }));
    await license.close();
  })();
`;

describe('a single-executable application', () => {
  it('activates, answers, checks in and starts again from what it holds', { timeout: 600_000 }, async ({ skip }) => {
    if (process.env['LONG'] !== '1') skip('the long form: to put a program into a copy of Node takes half a minute');
    const agent = await makeExecutable(await onDemand('postject', '1.0.0-alpha.6', skip));
    const site = await Site.start();
    const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
    const alone = { cwd: temporaryFolder(), env: {} };
    for (const start of ['first', 'second']) {
      const { stdout } = await run(agent, [JSON.stringify(options)], alone);
      const words = expect.stringMatching(/[\u3040-\u30ff]/) as string;
      const told = { allowed: true, ok: true, state: 'licensed', role: 'owner', problems: [], words };
      expect(JSON.parse(stdout), start).toEqual(told);
    }
  });
});

/** The agent in a copy of this Node, by Node's own tools; nothing of it lies beside the file. */
async function makeExecutable(postject: string): Promise<string> {
  const folder = temporaryFolder();
  const main = join(folder, 'agent.cjs');
  await build({
    stdin: { contents: AGENT, resolveDir: vendorFolder() },
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  const [blob, config] = [join(folder, 'agent.blob'), join(folder, 'sea.json')];
  writeFileSync(config, JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true }));
  await run(process.execPath, ['--experimental-sea-config', config]);
  const agent = join(folder, process.platform === 'win32' ? 'agent.exe' : 'agent');
  copyFileSync(process.execPath, agent);
  chmodSync(agent, 0o755);
  await run(process.execPath, [join(postject, 'dist/cli.js'), agent, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE]);
  for (const name of readdirSync(folder)) if (join(folder, name) !== agent) rmSync(join(folder, name));
  return agent;
}
