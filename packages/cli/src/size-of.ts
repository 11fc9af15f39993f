import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes in a file, or in all files below a folder; links are not followed. What cannot be read counts as nothing. */
export async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.isFile() ? found.size : 0;
  const names = await readdir(path).catch(() => []);
  let sum = 0;
  for (const name of names) sum += await sizeOf(join(path, name));
  return sum;
}
