import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import type { Services } from '../services.js';
import { backUp } from '../store/index.js';
import { Rounds } from './rounds.js';

/** Verified copies of the database, made while it is served. SQLite alone: PostgreSQL has its own tools. */
export interface BackupOptions {
  /** The folder that they are in, best on another disk. It is made where it is not there. */
  readonly folder: string;
  /** From one to the next; 24 by default. */
  readonly everyHours?: number;
  /** How many stay; 7 by default. */
  readonly keep?: number;
}

const HOUR = 3_600_000;
/** `authority-2026-11-23T02-00-00Z.db`, and what a copy that was broken off left of one. */
const NAME = /^authority-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.db(\.partial.*)?$/;

/** Makes a backup whenever the last one is old enough, and lets the oldest go. One that fails is told and tried again in an
 * hour; what was there stays. */
export class Backups {
  readonly #services: Services;
  readonly #rounds = new Rounds(() => this.#look());
  #dueAt = -Infinity;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Rejects with OPTIONS_INVALID where there can be none. */
  async start(): Promise<void> {
    const { settings, store } = this.#services;
    if (settings.backups === undefined) return;
    if (store.engine !== 'sqlite') throw noBackups('PostgreSQL is backed up with its own tools, as by pg_basebackup.');
    const { folder, everyHours } = settings.backups;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const last = (await this.#made()).at(-1);
      if (last !== undefined) this.#dueAt = last.at + everyHours * HOUR;
      for (const name of await readdir(folder)) if (NAME.exec(name)?.[2]) await rm(join(folder, name));
    } catch (cause) {
      throw noBackups(`The folder of the backups cannot be used: ${(cause as Error).message}.`);
    }
    this.#rounds.start(settings.timedWorkSeconds);
  }

  /** Begins none more, and waits for the one under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #look(): Promise<void> {
    const { store, settings } = this.#services;
    const { folder, everyHours } = settings.backups!;
    const now = settings.now();
    // A clock that stood ahead may have made the last one: that does not keep the next from its time.
    if (now < this.#dueAt && this.#dueAt - now <= everyHours * HOUR) return;
    this.#dueAt = now + HOUR;
    try {
      const { file, accounts } = await backUp(store, join(folder, nameAt(now)), now);
      this.#dueAt = now + everyHours * HOUR;
      const rows = accounts.reduce((sum, account) => sum + account.rows, 0);
      settings.log({ level: 'info', event: 'backup.made', file, rows });
      await this.#thin();
    } catch (thrown) {
      const code = LeaseholdError.is(thrown) ? thrown.code : 'INTERNAL';
      settings.log({ level: 'error', event: 'backup.failed', code, message: (thrown as Error).message });
    }
  }

  async #thin(): Promise<void> {
    const { folder, keep } = this.#services.settings.backups!;
    for (const { name } of (await this.#made()).slice(0, -keep)) await rm(join(folder, name));
  }

  /** Whole ones, the oldest first: one that a clock which stood ahead has dated is older than what was made since. */
  async #made(): Promise<{ readonly name: string; readonly at: number }[]> {
    const { backups, now } = this.#services.settings;
    const names = await readdir(backups!.folder);
    const made = names.flatMap((name) => {
      const [, stamp, partial] = NAME.exec(name) ?? [];
      return stamp === undefined || partial !== undefined ? [] : [{ name, at: timeOf(stamp) }];
    });
    const isAhead = (at: number): number => Number(at > now());
    return made.toSorted((one, other) => isAhead(other.at) - isAhead(one.at) || one.at - other.at);
  }
}

/** Without colons, which no file of Windows may have in its name. */
function nameAt(now: number): string {
  return `authority-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z.db`;
}

function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'));
}

function noBackups(message: string): LeaseholdError {
  const remedy = 'Name a folder that the authority may write to, or leave the backups out.';
  return new LeaseholdError('OPTIONS_INVALID', message, { path: 'backups', remedy });
}
