import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { errorCode, nodeFileSystem, overwriteFile, ownFolder, replaceFile, unavailable } from './durable-file.js';
import type { FileSystem, Unavailable } from './durable-file.js';
import { SEAL_BYTES, STORE_KEY_BYTES, openState, sealKeys, sealState } from './state-seal.js';
import type { SealDamage, SealKeys } from './state-seal.js';

export type DamageReason = SealDamage | 'unreadable' | 'key_missing' | 'key_damaged';

/** One file that does not open, and why. It is kept aside as `<file>.damaged` when its place is written again. */
interface DamagedFile {
  readonly file: string;
  readonly reason: DamageReason;
}

/** What a read answers. `found` with entries in `damaged`: the newer generation may be lost, so treat what was found as
 * possibly rolled back. Nothing but `found` ever carries a value. */
export type StateOutcome =
  | {
      readonly outcome: 'found';
      readonly value: unknown;
      readonly generation: number;
      readonly damaged: readonly DamagedFile[];
    }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'damaged'; readonly reason: DamageReason; readonly damaged: readonly DamagedFile[] }
  | Unavailable;

export type WriteOutcome = { readonly outcome: 'written'; readonly generation: number } | Unavailable;

export interface StateStoreOptions {
  /** Absolute path; made with mode 700 at the first write. */
  readonly folder: string;
  /** Stable identity of this machine (`stateBinding` of the fingerprint); empty where it has none. Copied files do not
   * open under another one. It stops copying, not root. */
  readonly binding: string;
  readonly fs?: FileSystem;
  readonly random?: (size: number) => Buffer;
}

/** Without it no document of the folder opens. */
export const STORE_KEY_FILE = 'store.key';
const SLOTS = ['a', 'b'] as const;
type Slot = (typeof SLOTS)[number];
/** Files grow by so many bytes, so that the next generation nearly always fits into the place of the one before the last. */
const BLOCK = 1024;

interface Written {
  readonly slot: Slot;
  readonly generation: number;
}

interface Scan {
  readonly newest?: { readonly slot: Slot; readonly generation: number; readonly text: Buffer };
  readonly damaged: readonly (DamagedFile & { readonly slot: Slot })[];
}

/** A file that the disk does not hand out. `lost`: something else stands in its place; else it may come back. */
interface Unreadable {
  readonly lost: boolean;
  readonly cause: unknown;
}

/** The sealed documents of one folder. Each document has two generations, `<name>.a` and `<name>.b`, written in turn, so
 * that one good file is there at every instant; the newest that opens counts. One process writes (state-lock.ts).
 *
 * A process makes both files anew once, by temporary file and rename; from then on it writes each in place. Whatever the
 * power leaves of the one being written, its seal tells, and the other is whole and was on disk before. */
export class StateStore {
  readonly #folder: string;
  readonly #binding: string;
  readonly #fs: FileSystem;
  readonly #random: (size: number) => Buffer;
  #queue: Promise<unknown> = Promise.resolve();
  /** The folder is there, and closed to others: seen to with the first write. */
  #isOurs = false;
  /** The generations that this process wrote last: nobody else writes, so they need not be read for the next ones. */
  readonly #written: Map<string, Written> = new Map();
  /** Bytes of the files that this process made and may overwrite. */
  readonly #overwritable: Map<string, number> = new Map();
  /** Derived once: that costs more than to open a document with them. */
  #derived: { readonly from: Buffer; readonly keys: SealKeys } | undefined;

  constructor(options: StateStoreOptions) {
    this.#folder = options.folder;
    this.#binding = options.binding;
    this.#fs = options.fs ?? nodeFileSystem;
    this.#random = options.random ?? randomBytes;
  }

  /** Reads the newest good generation of `name`. Changes nothing on disk; never rejects. */
  read(name: string): Promise<StateOutcome> {
    return this.#inTurn(async () => {
      const key = await this.#readKey();
      if (key === 'missing' || key === 'damaged') return this.#readWithoutKey(name, key);
      const keys = this.#derive(key);
      let scan = await this.#scan(name, keys);
      // The process that writes the folder may have been in the middle of it.
      if (scan.damaged.length > 0) scan = await this.#scan(name, keys);
      const { newest, damaged } = scan;
      if (newest !== undefined) {
        const value: unknown = JSON.parse(newest.text.toString());
        return { outcome: 'found', value, generation: newest.generation, damaged };
      }
      const worst = damaged[0];
      return worst === undefined ? { outcome: 'absent' } : { outcome: 'damaged', reason: worst.reason, damaged };
    });
  }

  /** Writes `value` (JSON) as the next generation of `name`: on disk for good when this resolves. Never rejects; when
   * the disk refuses, the last generation is still there. */
  write(name: string, value: unknown): Promise<WriteOutcome> {
    return this.#inTurn(async () => {
      if (!this.#isOurs) return this.#writeFirst(name, value);
      try {
        return await this.#write(name, value);
      } catch (error) {
        // Somebody took the folder away while we ran.
        if (errorCode(error) !== 'ENOENT') throw error;
        return this.#writeFirst(name, value);
      }
    });
  }

  async #writeFirst(name: string, value: unknown): Promise<WriteOutcome> {
    this.#written.clear();
    this.#overwritable.clear();
    await ownFolder(this.#fs, this.#folder);
    this.#isOurs = true;
    return this.#write(name, value);
  }

  async #write(name: string, value: unknown): Promise<WriteOutcome> {
    const keys = this.#derive(await this.#keyForWriting());
    const former = this.#written.get(name) ?? (await this.#former(name, keys));
    const generation = former.generation + 1;
    const slot: Slot = former.slot === 'a' ? 'b' : 'a';
    const bytes = sealState(keys, name, generation, inBlocks(JSON.stringify(value)), this.#random(12));
    await this.#put(`${name}.${slot}`, bytes);
    this.#written.set(name, { slot, generation });
    return { outcome: 'written', generation };
  }

  async #put(file: string, bytes: Buffer): Promise<void> {
    const fits = this.#overwritable.get(file) === bytes.length;
    // Until it is whole, nothing is to be written over it.
    this.#overwritable.set(file, 0);
    const isWritten = fits && (await overwriteFile(this.#fs, this.#folder, file, bytes));
    if (!isWritten) await replaceFile(this.#fs, this.#folder, file, bytes);
    this.#overwritable.set(file, bytes.length);
  }

  /** The generation that the next one follows; what does not open in its place is kept. */
  async #former(name: string, keys: SealKeys): Promise<Written> {
    const { newest, damaged } = await this.#scan(name, keys);
    const former: Written = newest ?? { slot: 'b', generation: 0 };
    const next: Slot = former.slot === 'a' ? 'b' : 'a';
    if (damaged.some((file) => file.slot === next)) await this.#keepAside(`${name}.${next}`);
    return former;
  }

  /** One operation at a time, and a disk's error as an outcome. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T | Unavailable> {
    const turn = this.#queue.then(operation).catch(unavailable);
    this.#queue = turn;
    return turn;
  }

  async #scan(name: string, keys: SealKeys): Promise<Scan> {
    let newest: Scan['newest'];
    let failed: Unreadable | undefined;
    const damaged: (DamagedFile & { readonly slot: Slot })[] = [];
    for (const slot of SLOTS) {
      const file = `${name}.${slot}`;
      const bytes = await this.#readFile(file);
      if (bytes === undefined) continue;
      if (!Buffer.isBuffer(bytes) && !bytes.lost) failed ??= bytes;
      const opened = Buffer.isBuffer(bytes) ? openState(keys, name, bytes) : 'unreadable';
      if (typeof opened === 'string') damaged.push({ file, reason: opened, slot });
      else if (newest === undefined || opened.generation > newest.generation) newest = { slot, ...opened };
    }
    if (newest !== undefined) return { newest, damaged };
    // What the disk may hand out again is neither given up nor written over.
    if (failed !== undefined) throw failed.cause;
    return { damaged };
  }

  /** Without its key nothing opens; only a folder without any document is a fresh one. */
  async #readWithoutKey(name: string, key: 'missing' | 'damaged'): Promise<StateOutcome> {
    const reason = key === 'missing' ? 'key_missing' : 'key_damaged';
    const damaged: DamagedFile[] = [];
    for (const slot of SLOTS) {
      const file = `${name}.${slot}`;
      if ((await this.#readFile(file)) !== undefined) damaged.push({ file, reason });
    }
    return damaged.length === 0 ? { outcome: 'absent' } : { outcome: 'damaged', reason, damaged };
  }

  async #readKey(): Promise<Buffer | 'missing' | 'damaged'> {
    const bytes = await this.#readFile(STORE_KEY_FILE);
    if (bytes === undefined) return 'missing';
    // A key that the disk does not hand out may come back: never replace it for that.
    if (!Buffer.isBuffer(bytes)) throw bytes.cause;
    return bytes.length === STORE_KEY_BYTES ? bytes : 'damaged';
  }

  #derive(key: Buffer): SealKeys {
    if (this.#derived?.from.equals(key) !== true) this.#derived = { from: key, keys: sealKeys(key, this.#binding) };
    return this.#derived.keys;
  }

  async #keyForWriting(): Promise<Buffer> {
    const key = await this.#readKey();
    if (key !== 'missing' && key !== 'damaged') return key;
    if (key === 'damaged') await this.#keepAside(STORE_KEY_FILE);
    const fresh = this.#random(STORE_KEY_BYTES);
    await replaceFile(this.#fs, this.#folder, STORE_KEY_FILE, fresh);
    return fresh;
  }

  /** Undefined where there is no such file; throws where the folder or file may not be read at all. */
  async #readFile(file: string): Promise<Buffer | Unreadable | undefined> {
    try {
      return await this.#fs.readFile(join(this.#folder, file));
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT') return undefined;
      // A bad sector, or a folder in the file's place: the other generation may be well.
      if (code === 'EISDIR') return { lost: true, cause: error };
      if (code === 'EIO' || code === 'EBADMSG') return { lost: false, cause: error };
      throw error;
    }
  }

  /** A file that does not open is evidence, and may open again (the machine id was unreadable for a while). */
  async #keepAside(file: string): Promise<void> {
    await this.#fs.rename(join(this.#folder, file), join(this.#folder, `${file}.damaged`));
  }
}

/** A text of JSON, with spaces after it until its sealed file is so many whole blocks. */
function inBlocks(json: string): Buffer {
  const size = Buffer.byteLength(json) + SEAL_BYTES;
  const text = Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK - SEAL_BYTES, ' ');
  text.write(json);
  return text;
}
