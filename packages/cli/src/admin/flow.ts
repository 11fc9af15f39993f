import type { RouteName } from '@leasehold/protocol';
import type { Given, Option } from '../command.js';

/** One admin flow: a call of the route table and how its request is made of what was typed. */
export interface Flow {
  readonly summary: string;
  readonly route: RouteName;
  /** Placeholders of the positional arguments. */
  readonly args?: readonly string[];
  /** Path parameters by name, each filled from the argument at this place. */
  readonly params?: Readonly<Record<string, number>>;
  readonly options?: Readonly<Record<string, Option>>;
  /** The request body; options that the route takes as a query need none. */
  readonly body?: (given: Given) => Promise<object> | object;
}
