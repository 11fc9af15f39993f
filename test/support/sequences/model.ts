import { expect } from 'vitest';
import type { Agent, Site } from './site.js';
import { FIRST_POOLABLE, FIRST_SEATS, FIRST_SINGLE } from './start.js';

/** What the sequence itself keeps, by rules of its own: who holds a license, and how client access licenses are given
 * out. The authority's answers are held against it. */
export interface Model {
  /** Licenses of instances by id: the instance or domain that holds each. */
  readonly single: Map<string, string | null>;
  readonly seats: string[];
  readonly itPro: string[];
  readonly grants: string[];
  readonly enrollments: string[];
  readonly sessions: { readonly id: string; readonly jkt: string }[];
  readonly poolable: Map<string, { readonly type: PoolType; readonly obm: number; pooled: boolean }>;
  readonly pools: Map<string, { readonly type: PoolType; obm: number }>;
  readonly keys: Map<string, { readonly pool: string; obm: number }>;
  readonly orders: Order[];
  /** Machines that wait to boot, and licenses that moved, with the machine that each went to. */
  readonly standbys: string[];
  readonly moves: { readonly license: string; readonly machine: string }[];
}

/** What was ordered, and where its payment stands. */
export interface Order {
  readonly id: string;
  readonly brings: 'single' | 'seats' | 'poolable' | 'nothing';
  readonly quantity: number;
  /** Of poolable licenses. */
  readonly type: PoolType;
  readonly obm: number;
  readonly total: number;
  status: 'open' | 'paid' | 'void' | 'refunded';
}
export type PoolType = 'OEM' | 'Standard';

/** As the authority stands after `prepare`. */
export function newModel(): Model {
  return {
    single: new Map(FIRST_SINGLE.map((id) => [id, null])),
    seats: FIRST_SEATS.slice(0, 3),
    itPro: FIRST_SEATS.slice(3),
    grants: [],
    enrollments: [],
    sessions: [],
    poolable: new Map(FIRST_POOLABLE.map(({ id, type, cals }) => [id, { type, obm: cals.obm, pooled: id === 'pl0' }])),
    pools: new Map([['pool0', { type: 'OEM', obm: 6 }]]),
    keys: new Map([['key0', { pool: 'pool0', obm: 3 }]]),
    orders: [],
    standbys: [],
    moves: [],
  };
}

/** Two small numbers say of whom an action speaks; they are taken round the number of those that there are. */
export type Act = (site: Site, model: Model, a: number, b: number) => Promise<void>;

export const some = <Value>(values: Iterable<Value>, n: number): Value | undefined => {
  const all = [...values];
  return all.length === 0 ? undefined : all[n % all.length];
};
export const agentOf = (site: Site, n: number): Agent => site.agents[n % site.agents.length]!;
export const obm = (list: Iterable<{ readonly obm: number }>): number =>
  [...list].reduce((sum, one) => sum + one.obm, 0);
export const COMPANIES = [null, 'north', 'south'];

/** After something moved: every license is where it was, or went from one of `from` to `to` (null: given back). */
export async function followHolders(
  site: Site,
  { single }: Model,
  from: readonly (string | null)[],
  to: string | null,
): Promise<void> {
  for (const { id, assigned_to: now } of await site.store.read('holders', { account: site.account })) {
    const before = single.get(id) ?? null;
    if (now === before) continue;
    expect([from.includes(before), now], `holder of ${id}`).toEqual([true, to]);
    single.set(id, now);
  }
}
