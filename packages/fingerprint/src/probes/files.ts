import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ABSENT } from './reading.js';
import type { Source } from './reading.js';

/** Reads system files below one root folder, `/` on a real machine. Never throws: a file that cannot be read is absent or
 * not permitted. */
export class SystemFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The file's text, one character for each byte where it is binary. Only the first `limit` bytes: `/proc/cpuinfo` of a
   * large server takes longer to produce than everything else together. */
  async read(path: string, encoding: 'utf8' | 'latin1' = 'utf8', limit = 65_536): Promise<Source> {
    try {
      const file = await open(join(this.#root, path), 'r');
      try {
        const buffer = Buffer.alloc(limit);
        let size = 0;
        for (;;) {
          const { bytesRead } = await file.read(buffer, size, limit - size, null);
          size += bytesRead;
          if (bytesRead === 0 || size === limit) break;
        }
        return { state: 'value', raw: buffer.toString(encoding, 0, size) };
      } finally {
        await file.close();
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'EACCES' || code === 'EPERM' ? { state: 'not_permitted' } : ABSENT;
    }
  }

  /** The trimmed text, or undefined where there is none to read. */
  async text(path: string, limit?: number): Promise<string | undefined> {
    const source = await this.read(path, 'utf8', limit);
    if (source.state !== 'value') return undefined;
    return source.raw.replaceAll('\0', ' ').trim();
  }

  async exists(path: string): Promise<boolean> {
    return stat(join(this.#root, path)).then(
      () => true,
      () => false,
    );
  }

  async list(path: string): Promise<string[]> {
    return readdir(join(this.#root, path)).then(
      (names) => names.sort(),
      () => [],
    );
  }

  /** Where a link leads, undefined where it leads nowhere. */
  async follow(path: string): Promise<string | undefined> {
    return realpath(join(this.#root, path)).catch(() => undefined);
  }
}
