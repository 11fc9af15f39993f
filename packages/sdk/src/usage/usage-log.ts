import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeFileSystem, ownFolder, replaceFile, unlessConfined } from '../state/durable-file.js';
import { encodeRow, foldRows } from './usage-rows.js';
import type { UnnumberedRow, UsageRow } from './usage-rows.js';
import { listSegments, nameOf, newEpoch, readSegment } from './usage-segments.js';
import type { Segment } from './usage-segments.js';

/** The most rows in a segment, and in a batch (protocol: UsageBatch). */
export const SEGMENT_ROWS = 1000;
/** A new epoch begins before numbers end (protocol: Count). */
const LAST_NUMBER = 999_000_000;
const NO_HEAD = { segments: [], rows: [] };

/** The rows on disk, in segments. A row is with the system when `append` returns, so that a killed process loses none;
 * `sync` makes it outlast the power. All methods throw the system's errors and leave the log as it was. One call of an
 * asynchronous method at a time. */
export class UsageLog {
  readonly #folder: string;
  #closed: readonly Segment[] = [];
  #closedBytes = 0;
  /** The segment that is written: its rows in memory, its bytes so far. */
  #active: Segment;
  #rows: UsageRow[] = [];
  #bytes = 0;
  #fd: number;
  #unsynced: Set<number> = new Set();
  #next: number;
  /** The oldest rows, as many as fit in a batch; what was sent is always among them, so they are never folded. Undefined
   * while they are read. */
  #head: { readonly segments: readonly Segment[]; readonly rows: readonly UsageRow[] } | undefined = NO_HEAD;
  readonly #seen: Map<string, number> = new Map();
  readonly #damaged: Map<Segment, number> = new Map();

  private constructor(folder: string, closed: Segment[], place: Segment) {
    this.#folder = folder;
    this.#keep(closed);
    this.#next = place.first;
    this.#active = place;
    this.#fd = this.#create(place);
  }

  /** Opens the log of a folder. Every opening begins an epoch: whether the folder was put back to an earlier state since
   * the last one cannot be told from inside, and then numbers would be given a second time for other rows. */
  static async open(folder: string): Promise<UsageLog> {
    await ownFolder(nodeFileSystem, folder);
    const closed = await listSegments(folder);
    const last = closed.at(-1);
    if (last === undefined) return new UsageLog(folder, [], firstSegment(1, 1, newEpoch()));
    const { rows, damaged } = await readSegment(folder, last);
    const next = damaged > 0 ? last.first + SEGMENT_ROWS : (rows.at(-1)?.n ?? last.first - 1) + 1;
    const log = new UsageLog(folder, closed, firstSegment(last.order + 1, next, newEpoch()));
    await log.#loadHead();
    return log;
  }

  /** Lines that did not read back. */
  get damaged(): number {
    return [...this.#damaged.values()].reduce((sum, lines) => sum + lines, 0);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#closedBytes + this.#bytes;
  }

  /** Numbers given and not yet acknowledged: the rows that wait, and more where some were folded. */
  get waiting(): number {
    const first = this.#closed[0]?.first ?? this.#active.first;
    return Math.max(0, this.#next - Math.max(first, (this.#seen.get(this.#active.epoch) ?? 0) + 1));
  }

  /** The time of the oldest row that waits. */
  get oldest(): string | undefined {
    return this.#closed.length > 0 ? this.#head?.rows[0]?.at : this.#rows[0]?.at;
  }

  /** Numbers the row and hands it to the system. */
  append(row: UnnumberedRow): void {
    if (this.#rows.length >= SEGMENT_ROWS) this.#rotate();
    const numbered = { n: this.#next, ...row };
    const line = Buffer.from(encodeRow(numbered));
    try {
      if (writeSync(this.#fd, line, 0, line.length, this.#bytes) !== line.length) {
        throw Object.assign(new Error('The row did not fit.'), { code: 'ENOSPC' });
      }
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#unsynced.add(this.#fd);
    this.#bytes += line.length;
    this.#rows.push(numbered);
    this.#next += 1;
  }

  /** Makes what was appended outlast the power. */
  async sync(): Promise<void> {
    for (const fd of this.#unsynced) {
      const upTo = this.#next;
      await promisify(fdatasync)(fd).catch(unlessConfined);
      if (fd === this.#fd && this.#next !== upTo) continue;
      this.#unsynced.delete(fd);
      if (fd !== this.#fd) closeSync(fd);
    }
  }

  /** The oldest rows that outlast the power, at most one batch of one epoch; the same ones again until `trim`. */
  take(): { readonly epoch: string; readonly records: UsageRow[] } | undefined {
    // A number that the authority saw must never be given again: nothing leaves that the power could take back.
    for (const fd of this.#unsynced) syncNow(fd);
    if (this.#closed.length === 0) this.#rotate();
    const epoch = this.#head?.segments[0]?.epoch;
    if (this.#head === undefined || epoch === undefined) return undefined;
    const seen = this.#seen.get(epoch) ?? 0;
    const records = this.#head.rows.filter(({ n }) => n > seen);
    return records.length === 0 ? undefined : { epoch, records };
  }

  /** Forgets the rows of `epoch` up to `n`: the authority counted them. */
  async trim(epoch: string, n: number): Promise<void> {
    this.#seen.set(epoch, Math.max(n, this.#seen.get(epoch) ?? 0));
    const done = this.#closed.filter((segment, at) => segment.epoch === epoch && this.#lastOf(at) <= n);
    if (done.length === 0) return;
    // What is removed while it is open still fills the disk.
    await this.sync();
    for (const segment of done) await rm(join(this.#folder, nameOf(segment)), { force: true });
    const gone = new Set(done);
    this.#keep(this.#closed.filter((segment) => !gone.has(segment)));
    await this.#loadHead();
  }

  /** Folds the oldest segment that cannot have been sent into daily sums; false when there is none. The sums take the last
   * numbers of the rows they stand for, so that they are counted once and in order like any row. */
  async fold(): Promise<boolean> {
    const head = this.#head?.segments ?? this.#closed;
    const at = this.#closed.findIndex((segment) => segment.stage === 'rows' && !head.includes(segment));
    const segment = this.#closed[at];
    if (segment === undefined) return false;
    const { rows, damaged } = await readSegment(this.#folder, segment);
    const sums = foldRows(rows);
    const first = (rows.at(-1)?.n ?? segment.first) - sums.length + 1;
    const text = Buffer.from(sums.map((sum, k) => encodeRow({ n: first + k, ...sum })).join(''));
    const folded: Segment = { ...segment, stage: 'sums', bytes: text.length };
    await replaceFile(nodeFileSystem, this.#folder, nameOf(folded), text);
    this.#keep(this.#closed.with(at, folded));
    this.#damaged.set(folded, damaged);
    await rm(join(this.#folder, nameOf(segment)), { force: true });
    return true;
  }

  /** From now on rows belong to a new epoch. */
  beginEpoch(): void {
    this.#rotate(firstSegment(this.#active.order + 1, this.#next > LAST_NUMBER ? 1 : this.#next, newEpoch()));
  }

  async close(): Promise<void> {
    await this.sync();
    closeSync(this.#fd);
  }

  #create(segment: Segment): number {
    return openSync(join(this.#folder, nameOf(segment)), 'w', 0o600);
  }

  #rotate(to: Segment = firstSegment(this.#active.order, this.#next, this.#active.epoch)): void {
    if (to.first > LAST_NUMBER) return this.beginEpoch();
    // Nothing was written yet, and the new segment takes the same place.
    if (nameOf(to) === nameOf(this.#active)) return;
    const fd = this.#create(to);
    if (!this.#unsynced.has(this.#fd)) closeSync(this.#fd);
    if (this.#rows.length === 0) rmSync(join(this.#folder, nameOf(this.#active)), { force: true });
    else {
      const full = { ...this.#active, bytes: this.#bytes };
      if (this.#closed.length === 0) this.#head = { segments: [full], rows: this.#rows };
      this.#keep([...this.#closed, full]);
    }
    this.#fd = fd;
    this.#active = to;
    this.#rows = [];
    this.#bytes = 0;
    this.#next = to.first;
  }

  /** Numbers run on over all segments, so the next one's first tells this one's last. */
  #lastOf(at: number): number {
    const after = this.#closed[at + 1] ?? this.#active;
    return after.first >= (this.#closed[at]?.first ?? 0) ? after.first - 1 : LAST_NUMBER + SEGMENT_ROWS;
  }

  /** Asked for at each report: a long backlog is not added up again each time. */
  #keep(closed: readonly Segment[]): void {
    this.#closed = closed;
    this.#closedBytes = closed.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #loadHead(): Promise<void> {
    this.#head = undefined;
    const segments: Segment[] = [];
    const rows: UsageRow[] = [];
    for (const segment of this.#closed) {
      if (segments[0] !== undefined && segment.epoch !== segments[0].epoch) break;
      const read = await readSegment(this.#folder, segment);
      this.#damaged.set(segment, read.damaged);
      if (read.rows.length === 0) await this.#putAside(segment);
      else if (rows.length > 0 && rows.length + read.rows.length > SEGMENT_ROWS) break;
      else {
        segments.push(segment);
        rows.push(...read.rows);
      }
    }
    this.#head = { segments, rows };
  }

  /** A segment of which nothing reads back is evidence, and must not stand in the way of the rows after it. */
  async #putAside(segment: Segment): Promise<void> {
    const file = join(this.#folder, nameOf(segment));
    if (segment.bytes === 0) await rm(file, { force: true });
    else await rename(file, `${file}.damaged`);
    this.#keep(this.#closed.filter((other) => other !== segment));
  }
}

function syncNow(fd: number): void {
  try {
    fdatasyncSync(fd);
  } catch (error) {
    unlessConfined(error);
  }
}

function firstSegment(order: number, first: number, epoch: string): Segment {
  return { order, first, epoch, stage: 'rows', bytes: 0 };
}
