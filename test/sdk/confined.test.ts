import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';

const run = promisify(execFile);

const AGENT = `
  const { openLicense } = require('@leasehold/sdk');
  (async () => {
    const license = await openLicense(JSON.parse(process.argv[2]));
    const { allowed } = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
    await license.check();
    const { state, role, identity, problems } = license.status();
    console.log(JSON.stringify({ allowed, state, role, parts: identity.parts, problems }));
    await license.close();
  })();
`;

interface Told {
  readonly allowed: boolean;
  readonly role: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly problems: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
}

/** A vendor's agent in a process that Node confines (its documentation, "Permissions"). */
async function confined(site: Site, ...grants: readonly string[]): Promise<Told> {
  const known = process.allowedNodeEnvironmentFlags;
  const confine = known.has('--permission') ? '--permission' : '--experimental-permission';
  const network = known.has('--allow-net') ? ['--allow-net'] : [];
  const folder = vendorFolder();
  const file = join(folder, 'agent.cjs');
  writeFileSync(file, AGENT);
  const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
  const words = ['--no-warnings', confine, ...network, ...grants, file, JSON.stringify(options)];
  const { stdout } = await run(process.execPath, words, { timeout: 20_000 });
  return JSON.parse(stdout) as Told;
}

describe('under the permission model of Node', () => {
  test('with its folder to write it holds the license, and starts again from it', async () => {
    const site = await Site.start();
    mkdirSync(site.stateDir);
    for (const start of ['first', 'second']) {
      const told = await confined(site, '--allow-fs-read=*', `--allow-fs-write=${site.stateDir}`);
      expect(told, start).toMatchObject({ allowed: true, state: 'licensed', role: 'owner', problems: [] });
    }
  });

  test('a folder that it may not write is told as that, with the flag that is missing', async () => {
    const site = await Site.start();
    mkdirSync(site.stateDir);
    const { role, problems } = await confined(site, '--allow-fs-read=*');
    expect(role).toBe('none');
    for (const { code, remedy } of problems) {
      expect(code).toBe('READ_ONLY_FOLDER');
      expect(remedy).toContain('--allow-fs-write');
    }
    expect(problems).not.toEqual([]);
  });

  test('files of the system that it may not read are not permitted, and keep it from nothing', async () => {
    const site = await Site.start();
    mkdirSync(site.stateDir);
    const own = [tmpdir(), join(process.cwd(), 'node_modules')].map((folder) => `--allow-fs-read=${folder}`);
    const { allowed, parts, problems } = await confined(site, ...own, `--allow-fs-write=${site.stateDir}`);
    expect({ allowed, problems }).toEqual({ allowed: true, problems: [] });
    expect(Object.values(parts)).toContain('not_permitted');
    expect(Object.values(parts)).not.toContain('value');
  });
});
