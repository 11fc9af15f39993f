import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../packages/cli/src/index.js';

/** A copy of a build to which its optional permissions are given at installation: no headless browser can press the
 * prompt that asks for them. */
export function withPermissions(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'leasehold-granted-'));
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, 'manifest.json');
  const { optional_permissions: optional, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly optional_permissions: readonly string[];
    readonly permissions: readonly string[];
  };
  writeFileSync(file, JSON.stringify({ ...manifest, permissions: [...manifest.permissions, ...optional] }));
  return copy;
}

/** Registers the native host in a browser profile, with its launcher in that profile too. */
export async function installNativeHost(profile: string, config: string): Promise<void> {
  const home = process.env['HOME'];
  process.env['HOME'] = profile;
  try {
    const words = ['--browser', 'chromium', '--folder', join(profile, 'NativeMessagingHosts'), '--config', config];
    const said: string[] = [];
    const note = (line: string) => void said.push(line);
    const status = await main(['native-host', 'install', ...words], { out: note, err: note });
    if (status !== 0) throw new Error(said.join('\n'));
  } finally {
    process.env['HOME'] = home;
  }
}

export function newProfile(): { readonly profile: string; readonly remove: () => void } {
  const profile = mkdtempSync(join(tmpdir(), 'leasehold-profile-'));
  return { profile, remove: () => rmSync(profile, { recursive: true, force: true }) };
}
