import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LeaseholdError } from '@leasehold/protocol';
import type { Given, Option } from '../command.js';
import { BROWSERS, CONSOLE, HOST_NAME, launcherFolder, placeOf, type Browser, type Surroundings } from './places.js';

const run = promisify(execFile);

/** Which browsers, for whom, and where. */
export interface Registration {
  readonly browsers: readonly Browser[];
  readonly scope: 'user' | 'system';
  /** A browser's folder for native hosts, where it is none of the usual ones. */
  readonly folder?: string;
  /** Ids of the console beside the built-in one: a store gives its own. */
  readonly extensions?: readonly string[];
  /** The agent's settings, where they are not in the usual file. */
  readonly config?: string;
}

export const REGISTRATION_OPTIONS: Readonly<Record<string, Option>> = {
  browser: { what: `For one browser: ${BROWSERS.join(', ')}; all by default`, value: 'NAME', many: true },
  system: { what: 'For all users of this machine' },
  extension: { what: 'Id of a console that comes from a store', value: 'ID', many: true },
  folder: { what: 'A folder for native hosts of a browser with a profile of its own', value: 'FOLDER' },
};

/** Reads what was typed. @throws LeaseholdError INPUT_INVALID for a browser that there is not */
export function registrationOf(given: Given): Registration {
  const named = given.all('browser');
  const odd = named.find((name) => !BROWSERS.includes(name as Browser));
  if (odd !== undefined) {
    throw new LeaseholdError('INPUT_INVALID', `There is no browser "${odd}".`, {
      path: '--browser',
      remedy: `Name one of ${BROWSERS.join(', ')}.`,
    });
  }
  const folder = given.get('folder');
  if (folder !== undefined && named.length !== 1) {
    throw new LeaseholdError('INPUT_INVALID', 'A folder belongs to one browser.', {
      path: '--folder',
      remedy: 'Say which with one --browser.',
    });
  }
  const config = given.get('config');
  return {
    browsers: named.length === 0 ? BROWSERS : (named as Browser[]),
    extensions: given.all('extension'),
    scope: given.has('system') ? 'system' : 'user',
    ...(folder === undefined ? {} : { folder: resolve(folder) }),
    ...(config === undefined ? {} : { config: resolve(config) }),
  };
}

/** A file that is written, or on Windows a registry value that names one. */
export interface Entry {
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}
export interface Plan {
  readonly files: readonly Entry[];
  readonly registry: readonly { readonly key: string; readonly value: string }[];
}

/** Everything that tells browsers of the host; nothing is written. */
export function planOf(registration: Registration, at: Surroundings, node: string): Plan {
  const { browsers, scope, folder } = registration;
  const isWindows = at.platform === 'win32';
  const path = isWindows ? win32 : { join };
  const own = launcherFolder(scope, at);
  const launcher = path.join(own, isWindows ? 'native-host.bat' : 'native-host.sh');
  const files: Entry[] = [{ path: launcher, text: launcherText(registration, isWindows, node), executable: true }];
  const registry: { key: string; value: string }[] = [];
  for (const browser of browsers) {
    const place = folder === undefined ? placeOf(browser, scope, at) : { folder };
    const text = manifestText(browser, launcher, registration.extensions ?? []);
    if ('folder' in place) files.push({ path: path.join(place.folder, `${HOST_NAME}.json`), text });
    else {
      const manifest = path.join(own, `${browser}.json`);
      files.push({ path: manifest, text });
      registry.push({ key: place.registryKey, value: manifest });
    }
  }
  return { files, registry };
}

/** The console alone may start the host, by the id that its manifest fixes. */
function manifestText(browser: Browser, launcher: string, more: readonly string[]): string {
  const who =
    browser === 'firefox'
      ? { allowed_extensions: [CONSOLE.firefox, ...more] }
      : { allowed_origins: [CONSOLE.chromium, ...more].map((id) => `chrome-extension://${id}/`) };
  const manifest = { name: HOST_NAME, description: 'Leasehold agent of this machine', path: launcher, type: 'stdio' };
  return `${JSON.stringify({ ...manifest, ...who }, null, 2)}\n`;
}

/** Browsers start a file without words of ours; theirs are not handed on. */
function launcherText({ config }: Registration, isWindows: boolean, node: string): string {
  const door = fileURLToPath(new URL('../../bin/leasehold.mjs', import.meta.url));
  const words = [node, door, 'native-host', 'serve', ...(config === undefined ? [] : ['--config', config])];
  if (isWindows) return `@echo off\r\n${words.map((word) => `"${word.replaceAll('%', '%%')}"`).join(' ')}\r\n`;
  return `#!/bin/sh\nexec ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')}\n`;
}

export async function carryOut({ files, registry }: Plan): Promise<void> {
  for (const { path, text, executable = false } of files) {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
    if (executable) await chmod(path, 0o755);
  }
  for (const { key, value } of registry) {
    await run('reg', ['add', key, '/ve', '/t', 'REG_SZ', '/d', value, '/f']);
  }
}

/** Takes back what browsers were told. The launcher stays while another browser may still start it. */
export async function takeBack({ files, registry }: Plan, isWhole: boolean): Promise<void> {
  for (const { path, executable = false } of files) {
    if (!executable || isWhole) await rm(path, { force: true });
  }
  for (const { key } of registry) await run('reg', ['delete', key, '/f']).catch(() => undefined);
}
