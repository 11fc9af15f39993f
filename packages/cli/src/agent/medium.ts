import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';

/** What lies on a boot medium, each in a file of its own below `leasehold/`. */
export interface MediumFiles {
  readonly passport?: string;
  readonly keyset?: string;
  readonly voucher?: string;
}

const FOLDER = 'leasehold';
const NAMES = ['passport', 'keyset', 'voucher'] as const;
const pathOf = (medium: string, name: (typeof NAMES)[number]): string => join(medium, FOLDER, `${name}.jws`);

/** Writes files onto a medium, each whole or not at all: a stick may be pulled at any time. Answers their paths.
 * @throws LeaseholdError INPUT_INVALID, PERMISSION_DENIED */
export async function writeMedium(medium: string, files: MediumFiles): Promise<string[]> {
  await assertFolder(medium);
  const written: string[] = [];
  try {
    await mkdir(join(medium, FOLDER), { recursive: true });
    for (const name of NAMES) {
      const text = files[name];
      if (text === undefined) continue;
      await replace(pathOf(medium, name), `${text}\n`);
      written.push(pathOf(medium, name));
    }
  } catch (cause) {
    throw new LeaseholdError('PERMISSION_DENIED', `${medium} cannot be written.`, {
      path: 'medium',
      remedy: 'Check that the medium is not write-protected or full.',
      cause,
    });
  }
  return written;
}

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

async function assertFolder(medium: string): Promise<void> {
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

async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.tmp`, 'w', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}
