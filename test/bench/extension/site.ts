import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provisionAuthority, startAuthority, type Authority } from '@leasehold/authority';
import type { Store } from '../../../packages/authority/src/store/index.js';
import { connectByClick, startChromium, type Chromium } from '../../extension/support/chromium.js';

const root = join(import.meta.dirname, '../..');
/** Licenses in one command: SQLite takes 32,766 parameters. */
const SLICE = 2000;

/** A built authority on SQLite with so many licenses, and a browser with the built console connected to it. */
export interface Site {
  readonly authority: Authority;
  readonly browser: Chromium;
  readonly token: string;
  close(): Promise<void>;
}

export async function startSite(licenses: number): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-console-bench-'));
  cpSync(await filled(licenses), folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const place = placeIn(folder);
  const ownerToken = readFileSync(join(folder, 'token'), 'utf8');
  const authority = await startAuthority(place);
  await warm(authority.url, ownerToken);
  const browser = await startChromium(await withEmptyPages(folder));
  await browser.allowHost(authority.url);
  const page = await browser.page();
  await connectByClick(page, authority.connectionFor(ownerToken));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.close();
  return {
    authority,
    browser,
    token: ownerToken,
    async close() {
      await browser.close();
      await authority.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An authority that runs has read its tables before: what the console waits for is not the disk. */
async function warm(url: string, token: string): Promise<void> {
  for (const path of ['overview', 'licenses?limit=1', 'licenses?type=server&limit=100']) {
    const reply = await fetch(`${url}/v1/admin/${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  }
}

const placeIn = (folder: string) => ({
  db: `sqlite:${join(folder, 'authority.db')}`,
  dataDir: join(folder, 'keys'),
});

/** A folder with a filled authority, made once a day and for each schema: a million licenses take minutes. */
async function filled(licenses: number): Promise<string> {
  const schema = readdirSync(join(root, 'packages/authority/src/store/migrations')).length;
  const day = new Date().toISOString().slice(0, 10);
  const folder = join(root, `.cache/bench/console-${licenses}-${schema}-${day}`);
  if (existsSync(join(folder, 'token'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const account = { account: 'acme', name: 'Acme', product: 'acme-backup' };
  const { ownerToken } = await provisionAuthority(placeIn(folder), account, Date.now());
  await fill(placeIn(folder).db, licenses);
  writeFileSync(join(folder, 'token'), ownerToken);
  return folder;
}

async function fill(db: string, licenses: number): Promise<void> {
  const load = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(root, path)).href);
  const { openStore } = (await load('packages/authority/dist/store/index.js')) as {
    openStore: (url: string, registry: unknown) => Promise<Store>;
  };
  const { registry } = await load('test/bench/extension/registry.mjs');
  const store = await openStore(db, registry);
  const now = Date.now();
  for (let from = 0; from < licenses; from += SLICE) {
    await store.execute('fill', { account: 'acme', from, to: Math.min(licenses, from + SLICE) }, now);
  }
  await store.execute('takeStock', undefined, now);
  await store.close();
}

/** The built console with two pages beside its own that show nothing but one word, by the same library: what any page of an
 * extension costs. */
async function withEmptyPages(folder: string): Promise<string> {
  const { buildExtension } = (await import(pathToFileURL(join(root, 'extension/build.mjs')).href)) as {
    buildExtension: (to: string) => Promise<{ chromium: string }>;
  };
  const { build } = await import('esbuild');
  const { chromium } = await buildExtension(join(folder, 'built'));
  const extension = join(folder, 'extension');
  cpSync(chromium, extension, { recursive: true });
  const contents = `import { render, h } from 'preact'; render(h('h1', null, 'Empty'), document.getElementById('app'));`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, 'extension') },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  writeFileSync(join(extension, 'empty.js'), outputFiles[0]!.contents);
  const page = `<!doctype html><meta charset="utf-8"><title>Empty</title><div id="app"></div><script type="module" src="empty.js"></script>`;
  writeFileSync(join(extension, 'empty.html'), page);
  return extension;
}
