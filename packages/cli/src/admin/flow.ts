import type { RouteName } from '@leasehold/protocol';
import type { Given, Io, Option } from '../command.js';

/** One admin flow: a call of the route table and how its request is made of what was typed. */
export interface Flow {
  readonly summary: string;
  readonly route: RouteName;
  /** Placeholders of the positional arguments. */
  readonly args?: readonly string[];
  /** Path parameters by name, each filled from the argument at this place. */
  readonly params?: Readonly<Record<string, number>>;
  readonly options?: Readonly<Record<string, Option>>;
  /** The request body; options that the route takes as a query need none, nor does a DELETE. */
  readonly body?: (given: Given, io: Io) => Promise<object> | object;
}

/** Options that a list takes as its query. */
export const filter = (...names: readonly string[]): Record<string, Option> =>
  Object.fromEntries(
    ['after', 'limit', ...names].map((name) => [name, { what: WORDS[name] ?? `Only rows by ${name}`, value: 'TEXT' }]),
  );

const WORDS: Readonly<Record<string, string>> = {
  after: 'Go on after the page that ended there',
  limit: 'How many rows',
  sort: 'Order by this column; -COLUMN turns it round',
};

/** A flow about one thing, named by its only argument. */
export const one = (name: string): Pick<Flow, 'args' | 'params'> => ({
  args: [name.toUpperCase()],
  params: { [name]: 0 },
});

/** A change that is asked nothing beside its path. */
export const nothing = (): object => ({});
