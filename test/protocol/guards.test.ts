import { Kind, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import * as guards from '@leasehold/protocol/guards';
import { describe, expect, test } from 'vitest';
import * as messages from '../../packages/protocol/src/messages/index.js';

const schemas = Object.entries(messages as Record<string, unknown>).filter(
  (entry): entry is [string, TSchema] => Kind in (entry[1] as object),
);
const guardOf = (name: string) => (guards as unknown as Record<string, (value: unknown) => boolean>)[`is${name}`]!;

/** Texts of which each pattern of the messages takes at least one. */
const TEXTS = ['ab', '2026-11-24T03:40:00Z', '2026-11-24', '2026-11', 'usd', '*', 'a', 'x'.repeat(64)];

/** A value that a schema takes, with all that may be left out. */
function valid(schema: TSchema): unknown {
  switch (schema[Kind]) {
    case 'Object':
      return Object.fromEntries(
        Object.entries(schema['properties'] as object).map(([name, each]) => [name, valid(each)]),
      );
    case 'Array':
      return Array.from({ length: Math.max(1, schema['minItems'] ?? 0) }, () => valid(schema['items']));
    case 'Record':
      return { ab: valid(Object.values(schema['patternProperties'] as object)[0]) };
    case 'Union':
      return valid(schema['anyOf'][0]);
    case 'Intersect':
      return Object.assign({}, ...schema['allOf'].map(valid));
    case 'Literal':
      return schema['const'];
    case 'Boolean':
      return true;
    case 'Null':
      return null;
    case 'Unknown':
      return 'ab';
    case 'Integer':
    case 'Number':
      return Math.max(1, schema['minimum'] ?? 0);
    default:
      return TEXTS.find((text) =>
        schema['pattern'] ? new RegExp(schema['pattern']).test(text) : text.length >= (schema['minLength'] ?? 0),
      );
  }
}

const WRONG = [null, true, '', 'ab', 'x'.repeat(301), -1, 0, 1.5, 1e12, NaN, [], [null], {}, { ab: 'ab', AB: null }];

/** The value once with each of its parts left out, and once with each replaced by each wrong one. */
function* broken(value: unknown): Generator {
  yield* WRONG;
  if (Array.isArray(value)) {
    for (const other of broken(value[0])) yield [other];
    yield value.concat(Array.from({ length: 5001 }, () => value[0]));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      const { [name]: _without, ...rest } = value as Record<string, unknown>;
      yield rest;
      for (const other of broken(inner)) yield { ...rest, [name]: other };
    }
  }
}

describe('the guard of each message', () => {
  test.each(schemas)('%s takes what its schema takes, and nothing else', (name, schema) => {
    const guard = guardOf(name);
    const value = valid(schema);
    expect(Value.Check(schema, value)).toBe(true);
    expect(guard(value)).toBe(true);
    let refused = 0;
    for (const other of broken(value)) {
      const fits = Value.Check(schema, other);
      if (guard(other) !== fits) expect.fail(`${fits ? 'refuses' : 'takes'} ${JSON.stringify(other)?.slice(0, 400)}`);
      if (!fits) refused += 1;
    }
    expect(refused).toBeGreaterThan(5);
  });
});
