// The programs that tests use and npm does not bring: where they are on this machine.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * One row per program: the variable that hands its path to the tests, what Debian calls it, how it is found.
 * `required` ones must be there when CI is set; tests that need a missing one skip and say why.
 */
const TOOLS = [
  { name: 'Chromium', variable: 'LEASEHOLD_CHROMIUM', debian: ['chromium'], required: true, find: findChromium },
  { name: 'Firefox', variable: 'LEASEHOLD_FIREFOX', debian: ['firefox-esr'], find: findFirefox },
  { name: 'restic', variable: 'LEASEHOLD_RESTIC', debian: ['restic'], find: () => onPath(['restic']) },
  { name: 'PostgreSQL 15+', variable: 'LEASEHOLD_POSTGRES_BIN', debian: ['postgresql'], find: findPostgres },
  { name: 'faketime', variable: 'LEASEHOLD_FAKETIME', debian: ['faketime'], find: () => onPath(['faketime']) },
  {
    name: 'a keyring',
    variable: 'LEASEHOLD_KEYRING',
    debian: ['dbus', 'gnome-keyring'],
    find: () => onPath(['dbus-run-session']) && onPath(['gnome-keyring-daemon']),
  },
  {
    name: 'libvirt and QEMU',
    variable: 'LEASEHOLD_LIBVIRT',
    debian: ['libvirt-daemon-system', 'libvirt-clients', 'qemu-system-x86'],
    find: () => onPath(['libvirtd']) && onPath(['qemu-system-x86_64']) && onPath(['virsh']),
  },
  { name: 'Japanese fonts', variable: 'LEASEHOLD_CJK_FONTS', debian: ['fonts-noto-cjk'], find: findJapaneseFont },
];

const EXECUTABLE = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of the names that is an executable on the PATH, as a full path. */
export function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.flatMap((dir) => EXECUTABLE.map((end) => join(dir, name + end))));
  return candidates.find((path) => isExecutable(path));
}

const firstThatExists = (paths) => paths.find((path) => path && existsSync(path));

const windowsPrograms = (path) =>
  ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map(
    (name) => process.env[name] && join(process.env[name], path),
  );

function findChromium() {
  return (
    firstThatExists([process.env.CHROME_PATH]) ??
    onPath(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable']) ??
    firstThatExists([
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      ...windowsPrograms('Chromium\\Application\\chrome.exe'),
      ...windowsPrograms('Google\\Chrome\\Application\\chrome.exe'),
      ...windowsPrograms('Microsoft\\Edge\\Application\\msedge.exe'),
    ])
  );
}

function findFirefox() {
  return (
    onPath(['firefox-esr', 'firefox']) ??
    firstThatExists([
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      ...windowsPrograms('Mozilla Firefox\\firefox.exe'),
    ])
  );
}

/** The bin folder of the newest PostgreSQL; Debian keeps it off the PATH. */
function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian)
        .map(Number)
        .filter((major) => major >= 15)
    : [];
  const newest = versions.sort((a, b) => b - a).map((major) => `${debian}/${major}/bin`);
  const found = newest.find((dir) => isExecutable(join(dir, 'initdb')));
  return found ?? onPath(['initdb'])?.replace(/[\\/]initdb(\.exe)?$/, '');
}

/** fontconfig's name of a font with Japanese glyphs; screenshots of the Japanese console need one. */
function findJapaneseFont() {
  try {
    const list = execFileSync('fc-list', [':lang=ja', 'family'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return list.trim().split('\n')[0] || undefined;
  } catch {
    return undefined;
  }
}

/** Every row with `path` filled in where the program was found; a path set in the environment wins. */
export function findTools() {
  return TOOLS.map((row) => ({ ...row, path: firstThatExists([process.env[row.variable]]) ?? row.find() }));
}

/** What was found, as the environment variables that tests read. */
export function toolVariables() {
  return Object.fromEntries(findTools().flatMap((row) => (row.path ? [[row.variable, row.path]] : [])));
}
