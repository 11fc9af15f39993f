import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** A line of the log: a key with its newest value, or with null once it is gone. */
type Line<Value> = readonly [key: string, value: Value | null];

/** A log is written anew when it is opened with more than this many lines for each record that still stands. */
const LINES_PER_RECORD = 4;

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (cause: unknown) => void;
}

/** Records by key that outlive a SIGKILL and a power cut: an append-only file, one checksummed line a change, and
 * everything in memory. Changes that wait together reach the disk with one sync. A disk that refused a change gets all
 * records anew with the next one: half a line must not stand before a whole one. */
export class RecordLog<Value> {
  readonly records: ReadonlyMap<string, Value>;
  readonly #records: Map<string, Value>;
  readonly #path: string;
  #file: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  private constructor(path: string, records: Map<string, Value>) {
    this.#path = path;
    this.#records = records;
    this.records = records;
  }

  /** Reads what stands. A last line that was cut short was never acknowledged and is left out. */
  static async open<Value>(path: string): Promise<RecordLog<Value>> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { lines, damaged } = linesOf<Value>(await readFile(path, 'utf8').catch(absent));
    const records = new Map<string, Value>();
    for (const [key, value] of lines) {
      if (value === null) records.delete(key);
      else records.set(key, value);
    }
    const log = new RecordLog(path, records);
    const whole = !damaged && lines.length <= LINES_PER_RECORD * (records.size + 1);
    if (whole) log.#file = await open(path, 'a', 0o600);
    return log;
  }

  /** Changes the record in memory at once; resolves when it is on disk. Rejects with the system's error. */
  put(key: string, value: Value): Promise<void> {
    this.#records.set(key, value);
    return this.#append(encode([key, value]));
  }

  remove(key: string): Promise<void> {
    this.#records.delete(key);
    return this.#append(encode([key, null]));
  }

  /** Resolves when everything that memory says is on disk. */
  settled(): Promise<void> {
    return this.#append('');
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
  }

  #append(text: string): Promise<void> {
    const saved = new Promise<void>((done, failed) => this.#waiting.push({ text, done, failed }));
    this.#writing ??= this.#drain();
    return saved;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch.map(({ text }) => text).join(''));
        for (const { done } of batch) done();
      } catch (cause) {
        const file = this.#file;
        this.#file = undefined;
        await file?.close().catch(() => undefined);
        for (const { failed } of batch) failed(cause);
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    if (this.#file === undefined) {
      await rewrite(this.#path, this.#records);
      this.#file = await open(this.#path, 'a', 0o600);
      return;
    }
    if (text === '') return;
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }
}

function encode(line: Line<unknown>): string {
  const text = JSON.stringify(line);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

function linesOf<Value>(text: string): { readonly lines: Line<Value>[]; readonly damaged: boolean } {
  const all = text.split('\n');
  const tail = all.pop();
  const lines = all.flatMap((line) => {
    const body = line.slice(9);
    return line.startsWith(`${crc32(body).toString(16).padStart(8, '0')} `) ? [JSON.parse(body) as Line<Value>] : [];
  });
  return { lines, damaged: tail !== '' || lines.length !== all.length };
}

async function rewrite<Value>(path: string, records: ReadonlyMap<string, Value>): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile([...records].map((line) => encode(line)).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

function absent(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return '';
  throw cause;
}
