import type { EventType, Message } from '@leasehold/protocol';

/** What a statement may be given. Booleans are 0 or 1: the two engines agree on nothing else. */
export type SqlValue = string | number | null;
export type SqlParams = readonly SqlValue[];

/** A row as both engines give it back: text, number (epoch milliseconds included) or null. */
export type SqlRow = Record<string, SqlValue>;

/** What a query may do. `?` marks a parameter in either dialect; inside quotes it is a plain character. */
export interface Reader {
  /** Every row of the statement's result. */
  all<Row = SqlRow>(sql: string, params?: SqlParams): Promise<Row[]>;
  /** The first row, or undefined. */
  get<Row = SqlRow>(sql: string, params?: SqlParams): Promise<Row | undefined>;
}

/** What a command may do, and the only thing that it may await. */
export interface Tx extends Reader {
  /** Runs a statement that changes rows; answers how many it changed. */
  run(sql: string, params?: SqlParams): Promise<number>;
  /** No other command runs until this one is committed (SQLite): what only keeps others waiting can be left out. */
  readonly alone: boolean;
  /** What is written after the command's own statements (see tail.ts); filled by `appendJournal` and its like. */
  readonly tail: Tail;
}

/** One table row as every page shows it, or null when it is gone. */
export interface ChangedRow {
  readonly table: Message<'JournalPayload'>['rows'][number]['table'];
  readonly id: string;
  readonly row: object | null;
  /** Nothing changed by which it is filtered, searched or counted: derived tables stay as they are. */
  readonly sameIndex?: true;
}

/** One line of the journal, before it has a number. `subject` and `actor` are ids: whatever can name a person belongs
 * into `details` and `rows`, which can be erased without breaking the chain (design section 5). */
export interface JournalEntry {
  /** What happened, noun first: `instance.activated`, `pool.quota_changed`. */
  readonly type: EventType;
  /** What it happened to. */
  readonly subject: { readonly type: string; readonly id: string };
  /** Who did it: `admin:<id>`, `instance:<id>`, `system`. */
  readonly actor: string;
  /** The company whose people may see it, by default that of its rows; null = the operator's only. */
  readonly companyId?: string | null;
  /** What the sentence about it needs. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The rows as they stand after the change, so that a reader upserts them and never asks again. */
  readonly rows: readonly ChangedRow[];
}

/** A committed place in an account's journal: the feed number is (epoch, seq). */
export interface Position {
  readonly account: string;
  readonly epoch: number;
  readonly seq: number;
}

/** The end of a transaction, kept back so that the rows on which all commands of an account meet (its journal head)
 * are held as briefly as possible. */
export interface Tail {
  readonly journal: { readonly account: string; readonly entry: JournalEntry }[];
  /** Accounts whose journal must not have moved since the command read them: account to sequence (see serialize). */
  readonly unmoved: Map<string, number>;
}

export function newTail(): Tail {
  return { journal: [], unmoved: new Map() };
}

const readBefore = new WeakMap<Reader, Map<string, Promise<unknown>>>();

/** What a command asks for more than once and does not change itself: what it read first stands for the whole of it. */
export function readOnce<T>(reader: Reader, key: string, read: () => Promise<T>): Promise<T> {
  // A transaction is its command's own; a reader may serve many.
  if (!('tail' in reader)) return read();
  const known = readBefore.get(reader) ?? new Map<string, Promise<unknown>>();
  readBefore.set(reader, known);
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found as Promise<T>;
}

/** Thrown inside a transaction whose ground moved under it: the engine rolls it back and runs the whole of it again. */
export class RunAgain extends Error {}
