import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { LeaseholdError, type ProblemCode } from '@leasehold/protocol';

/** What the system's codes mean for whoever typed the command. */
const CAUSES: Readonly<Record<string, readonly [ProblemCode, string, string]>> = {
  ENOSPC: ['DISK_FULL', 'the disk is full', 'Free space on it, then try again.'],
  EDQUOT: ['DISK_FULL', 'the quota of this user is used up', 'Free space on it, then try again.'],
  EROFS: ['READ_ONLY_FOLDER', 'the disk is read-only', 'Mount it for writing, or name another place.'],
  EACCES: ['PERMISSION_DENIED', 'this user may not', 'Check the folder and its permissions.'],
  EPERM: ['PERMISSION_DENIED', 'this user may not', 'Check the folder and its permissions.'],
  ENOENT: ['PERMISSION_DENIED', 'its folder is not there', 'Make the folder first, or check the path.'],
  ENOTDIR: ['PERMISSION_DENIED', 'there is a file in the place of a folder', 'Check the path.'],
  EEXIST: ['PERMISSION_DENIED', 'there is a file in the place of a folder', 'Check the path.'],
  EISDIR: ['PERMISSION_DENIED', 'it is a folder', 'Name a file.'],
};

/** Why a file could not be written; undefined for what no system call said. */
export function unwritable(file: string | undefined, error: unknown): LeaseholdError | undefined {
  const { code = '', path = 'A file' } = error as NodeJS.ErrnoException;
  const known = CAUSES[code];
  if (known === undefined) return undefined;
  const [named, why, remedy] = known;
  const options = { ...(file === undefined ? {} : { path: file }), remedy, cause: error };
  return new LeaseholdError(named, `${file ?? path} cannot be written: ${why}.`, options);
}

/** Writes a file whole or not at all: what was there before stays until then. A device, a pipe or a link (`/dev/stdout`)
 * is written to, never replaced. @throws LeaseholdError */
export async function writeWholeFile(file: string, text: string, mode: number): Promise<void> {
  const there = await lstat(file).catch(() => undefined);
  const isPlain = there === undefined || there.isFile();
  const temporary = `${file}.${process.pid}.new`;
  try {
    // Whatever stands under that name was planted, or left by a process that was killed: it is never written to.
    if (isPlain) await rm(temporary, { force: true });
    await writeFile(isPlain ? temporary : file, text, { mode, ...(isPlain ? { flag: 'wx', flush: true } : {}) });
    if (isPlain) await rename(temporary, file);
  } catch (cause) {
    if (isPlain) await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(file, cause) ?? cause;
  }
}

/** Writes a file that is not there yet: an existing key is never overwritten, and of one that could not be written nothing
 * stays. @throws LeaseholdError CONFLICT where it is there */
export async function writeNewFile(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, `${text}\n`, { flag: 'wx', mode, flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      const remedy = 'Choose another name; it was left as it is.';
      throw new LeaseholdError('CONFLICT', `${file} is there already.`, { path: file, remedy, cause });
    }
    await rm(file, { force: true }).catch(() => undefined);
    throw unwritable(file, cause) ?? cause;
  }
}
