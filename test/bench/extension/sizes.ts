import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '../..');

/** Bytes of the built console, each file gzipped: all of it, and what the popup loads. */
export async function packageSizes(): Promise<{ readonly whole: number; readonly popup: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-console-size-'));
  const { buildExtension } = (await import(pathToFileURL(join(root, 'extension/build.mjs')).href)) as {
    buildExtension: (to: string) => Promise<{ chromium: string }>;
  };
  const { chromium } = await buildExtension(folder);
  const size = (path: string) => gzipSync(readFileSync(join(chromium, path)), { level: 9 }).length;
  const all = readdirSync(chromium, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(chromium, path)).isFile(),
  );
  const loaded = new Set(['popup.html', 'look.css', 'popup.css', 'popup.js']);
  for (const path of loaded) {
    const imports = readFileSync(join(chromium, path), 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g);
    for (const [, name] of imports) loaded.add(name!);
  }
  const sum = (paths: Iterable<string>) => [...paths].reduce((total, path) => total + size(path), 0);
  const sizes = { whole: sum(all), popup: sum(loaded) };
  rmSync(folder, { recursive: true });
  return sizes;
}
