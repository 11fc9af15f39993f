import { promises, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the state needs of a disk. Tests put a disk here that dies or fills up. */
export interface FileSystem {
  readonly chmod: (path: string, mode: number) => Promise<void>;
  readonly mkdir: (path: string, options: { readonly mode: number }) => Promise<unknown>;
  readonly open: (path: string, flags: string, mode?: number) => Promise<FileHandle>;
  readonly readFile: (path: string) => Promise<Buffer>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>;
  readonly stat: (path: string) => Promise<{ readonly mode: number; isDirectory(): boolean }>;
}

/** The disk of this machine. What is read is small and was written here: it is read at once, because a start that only
 * reads then needs neither `node:fs/promises` nor a thread, which cost more than all of its reading. */
export const nodeFileSystem: FileSystem = {
  readFile: async (path) => readFileSync(path),
  chmod: (path, mode) => promises.chmod(path, mode),
  mkdir: (path, options) => promises.mkdir(path, options),
  open: (path, flags, mode) => promises.open(path, flags, mode),
  rename: (from, to) => promises.rename(from, to),
  rm: (path, options) => promises.rm(path, options),
  stat: (path) => promises.stat(path),
};

/** Why a folder cannot be used now, in words that tell an admin what to change. */
export type UnavailableReason = 'not_permitted' | 'read_only' | 'disk_full' | 'not_a_folder' | 'io_error';

export interface Unavailable {
  readonly outcome: 'unavailable';
  readonly reason: UnavailableReason;
  readonly cause: unknown;
}

const REASONS: Readonly<Record<string, UnavailableReason>> = {
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
  EROFS: 'read_only',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  ENOTDIR: 'not_a_folder',
  EEXIST: 'not_a_folder',
};

export function unavailable(cause: unknown): Unavailable {
  return { outcome: 'unavailable', reason: REASONS[errorCode(cause)] ?? 'io_error', cause };
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
    const file = await newFile(fs, temporary);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, join(folder, name));
  } catch (error) {
    // On a full disk the half-written file is what fills it.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(fs, folder);
}

/** A leftover of a killed process may have been planted or opened by another: it is removed, never written to. */
async function newFile(fs: FileSystem, path: string): Promise<FileHandle> {
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
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
