import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  open,
  openSync,
  promises as files,
  readFileSync,
  writeFile,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { shortageOf } from '@leasehold/protocol';
import type { ShortageReason } from '@leasehold/protocol';

/** What the state needs of a disk. Tests put a disk here that dies or fills up. */
export interface FileSystem {
  readonly chmod: (path: string, mode: number) => Promise<void>;
  readonly close: (file: number) => Promise<void>;
  readonly mkdir: (path: string, options: { readonly mode: number }) => Promise<unknown>;
  readonly open: (path: string, flags: string, mode?: number) => Promise<number>;
  /** Writes all of `bytes` over the start of a file that was just opened by `r+`, and they outlast the power. */
  readonly overwrite: (file: number, bytes: Uint8Array) => Promise<void>;
  readonly readFile: (path: string) => Promise<Buffer>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>;
  /** Bytes of an open file. */
  readonly size: (file: number) => Promise<number>;
  readonly stat: (path: string) => Promise<{ readonly mode: number; isDirectory(): boolean }>;
  readonly sync: (file: number) => Promise<void>;
  /** All of `bytes`, from the start of a file that was just opened. */
  readonly write: (file: number, bytes: Uint8Array) => Promise<void>;
}

/** The disk of this machine. What may wait for it is done on a thread, at a price of a few system calls each time; what
 * only looks at what the system has in memory is done at once: what is read is small and was written here, and a start
 * that only reads needs no thread, which costs more than all of its reading. */
export const nodeFileSystem: FileSystem = {
  chmod: (path, mode) => files.chmod(path, mode),
  close: async (file) => closeSync(file),
  mkdir: (path, options) => files.mkdir(path, options),
  // A file or folder that is there is only looked up; to make one takes room in the disk's journal.
  open: async (path, flags, mode) => {
    if (flags === 'r+') return openSync(path, WRITE_THROUGH ?? flags);
    return flags === 'r' ? openSync(path, flags) : onThread().open(path, flags === 'wx' ? NEW_FILE : flags, mode);
  },
  overwrite: async (file, bytes) => {
    await onThread().writeFile(file, bytes);
    if (WRITE_THROUGH === undefined) await onThread().fdatasync(file).catch(unlessConfined);
  },
  readFile: async (path) => readFileSync(path),
  rename: (from, to) => files.rename(from, to),
  rm: (path, options) => files.rm(path, options),
  size: async (file) => fstatSync(file).size,
  stat: (path) => files.stat(path),
  sync: (file) => onThread().fsync(file).catch(unlessConfined),
  write: (file, bytes) => onThread().writeFile(file, bytes),
};

/** Calls that take the number of an open file; made with the first write, since a start that only reads has no use for them. */
function onThread(): ReturnType<typeof promised> {
  return (calls ??= promised());
}
let calls: ReturnType<typeof promised> | undefined;
const promised = () => ({
  fdatasync: promisify(fdatasync),
  fsync: promisify(fsync),
  open: promisify(open),
  writeFile: promisify(writeFile),
});

/** Linux writes data through in the same call where a file is opened for that (open(2)), which spares a second thread;
 * elsewhere the flag promises less than a sync. */
const WRITE_THROUGH = process.platform === 'linux' ? constants.O_RDWR | constants.O_DSYNC : undefined;

/** Node's permission model takes the calls that sync from a process (20.20, 22.22, 25.3): a new file is written through
 * there, and what else is written outlasts the power by what the system does by itself. */
const { O_CREAT, O_EXCL, O_SYNC, O_WRONLY } = constants;
const NEW_FILE =
  (process as { readonly permission?: object }).permission === undefined ? 'wx' : O_WRONLY | O_CREAT | O_EXCL | O_SYNC;

/** Throws any other error than that of a call which Node's permission model takes away. */
export function unlessConfined(error: unknown): void {
  if (errorCode(error) !== CONFINED) throw error;
}

/** What Node's permission model answers. */
export const CONFINED = 'ERR_ACCESS_DENIED';

/** Why a folder cannot be used now, in words that tell an admin what to change. */
export type UnavailableReason =
  | 'not_permitted'
  | 'read_only'
  | 'disk_full'
  | 'not_a_folder'
  | 'not_a_file'
  | 'io_error'
  | ShortageReason;

export interface Unavailable {
  readonly outcome: 'unavailable';
  readonly reason: UnavailableReason;
  readonly cause: unknown;
}

const REASONS: Readonly<Record<string, UnavailableReason>> = {
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
  ERR_ACCESS_DENIED: 'not_permitted',
  EROFS: 'read_only',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  ENOTDIR: 'not_a_folder',
  EEXIST: 'not_a_folder',
  EISDIR: 'not_a_file',
  // Where a folder is made with all those above it: a link on the way leads nowhere.
  ENOENT: 'not_a_folder',
  ELOOP: 'not_a_folder',
  ENAMETOOLONG: 'not_a_folder',
};

export function unavailable(cause: unknown): Unavailable {
  const code = errorCode(cause);
  return { outcome: 'unavailable', reason: shortageOf(code)?.reason ?? REASONS[code] ?? 'io_error', cause };
}

/** The system's code of an error (`ENOENT`), or an empty text. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** Makes `folder` with mode 700, or tightens the one that is there: nobody else has business in it. */
export async function ownFolder(fs: FileSystem, folder: string): Promise<void> {
  await makeFolder(fs, folder);
  const found = await fs.stat(folder);
  if (!found.isDirectory()) throw Object.assign(new Error(`${folder} is no folder.`), { code: 'ENOTDIR' });
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) await fs.chmod(folder, 0o700);
}

/** Not by `recursive`: where a folder takes no others (a `/proc`) and says that it is not there, that tries without end. */
async function makeFolder(fs: FileSystem, folder: string): Promise<void> {
  const make = (): Promise<unknown> =>
    fs.mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(fs, parent);
    await make();
  }
}

/** Puts `bytes` in place of `folder/name` with mode 600, whole or not at all, also when the power goes: temporary file,
 * fsync, rename, fsync of the folder. Throws the system's error; the former file is then still there. */
export async function replaceFile(fs: FileSystem, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `${name}.tmp`);
  try {
    await writeNew(fs, temporary, bytes);
    await fs.rename(temporary, join(folder, name));
  } catch (error) {
    // On a full disk the half-written file is what fills it.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(fs, folder);
}

/** Writes `bytes` over the equally long ones of `folder/name`, and they outlast the power when it resolves: a fifth of
 * what `replaceFile` costs, since the disk's journal has nothing to do with it. The power may leave a mixture of both:
 * for a file that proves itself and whose former bytes nobody needs. False, and nothing is written, where the file is of
 * another length: somebody put another one in its place. */
export async function overwriteFile(fs: FileSystem, folder: string, name: string, bytes: Uint8Array): Promise<boolean> {
  const file = await fs.open(join(folder, name), 'r+');
  try {
    if ((await fs.size(file)) !== bytes.length) return false;
    await fs.overwrite(file, bytes);
    return true;
  } finally {
    await fs.close(file);
  }
}

async function writeNew(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await newFile(fs, path);
  try {
    await fs.write(file, bytes);
    await fs.sync(file);
  } finally {
    await fs.close(file);
  }
}

/** A leftover of a killed process may have been planted or opened by another: it is removed, never written to. */
async function newFile(fs: FileSystem, path: string): Promise<number> {
  try {
    return await fs.open(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    await fs.rm(path, { force: true });
    return fs.open(path, 'wx', 0o600);
  }
}

/** Makes renames and removals in `folder` last. Windows has no such call and needs none: NTFS journals its names. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await fs.open(folder, 'r');
  try {
    await fs.sync(file);
  } finally {
    await fs.close(file);
  }
}
