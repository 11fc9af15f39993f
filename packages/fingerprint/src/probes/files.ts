import { closeSync, existsSync, openSync, readSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { ABSENT } from './reading.js';
import type { Source } from './reading.js';

/** Of the system, and of Node's permission model. */
const NOT_PERMITTED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ERR_ACCESS_DENIED']);

/** Reads system files below one root folder, `/` on a real machine. Never throws: a file that cannot be read is absent or
 * not permitted. They are the kernel's memory and a few lines of text, so they are read at once: handing each to another
 * thread costs a start ten times what reading it does. */
export class SystemFiles {
  readonly #root: string;
  #buffer: Buffer = Buffer.alloc(8192);

  constructor(root: string) {
    // Not by `join` for each file: that looks at every letter.
    this.#root = root.endsWith('/') ? root : `${root}/`;
  }

  /** The file's text, one character for each byte where it is binary. Only the first `limit` bytes: `/proc/cpuinfo` of a
   * large server takes longer to produce than everything else together. */
  read(path: string, encoding: 'utf8' | 'latin1' = 'utf8', limit = 65_536): Source {
    try {
      // Most of these files are on few machines: to look first is a fifth of what an error costs.
      if (statSync(this.#root + path, { throwIfNoEntry: false }) === undefined) return ABSENT;
      return { state: 'value', raw: this.#bytes(path, limit).toString(encoding) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return NOT_PERMITTED.has(code ?? '') ? { state: 'not_permitted' } : ABSENT;
    }
  }

  /** The trimmed text, or undefined where there is none to read. */
  text(path: string, limit?: number): string | undefined {
    const source = this.read(path, 'utf8', limit);
    if (source.state !== 'value') return undefined;
    return source.raw.replaceAll('\0', ' ').trim();
  }

  exists(path: string): boolean {
    // Node's permission model lets even this call throw.
    try {
      return existsSync(this.#root + path);
    } catch {
      return false;
    }
  }

  list(path: string): string[] {
    try {
      return readdirSync(this.#root + path).sort();
    } catch {
      return [];
    }
  }

  /** Where a link leads, undefined where it leads nowhere. */
  follow(path: string): string | undefined {
    try {
      return realpathSync.native(this.#root + path);
    } catch {
      return undefined;
    }
  }

  /** A view of the one buffer that all reads share; it holds until the next read. */
  #bytes(path: string, limit: number): Buffer {
    const file = openSync(this.#root + path, 'r');
    try {
      let size = 0;
      while (size < limit) {
        if (size === this.#buffer.length) this.#grow();
        const room = Math.min(limit, this.#buffer.length) - size;
        const bytesRead = readSync(file, this.#buffer, size, room, null);
        if (bytesRead === 0) break;
        size += bytesRead;
      }
      return this.#buffer.subarray(0, size);
    } finally {
      closeSync(file);
    }
  }

  #grow(): void {
    this.#buffer = Buffer.concat([this.#buffer], this.#buffer.length * 4);
  }
}
