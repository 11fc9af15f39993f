import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LeaseholdError, type ProblemCode } from '@leasehold/protocol';

/** What an operator can do about it, by the code of the system. */
const CAUSES: Readonly<Record<string, readonly [ProblemCode, string, string]>> = {
  ENOSPC: ['DISK_FULL', 'the disk is full', 'Free space on it, then try again.'],
  EDQUOT: ['DISK_FULL', 'the quota of this user is used up', 'Free space on it, then try again.'],
  EROFS: ['READ_ONLY_FOLDER', 'the disk is read-only', 'Mount it for writing, or name another folder with --data.'],
  EEXIST: ['INPUT_INVALID', 'there is a file in the place of a folder', 'Name a folder with --data.'],
  ENOTDIR: ['INPUT_INVALID', 'there is a file in the place of a folder', 'Name a folder with --data.'],
};

function problem(path: string, verb: 'read' | 'written', cause: unknown): LeaseholdError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const [named, why, remedy] = CAUSES[code] ?? [
    'PERMISSION_DENIED',
    code === '' ? String(cause) : code,
    'Make this user the owner of the key folder and its files, or name another folder with --data.',
  ];
  return new LeaseholdError(named, `${path} cannot be ${verb}: ${why}. Nothing was changed.`, {
    path: 'data',
    remedy,
    cause,
  });
}

/** @throws LeaseholdError PERMISSION_DENIED, READ_ONLY_FOLDER, DISK_FULL, INPUT_INVALID where it is no folder */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw problem(folder, 'written', cause);
  });
}

/** Undefined where there is none. @throws LeaseholdError as {@link makeFolder} does */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problem(path, 'read', thrown);
  }
}

/** All or nothing, for the owner alone: temp file, fsync, rename, fsync of the folder.
 * @throws LeaseholdError as {@link makeFolder} does */
export async function writeWhole(path: string, text: string): Promise<void> {
  // Several nodes of one machine may share the folder.
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writeSynced(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw problem(path, 'written', cause);
  }
  const directory = await open(dirname(path), 'r');
  await directory.sync().catch(() => undefined); // Windows cannot sync a folder
  await directory.close();
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
}
