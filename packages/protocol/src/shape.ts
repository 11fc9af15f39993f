/** What a value has to be: the words that generated/guards.ts writes the messages in. */
export type Shape = (value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const bool: Shape = (value) => typeof value === 'boolean';

export function text(most = Infinity, least = 0): Shape {
  return (value) => typeof value === 'string' && value.length >= least && value.length <= most;
}

export function fits(pattern: RegExp): Shape {
  return (value) => typeof value === 'string' && pattern.test(value);
}

export function number(least = -Infinity, most = Infinity): Shape {
  return (value) => Number.isFinite(value) && (value as number) >= least && (value as number) <= most;
}

export function integer(least = -Infinity, most = Infinity): Shape {
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

export function oneOf(...values: readonly unknown[]): Shape {
  return (value) => values.includes(value);
}

export function any(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((is) => is(value));
}

export function all(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.every((is) => is(value));
}

export function orNull(is: Shape): Shape {
  return (value) => value === null || is(value);
}

export function list(is: Shape, most = Infinity, least = 0): Shape {
  return (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(is);
}

/** An object with these members, and these where they are not left out; what else it has is nobody's concern. */
export function object(
  members: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value) =>
    isObject(value) &&
    Object.keys(members).every((name) => members[name]!(value[name])) &&
    Object.keys(optional).every((name) => value[name] === undefined || optional[name]!(value[name]));
}

/** An object whose members are all of one shape, with names of any form or of this one. */
export function record(is: Shape = () => true, names = /^/, most = Infinity): Shape {
  return (value) =>
    isObject(value) &&
    Object.keys(value).length <= most &&
    Object.keys(value).every((name) => names.test(name) && is(value[name]));
}

/** Put together when it is asked for the first time: most processes see few of the messages. */
export function later(make: () => Shape): Shape {
  let made: Shape | undefined;
  return (value) => (made ??= make())(value);
}
