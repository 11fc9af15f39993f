import type { Message } from '@leasehold/protocol';
import { unavailable } from '../state/durable-file.js';
import type { UnavailableReason } from '../state/durable-file.js';
import { SEGMENT_ROWS, UsageLog } from './usage-log.js';
import { foldRows, rowOf } from './usage-rows.js';
import type { UnnumberedRow, UsageRecord } from './usage-rows.js';

export type { UsageRecord };

/** How the reports stand. `filling`: half of the bound is used, the authority was not reached for long; `folding`: the
 * bound is reached and the oldest rows become daily sums; `failing`: the disk takes no rows, they wait in memory. */
export interface UsageHealth {
  readonly state: 'ok' | 'filling' | 'folding' | 'failing';
  /** Why, when failing. */
  readonly reason?: UnavailableReason;
  /** Reports that wait for the authority, and the time of the oldest. */
  readonly waiting: number;
  readonly oldest?: string;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Reports that were none (no kind, a negative size), and lines that the disk gave back damaged. */
  readonly rejected: number;
  readonly damaged: number;
}

export interface UsageOutboxOptions {
  /** The state folder; only the process that holds its lock may write there. */
  readonly folder: string;
  /** The time to stamp a report with, ms since 1970: the trusted one. */
  readonly now: () => number;
  /** Bytes on disk from which on the oldest reports are folded; 128 MiB, about a million reports. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 134_217_728;
/** Reports made within this time share one fsync. */
const SYNC_MS = 200;

/** Usage on its way to the authority: at least once on the wire, counted once by (instance, epoch, number). Nothing here
 * throws or rejects but for a programming error: a report is never a reason for a backup to fail. */
export class UsageOutbox {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #maxBytes: number;
  #log: UsageLog | undefined;
  #unwritten: UnnumberedRow[] = [];
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failure: UnavailableReason | undefined;
  #rejected = 0;
  #folding = false;
  #closed = false;

  constructor({ folder, now, maxBytes }: UsageOutboxOptions) {
    this.#folder = folder;
    this.#now = now;
    this.#maxBytes = maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /** Opens the log on disk. Reports made before, or while the disk does not take them, wait in memory. */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      this.#log ??= await UsageLog.open(this.#folder);
      this.#write(this.#log);
      await this.#log.sync();
      this.#failure = undefined;
    });
  }

  /** Notes one use. False: it was no valid report (see `health().rejected`). */
  record(record: UsageRecord): boolean {
    const row = rowOf(record, this.#now());
    if (row === undefined) {
      this.#rejected += 1;
      return false;
    }
    this.#unwritten.push(row);
    if (this.#log !== undefined) this.#try(this.#log, (log) => this.#write(log));
    if (this.#unwritten.length > SEGMENT_ROWS) this.#unwritten = foldRows(this.#unwritten);
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.flush(), SYNC_MS).unref();
    return true;
  }

  /** Makes all reports so far outlast the power, where the disk allows it; opens the log again if it could not be. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.open();
  }

  /** What a check-in takes along: the oldest reports that are safe on disk, at most 1000; undefined when none wait. */
  batch(): Message<'UsageBatch'> | undefined {
    if (this.#log === undefined) void this.flush();
    else this.#try(this.#log, (log) => this.#write(log));
    return this.#log === undefined ? undefined : this.#try(this.#log, (log) => log.take());
  }

  /** The authority counted all of `epoch` up to `n`. */
  seen({ epoch, n }: { readonly epoch: string; readonly n: number }): Promise<void> {
    return this.#inTurn(async () => {
      await this.#log?.trim(epoch, n);
    });
  }

  /** The reports from now on get numbers of a new epoch: they are another instance's, or the machine was put back or
   * copied while this process ran (verdicts `restored`, `cloned`). Every opening begins one by itself. */
  beginEpoch(): Promise<void> {
    return this.#inTurn(async () => this.#log?.beginEpoch());
  }

  health(): UsageHealth {
    const bytes = this.#log?.bytes ?? 0;
    const oldest = this.#log?.oldest ?? this.#unwritten[0]?.at;
    return {
      state: this.#state(bytes),
      ...(this.#failure === undefined ? {} : { reason: this.#failure }),
      waiting: (this.#log?.waiting ?? 0) + this.#unwritten.length,
      ...(oldest === undefined ? {} : { oldest }),
      bytes,
      maxBytes: this.#maxBytes,
      rejected: this.#rejected,
      damaged: this.#log?.damaged ?? 0,
    };
  }

  /** Flushes and lets go of the disk. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#inTurn(async () => this.#log?.close());
    this.#log = undefined;
  }

  #state(bytes: number): UsageHealth['state'] {
    if (this.#failure !== undefined) return 'failing';
    if (bytes >= this.#maxBytes) return 'folding';
    return bytes >= this.#maxBytes / 2 ? 'filling' : 'ok';
  }

  #write(log: UsageLog): void {
    let written = 0;
    try {
      for (const row of this.#unwritten) {
        log.append(row);
        written += 1;
      }
    } finally {
      this.#unwritten.splice(0, written);
    }
    if (log.bytes > this.#maxBytes && !this.#folding) void this.#fold(log);
  }

  /** Folds until there is room again, one segment at a turn: memory stays bounded, check-ins come in between. */
  async #fold(log: UsageLog): Promise<void> {
    this.#folding = true;
    let more = true;
    while (more && log.bytes > this.#maxBytes && !this.#closed) {
      more = false;
      await this.#inTurn(async () => {
        more = await log.fold();
      });
    }
    this.#folding = false;
  }

  #inTurn(operation: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(operation).catch((cause: unknown) => {
      this.#failure = unavailable(cause).reason;
    });
    return this.#turn;
  }

  #try<T>(log: UsageLog, operation: (log: UsageLog) => T): T | undefined {
    try {
      return operation(log);
    } catch (cause) {
      this.#failure = unavailable(cause).reason;
      return undefined;
    }
  }
}
