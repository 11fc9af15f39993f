import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildExtension } from '../../extension/build.mjs';

const dist = mkdtempSync(join(tmpdir(), 'leasehold-extension-'));
let folders: Record<string, string>;
beforeAll(async () => {
  folders = await buildExtension(dist);
});
afterAll(() => rmSync(dist, { recursive: true }));

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
const read = (browser: string, path: string) => readFileSync(join(folders[browser]!, path));
interface Manifest {
  readonly icons: Readonly<Record<string, string>>;
  readonly action: { readonly default_popup: string };
  readonly options_ui: { readonly page: string };
  readonly background: { readonly scripts?: readonly string[]; readonly service_worker?: string };
  readonly permissions: readonly string[];
  readonly host_permissions?: readonly string[];
  readonly optional_host_permissions: readonly string[];
  readonly content_scripts?: unknown;
  readonly web_accessible_resources?: unknown;
  readonly content_security_policy: { readonly extension_pages: string };
  readonly browser_specific_settings?: { readonly gecko: { readonly id: string } };
  readonly key?: string;
}
const manifestOf = (browser: string) => JSON.parse(read(browser, 'manifest.json').toString()) as Manifest;
const gzipped = (browser: string, paths: readonly string[]) =>
  paths.reduce((sum, path) => sum + gzipSync(read(browser, path), { level: 9 }).length, 0);

/** A script with all that it imports. */
function withImports(browser: string, entry: string): string[] {
  const found = new Set([entry]);
  for (const path of found) {
    for (const [, name] of read(browser, path)
      .toString()
      .matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
      found.add(name!);
  }
  return [...found];
}

/** Source text of the extension: what calls the browser. */
const SOURCES = fileURLToPath(new URL('../../extension/src/', import.meta.url));
const sources = filesIn(SOURCES)
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(SOURCES, path), 'utf8') }));

describe.each(['chromium', 'firefox'])('the build for %s', (browser) => {
  test('has every file that it names', () => {
    const manifest = manifestOf(browser);
    const named = [
      ...Object.values(manifest.icons),
      manifest.action.default_popup,
      manifest.options_ui.page,
      ...(manifest.background.scripts ?? [manifest.background.service_worker!]),
      '_locales/en/messages.json',
      '_locales/ja/messages.json',
    ];
    const files = filesIn(folders[browser]!);
    for (const path of named) expect(files).toContain(path);
    for (const page of ['popup.html', 'console.html']) {
      const links = [
        ...read(browser, page)
          .toString()
          .matchAll(/(?:src|href)="([^"]+)"/g),
      ].map((match) => match[1]!);
      expect(links.length).toBeGreaterThan(1);
      expect(withImports(browser, page.replace('html', 'js')).length).toBeGreaterThan(1);
      for (const link of links) expect(files).toContain(link);
    }
  });

  test('runs only its own code', () => {
    const policy = manifestOf(browser).content_security_policy.extension_pages;
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("object-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    for (const path of filesIn(folders[browser]!).filter((each) => each.endsWith('.js'))) {
      expect(read(browser, path).toString(), path).not.toMatch(/\beval\(|new Function\(|importScripts\(/);
    }
  });

  test('asks for no permission that no code uses, and for no host before a click', () => {
    const manifest = manifestOf(browser);
    const used = sources.find(({ path }) => path === 'platform.ts')!.text;
    for (const name of manifest.permissions) expect(used, name).toContain(`browser.${name}.`);
    expect(manifest.host_permissions).toBeUndefined();
    expect(manifest.optional_host_permissions).toEqual(['https://*/*', 'http://*/*']);
    expect(manifest.content_scripts).toBeUndefined();
    expect(manifest.web_accessible_resources).toBeUndefined();
  });

  test('stays within its size: 150 kB in all, 30 kB for the popup', () => {
    const files = filesIn(folders[browser]!);
    expect(gzipped(browser, files)).toBeLessThan(150_000);
    expect(gzipped(browser, ['popup.html', 'popup.css', ...withImports(browser, 'popup.js')])).toBeLessThan(30_000);
  });
});

test('Chromium gets a worker and a fixed id, Firefox its id and an event page', () => {
  expect(manifestOf('chromium')).toMatchObject({ background: { service_worker: 'background.js' } });
  expect(manifestOf('chromium').key).toMatch(/^MII/);
  const firefox = manifestOf('firefox');
  expect(firefox.background.scripts).toEqual(['background.js']);
  expect(firefox.browser_specific_settings?.gecko.id).toMatch(/^leasehold@/);
  expect(firefox.key).toBeUndefined();
});

test('one file touches the browser, and no data becomes markup', () => {
  expect(sources.length).toBeGreaterThan(50);
  for (const { path, text } of sources) {
    if (path !== 'platform.ts') expect(text, path).not.toMatch(/webextension-polyfill|\bchrome\.|\bbrowser\.\w+\./);
    expect(text, path).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML/);
    expect(text, path).not.toMatch(/console\.(log|warn|error|info)/);
  }
});
