import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacks } from './support/chromium.js';
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
  readonly optional_permissions: readonly string[];
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

const PYTHON = ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path));
/** Another one's reading of the format: Python's. */
const READ_MANIFEST = 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("manifest.json").decode())';

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
    // What a person turns on: the code asks for each by name, uses it, and asks for nothing else.
    const asked = [...used.match(/type OptionalPermission = (.+);/)![1]!.matchAll(/'(\w+)'/g)].map(
      (found) => found[1]!,
    );
    expect(manifest.optional_permissions).toEqual(asked);
    const uses: Readonly<Record<string, string>> = {
      nativeMessaging: 'browser.runtime.sendNativeMessage(',
      notifications: 'browser.notifications.create(',
    };
    for (const name of asked) {
      expect(used, name).toContain(uses[name]);
      const views = sources.filter(({ path }) => path !== 'platform.ts').map(({ text }) => text);
      expect(views.join(), name).toContain(`requestPermission('${name}')`);
    }
    // And the other way round: no part of the browser's interface is used that stands under a permission nobody named.
    const free = new Set(['action', 'i18n', 'permissions', 'runtime', 'tabs', 'windows']);
    const touched = [...used.matchAll(/\bbrowser\.(\w+)\b/g)].map((found) => found[1]!);
    expect(touched.length).toBeGreaterThan(10);
    for (const name of touched) {
      const isNamed = manifest.permissions.includes(name) || manifest.optional_permissions.includes(name);
      expect(free.has(name) || isNamed, name).toBe(true);
    }
    expect(manifest.host_permissions).toBeUndefined();
    expect(manifest.optional_host_permissions).toEqual(['https://*/*', 'http://*/*']);
    expect(manifest.content_scripts).toBeUndefined();
    expect(manifest.web_accessible_resources).toBeUndefined();
  });

  test.skipIf(lacks(PYTHON, 'Python was not found: its zip reader is what our zips are held against'))(
    'is packed for its store: every file once, the same bytes again, no id fixed',
    async () => {
      const name = readdirSync(dist).find((each) => each.endsWith(`-${browser}.zip`))!;
      const before = readFileSync(join(dist, name));
      const listed = execFileSync(PYTHON!, ['-m', 'zipfile', '-l', join(dist, name)], { encoding: 'utf8' });
      expect(execFileSync(PYTHON!, ['-m', 'zipfile', '-t', join(dist, name)], { encoding: 'utf8' })).toContain('Done');
      for (const path of filesIn(folders[browser]!)) expect(listed).toContain(path);
      const manifest = execFileSync(PYTHON!, ['-c', READ_MANIFEST, join(dist, name)], { encoding: 'utf8' });
      expect(JSON.parse(manifest)).not.toHaveProperty('key');
      await buildExtension(dist);
      expect(readFileSync(join(dist, name)).equals(before)).toBe(true);
    },
  );

  test('stays within its size: 150 kB in all, 30 kB for the popup', () => {
    const files = filesIn(folders[browser]!);
    expect(gzipped(browser, files)).toBeLessThan(150_000);
    expect(gzipped(browser, ['popup.html', 'look.css', 'popup.css', ...withImports(browser, 'popup.js')])).toBeLessThan(
      30_000,
    );
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
