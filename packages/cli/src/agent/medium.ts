import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import { unwritable, writeWholeFile } from '../write-file.js';

/** What lies on a boot medium, each in a file of its own below `leasehold/`. */
export interface MediumFiles {
  readonly passport?: string;
  readonly keyset?: string;
  readonly voucher?: string;
}

const FOLDER = 'leasehold';
const NAMES = ['passport', 'keyset', 'voucher'] as const;
const pathOf = (medium: string, name: (typeof NAMES)[number]): string => join(medium, FOLDER, `${name}.jws`);

/** Writes files onto a medium, each whole or not at all: a stick may be pulled at any time. The keyset comes first, so that
 * what is verified by it never lies there without. Answers their paths.
 * @throws LeaseholdError INPUT_INVALID, DISK_FULL, READ_ONLY_FOLDER, PERMISSION_DENIED */
export async function writeMedium(medium: string, files: MediumFiles): Promise<string[]> {
  await assertFolder(medium);
  const folder = join(medium, FOLDER);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(folder, cause) ?? cause;
  });
  const given = NAMES.filter((name) => files[name] !== undefined);
  for (const name of given.toSorted(keysetFirst)) await writeWholeFile(pathOf(medium, name), `${files[name]}\n`, 0o644);
  return given.map((name) => pathOf(medium, name));
}

const keysetFirst = (one: string, other: string): number => Number(other === 'keyset') - Number(one === 'keyset');

/** What lies on a medium; a file that is not there is left out. A mistyped path is no medium without a stamp.
 * @throws LeaseholdError INPUT_INVALID, PERMISSION_DENIED */
export async function readMedium(medium: string): Promise<MediumFiles> {
  await assertFolder(medium);
  const files: Partial<Record<(typeof NAMES)[number], string>> = {};
  for (const name of NAMES) {
    const text = await readFile(pathOf(medium, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
      throw new LeaseholdError('PERMISSION_DENIED', `${pathOf(medium, name)} cannot be read.`, {
        path: 'medium',
        cause,
      });
    });
    if (text !== undefined) files[name] = text.trim();
  }
  return files;
}

/** @throws LeaseholdError INPUT_INVALID */
export async function assertFolder(medium: string): Promise<void> {
  const isFolder = await stat(medium).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new LeaseholdError('INPUT_INVALID', `${medium} is no folder.`, {
    path: 'medium',
    remedy: 'Name the folder that the medium is mounted at, or that its image is made of.',
  });
}
