import { homedir } from 'node:os';
import { join } from 'node:path';

/** The console's ids, as its manifests fix them (extension/manifest.mjs). */
export const CONSOLE = {
  chromium: 'ebclhlakinkjlpddehimjmndceodopbn',
  firefox: 'leasehold@leasehold.example',
} as const;

/** The host's name, as the console asks for it. */
export const HOST_NAME = 'com.leasehold.host';

export const BROWSERS = ['chromium', 'chrome', 'edge', 'firefox'] as const;
export type Browser = (typeof BROWSERS)[number];
type Scope = 'user' | 'system';

/** What a browser reads is a file in a folder of its own, or on Windows a registry value that names a file anywhere. */
export type Place = { readonly folder: string } | { readonly registryKey: string };

const LINUX: Readonly<Record<Scope, Readonly<Record<Browser, string>>>> = {
  user: {
    chromium: '.config/chromium/NativeMessagingHosts',
    chrome: '.config/google-chrome/NativeMessagingHosts',
    edge: '.config/microsoft-edge/NativeMessagingHosts',
    firefox: '.mozilla/native-messaging-hosts',
  },
  system: {
    chromium: '/etc/chromium/native-messaging-hosts',
    chrome: '/etc/opt/chrome/native-messaging-hosts',
    edge: '/etc/opt/edge/native-messaging-hosts',
    firefox: '/usr/lib/mozilla/native-messaging-hosts',
  },
};

const MACOS: Readonly<Record<Scope, Readonly<Record<Browser, string>>>> = {
  user: {
    chromium: 'Library/Application Support/Chromium/NativeMessagingHosts',
    chrome: 'Library/Application Support/Google/Chrome/NativeMessagingHosts',
    edge: 'Library/Application Support/Microsoft Edge/NativeMessagingHosts',
    firefox: 'Library/Application Support/Mozilla/NativeMessagingHosts',
  },
  system: {
    chromium: '/Library/Application Support/Chromium/NativeMessagingHosts',
    chrome: '/Library/Google/Chrome/NativeMessagingHosts',
    edge: '/Library/Microsoft/Edge/NativeMessagingHosts',
    firefox: '/Library/Application Support/Mozilla/NativeMessagingHosts',
  },
};

const REGISTRY: Readonly<Record<Browser, string>> = {
  chromium: 'Software\\Chromium\\NativeMessagingHosts',
  chrome: 'Software\\Google\\Chrome\\NativeMessagingHosts',
  edge: 'Software\\Microsoft\\Edge\\NativeMessagingHosts',
  firefox: 'Software\\Mozilla\\NativeMessagingHosts',
};

/** Which system, whose home: given, so that every platform's places can be told on any. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** `%LOCALAPPDATA%` and `%ProgramData%` of Windows. */
  readonly localData: string;
  readonly programData: string;
}

export function surroundings(): Surroundings {
  const home = homedir();
  return {
    platform: process.platform,
    home,
    localData: process.env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'),
    programData: process.env['ProgramData'] ?? 'C:\\ProgramData',
  };
}

/** Where a browser looks for native hosts, as its makers document it. */
export function placeOf(browser: Browser, scope: Scope, { platform, home }: Surroundings): Place {
  if (platform === 'win32') {
    const hive = scope === 'user' ? 'HKCU' : 'HKLM';
    return { registryKey: `${hive}\\${REGISTRY[browser]}\\${HOST_NAME}` };
  }
  const places = platform === 'darwin' ? MACOS : LINUX;
  return { folder: scope === 'user' ? join(home, places.user[browser]) : places.system[browser] };
}

/** Where the launcher stands, and on Windows the manifests beside it. */
export function launcherFolder(scope: Scope, { platform, home, localData, programData }: Surroundings): string {
  const isUser = scope === 'user';
  if (platform === 'win32') return `${isUser ? localData : programData}\\Leasehold`;
  if (platform === 'darwin') {
    return isUser ? join(home, 'Library/Application Support/Leasehold') : '/Library/Application Support/Leasehold';
  }
  return isUser ? join(home, '.local/share/leasehold') : '/usr/local/lib/leasehold';
}
