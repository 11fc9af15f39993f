import type { ReplyOf, RouteName } from '@leasehold/protocol';
import type { adminCommands } from '../admin-commands.js';
import { byOf, type Call } from '../serving/call.js';
import type { Changed } from '../serving/changes.js';
import type { Position } from '../store/index.js';

type Name = keyof typeof adminCommands;
type InputOf<N extends Name> = Parameters<(typeof adminCommands)[N]>[1]['input'];
type OutcomeOf<N extends Name> = Awaited<ReturnType<(typeof adminCommands)[N]>>;

/** Carries out a change and answers where the journal stands and what came of it. */
export async function make<N extends Name, R extends RouteName>(
  call: Call<R>,
  name: N,
  input: InputOf<N>,
): Promise<{ readonly at: { epoch: number; seq: number }; readonly outcome: OutcomeOf<N> }> {
  const { store } = call.services;
  const { outcome, positions } = await store.execute(name, { by: byOf(call), input } as never, call.now);
  const done = outcome as OutcomeOf<N> & Changed<unknown>;
  const { epoch, seq }: Position = positions[0] ?? done.head;
  return { at: { epoch, seq }, outcome: done };
}

/** Carries out a change whose reply is the decision and the id of what it made. */
export async function changed<N extends Name, R extends RouteName>(
  call: Call<R>,
  name: N,
  input: InputOf<N>,
): Promise<ReplyOf<'poolCreate'>> {
  const { at, outcome } = await make(call, name, input);
  const { decision, result } = outcome as Changed<{ readonly id?: string }>;
  const id = result?.id;
  return { ...at, decision: plain(decision), dryRun: result === null, ...(id === undefined ? {} : { id }) };
}

/** The decision as the wire types spell it: the same values, without `readonly`. */
export function plain(decision: Changed<unknown>['decision']): ReplyOf<'poolCreate'>['decision'] {
  return structuredClone(decision) as ReplyOf<'poolCreate'>['decision'];
}

/** A parameter of the path. */
export function param<R extends RouteName>(call: Call<R>, name: string): string {
  return call.params[name]!;
}
