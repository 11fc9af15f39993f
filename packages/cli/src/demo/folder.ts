import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const MEGABYTE = 1024 * 1024;

/** Files that backups get wrong when they get something wrong: large, empty, deep, and with names of several scripts. */
const FILES: Readonly<Record<string, () => Uint8Array | string>> = {
  'database.img': () => randomBytes(8 * MEGABYTE),
  'empty.txt': () => '',
  'reports/2026/june.csv': () => Array.from({ length: 5000 }, (_, i) => `${i};${i * 17};paid`).join('\n'),
  'a/b/c/d/e/f/g/deep.txt': () => 'seven folders down\n',
  'Übergröße & 見積書.txt': () => 'names in several scripts\n',
};

/** Writes the folder that the story backs up. */
export async function writeDemoFolder(folder: string): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content());
  }
}

/** Bytes and files below a folder. */
export async function measure(folder: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const contents = await contentsOf(folder);
  return { files: contents.size, bytes: [...contents.values()].reduce((sum, content) => sum + content.length, 0) };
}

/** Paths whose content differs between two folders, or that only one of them has; [] when they are equal byte for byte. */
export async function differences(left: string, right: string): Promise<string[]> {
  const [a, b] = await Promise.all([contentsOf(left), contentsOf(right)]);
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) === undefined || b.get(path)?.equals(a.get(path) as Buffer) !== true);
}

async function contentsOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map(async (file) => [relative(folder, file), await readFile(file)] as const);
  return new Map(await Promise.all(contents));
}
