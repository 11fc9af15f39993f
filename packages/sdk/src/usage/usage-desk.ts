import { LeaseholdError } from '@leasehold/protocol';
import type { Message } from '@leasehold/protocol';
import type { UsageCarrier } from '../lease/contact.js';
import type { Role } from '../state/ownership.js';
import type { ProblemLog } from '../problem-log.js';
import type { UsageHealth, UsageOutbox, UsageRecord } from './usage-outbox.js';

/** So many reports wait in memory while the folder is not ours; the latest count. */
const MAX_WAITING = 1000;

/** Takes usage reports whoever writes the folder: into the outbox where that is us, else into memory until it is. */
export class UsageDesk implements UsageCarrier {
  readonly #make: () => UsageOutbox;
  #made: UsageOutbox | undefined;
  readonly #role: () => Role;
  readonly #problems: ProblemLog;
  #waiting: UsageRecord[] = [];
  /** Reports that are none, and the oldest where too many wait. */
  #lost = 0;

  /** `outbox` is called once, when there is something to do for it. */
  constructor(outbox: () => UsageOutbox, role: () => Role, problems: ProblemLog) {
    this.#make = outbox;
    this.#role = role;
    this.#problems = problems;
  }

  get #outbox(): UsageOutbox {
    return (this.#made ??= this.#make());
  }

  /** Opens the outbox once the folder is ours, with what has waited. */
  async open(): Promise<void> {
    if (this.#role() !== 'owner') return;
    await this.#outbox.open();
    if (this.#handOn()) this.#problems.cured('usage');
  }

  /** Never throws: a report is no reason for a backup to fail. */
  record(given: UsageRecord): void {
    const record = copyOf(given);
    if (record === undefined) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(record);
    if (this.#role() === 'owner' && this.#handOn()) return;
    if (this.#role() === 'pending') return;
    if (this.#waiting.length > MAX_WAITING) this.#lost += this.#waiting.splice(0, 1).length;
    this.#problems.note('usage', waitsInMemory());
  }

  /** Gives what waits to the outbox. False, and all of it waits on, where that cannot even be loaded: a process that has no
   * file left to open reads no part of this package either. */
  #handOn(): boolean {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#outbox.record(next);
        this.#waiting.shift();
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves when what was recorded so far outlasts the power, where the disk allows it. */
  async flush(): Promise<void> {
    if (this.#role() === 'owner') await this.#outbox.flush();
  }

  health(): UsageHealth {
    const health = this.#outbox.health();
    const waiting = health.waiting + this.#waiting.length;
    return { ...health, waiting, rejected: health.rejected + this.#lost };
  }

  batch(): Message<'UsageBatch'> | undefined {
    return this.#role() === 'owner' && this.#handOn() ? this.#outbox.batch() : undefined;
  }

  async beginEpoch(): Promise<void> {
    if (this.#role() === 'owner') await this.#outbox.beginEpoch();
  }

  seen(mark: { readonly epoch: string; readonly n: number }): Promise<void> {
    return this.#outbox.seen(mark);
  }

  async close(): Promise<void> {
    await this.open();
    if (this.#role() === 'owner') await this.#outbox.close();
  }
}

/** As it is now: a program may use one object for all of its reports. */
function copyOf(record: unknown): UsageRecord | undefined {
  try {
    return typeof record === 'object' && record !== null ? ({ ...record } as UsageRecord) : undefined;
  } catch {
    return undefined;
  }
}

function waitsInMemory(): LeaseholdError {
  return new LeaseholdError(
    'STATE_UNAVAILABLE',
    'Usage reports wait in memory: the state folder is not ours to write.',
    {
      remedy: 'Report usage from the process that holds the state folder, or make the folder writable.',
    },
  );
}
