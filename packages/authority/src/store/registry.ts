import { LeaseholdError } from '@leasehold/protocol';
import { migrations as known, type Migration } from './migrations/index.js';
import type { ChangedRow, Reader, Tx } from './tx.js';

/** A change: whole in one transaction, awaiting nothing but `tx`. What it returns is committed; what it throws rolls
 * it back alone. `now` is epoch milliseconds, read once by the caller. */
// oxlint-disable-next-line typescript/no-explicit-any -- the bound of a registry's members; each keeps its own types
export type Command<Input = any, Outcome = unknown> = (tx: Tx, input: Input, now: number) => Promise<Outcome>;

/** A question. It changes nothing and answers in bounded time: one slice of a list, never the list. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type Query<Input = any, Answer = unknown> = (tx: Reader, input: Input) => Promise<Answer>;

/** All that a store can do, by name. Functions cannot travel to the storage worker, so the worker imports `module`
 * again and finds the same registry there under the export name `registry`. */
export interface Registry<
  Commands extends Readonly<Record<string, Command>> = Readonly<Record<string, Command>>,
  Queries extends Readonly<Record<string, Query>> = Readonly<Record<string, Query>>,
> {
  readonly module: string;
  readonly commands: Commands;
  readonly queries: Queries;
  /** The schema that they speak of. */
  readonly migrations: readonly Migration[];
  readonly project: Projection | undefined;
}

/** Keeps tables that are derived from others, in the transaction that changes them: called after a command with the
 * rows that its journal lines say changed, before these get their numbers. */
export type Projection = (tx: Tx, account: string, rows: readonly ChangedRow[], now: number) => Promise<void>;

export interface RegistryOptions {
  readonly migrations?: readonly Migration[];
  readonly project?: Projection;
}

/** Names the commands and queries of a store. Call it as
 * `export const registry = defineRegistry(import.meta.url, commands, queries)`, in a module whose import does nothing
 * else: the storage worker imports it too. */
export function defineRegistry<
  Commands extends Readonly<Record<string, Command>>,
  Queries extends Readonly<Record<string, Query>>,
>(
  module: string,
  commands: Commands,
  queries: Queries,
  { migrations = known, project }: RegistryOptions = {},
): Registry<Commands, Queries> {
  return { module, commands, queries, migrations, project };
}

/** The member of that name; INTERNAL when there is none, also for names that every object has (`constructor`). */
export function memberOf<Member>(members: Readonly<Record<string, Member>>, name: string): Member {
  const member = Object.hasOwn(members, name) ? members[name] : undefined;
  if (member === undefined) throw new LeaseholdError('INTERNAL', `The store knows no ${name}.`);
  return member;
}

export type CommandInput<R extends Registry, N extends keyof R['commands']> = Parameters<R['commands'][N]>[1];
export type CommandOutcome<R extends Registry, N extends keyof R['commands']> = Awaited<ReturnType<R['commands'][N]>>;
export type QueryInput<R extends Registry, N extends keyof R['queries']> = Parameters<R['queries'][N]>[1];
export type QueryAnswer<R extends Registry, N extends keyof R['queries']> = Awaited<ReturnType<R['queries'][N]>>;
