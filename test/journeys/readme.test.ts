import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminClient } from '../../packages/cli/src/admin/client.js';
import { openLicense, type License } from '@leasehold/sdk';
import { startBench, type Bench } from '../support/authority.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = ['README.md', 'docs/embedding.md', 'docs/operating.md', 'docs/architecture.md', 'docs/threat-model.md'];
const page = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the pages', () => {
  it.each(PAGES)('%s leads only to files that are there', (path) => {
    const links = [...page(path).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    const gone = links.filter((link) => !existsSync(join(ROOT, dirname(path), link)));
    expect(gone).toEqual([]);
  });

  it('the README fits on a page: three lines say what it is, ten lines embed it', () => {
    const [, , ...rest] = page('README.md').split('\n');
    expect(rest.findIndex((line) => line === '')).toBeLessThanOrEqual(4);
    expect(
      codeOf('README.md')
        .split('\n')
        .filter((line) => line.trim() !== '').length,
    ).toBeLessThanOrEqual(10);
  });
});

/** The embedding code as it stands on a page, without its import: the names come from the test. */
const codeOf = (path: string): string => {
  const block = /```ts\n([\s\S]*?)```/.exec(page(path))?.[1] ?? '';
  return block.replace(/^import .* from '@leasehold\/sdk';\n/m, '').trim();
};

describe('the embedding code of the README', () => {
  let bench: Bench;
  let folder: string;
  beforeAll(async () => {
    bench = await startBench(Date.now());
    folder = mkdtempSync(join(tmpdir(), 'leasehold-readme-'));
  });
  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  it('activates, allows a backup and counts it, word for word but for the address and the folder', async () => {
    const { rootJwk, ownerToken, authority } = bench;
    const admin = new AdminClient({ url: authority.url, roots: [rootJwk.x], token: ownerToken });
    const row = { profile: 'aip', type: 'linux', kind: 'commercial', term: 'perpetual', companyId: null };
    const licenses = [{ ...row, id: 'one', seats: 1, validUntil: null, autoRenew: false }];
    const created = await admin.call({ route: 'licensesCreate', body: { licenses } });
    const licenseKey = (created['licenses'] as { licenseKey: string }[])[0]!.licenseKey;

    const code = codeOf('README.md')
      .replace('https://licensing.acme.example', authority.url)
      .replace('/var/lib/acme/license', join(folder, 'state'));
    expect(code).toContain(authority.url);
    const names = ['openLicense', 'rootJwk', 'licenseKey', 'tellAdmin', 'runBackup'];
    const AsyncFunction = (async () => undefined).constructor as new (
      ...words: string[]
    ) => (...values: unknown[]) => Promise<License>;
    const embed = new AsyncFunction(...names, `${code}\nreturn license;`);
    const told: unknown[] = [];
    const license = await embed(
      openLicense,
      rootJwk,
      licenseKey,
      (text: unknown) => void told.push(text),
      async () => 4711,
    );
    try {
      expect(license.status()).toMatchObject({ state: 'licensed', problems: [] });
      expect(told).toEqual([]);
      expect(license.usage.health().waiting).toBe(1);
      await expect.poll(async () => (await license.check(), license.usage.health().waiting)).toBe(0);
      const { rows } = (await admin.call({ route: 'usage' })) as { rows: { bytes: number }[] };
      expect(rows).toMatchObject([{ kind: 'backup', bytes: 4711 }]);
    } finally {
      await license.close();
    }
  });
});
