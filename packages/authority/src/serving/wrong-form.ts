import { LeaseholdError } from '@leasehold/protocol';
import type { FastifyError } from 'fastify';
import { DATE } from './known-members.js';

/** What is read here of a JSON Schema. */
interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
type Fault = NonNullable<FastifyError['validation']>[number];

/** So many places are told of at once; a file of a thousand rows may lack a member in each. */
const MOST = 100;

/** The body that a schema refused: where, and what must stand there. All that is missing is told at once. */
export function wrongForm(
  faults: readonly Fault[],
  { schema, body }: { schema: object; body: unknown },
): LeaseholdError {
  const [first] = faults;
  if (first?.keyword === 'required') return lacking(missing(body, schema, 'body'));
  return new LeaseholdError('INPUT_INVALID', 'The body is not of the right form.', {
    path: `body${first?.instancePath ?? ''}`.replaceAll('/', '.'),
    remedy: `It ${mustBe(faults)}; see /openapi.json.`,
  });
}

function lacking(paths: Iterable<string>): LeaseholdError {
  const errors: { readonly path: string; readonly detail: string }[] = [];
  for (const path of paths) {
    errors.push({ path, detail: 'is missing' });
    if (errors.length === MOST) break;
  }
  const one = errors.length < 2;
  return new LeaseholdError('INPUT_INVALID', 'The body is not of the right form.', {
    path: errors[0]?.path ?? 'body',
    remedy: one ? 'It is missing; see /openapi.json.' : 'Give what `errors` names; see /openapi.json.',
    ...(one ? {} : { errors }),
  });
}

/** Paths of the members that a value lacks, in it and in what it holds. */
function* missing(value: unknown, schema: Schema, path: string): Generator<string, void, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield* missing(item, schema.items ?? {}, `${path}.${at}`);
    return;
  }
  const given = value as Readonly<Record<string, unknown>>;
  for (const name of schema.required ?? []) if (!Object.hasOwn(given, name)) yield `${path}.${name}`;
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(given, name)) yield* missing(given[name], member, `${path}.${name}`);
  }
}

/** What must stand at the place of the first fault. Of a choice each word is a fault of its own, as is each type. */
function mustBe(faults: readonly Fault[]): string {
  const [first] = faults;
  if (first === undefined) return 'is wrong';
  const here = faults.filter(({ instancePath }) => instancePath === first.instancePath);
  const all = (keyword: string, param: string): string[] =>
    here.filter((fault) => fault.keyword === keyword).map(({ params }) => String(params[param]));
  if (first.keyword === 'const') return `must be one of ${all('const', 'allowedValue').join(', ')}`;
  if (first.keyword === 'type') return `must be ${all('type', 'type').join(' or ')}`;
  return (
    WORDS[first.keyword]?.(String(first.params['limit'] ?? first.params['pattern'])) ?? first.message ?? 'is wrong'
  );
}

const WORDS: Readonly<Record<string, (limit: string) => string>> = {
  minLength: (limit) => (limit === '1' ? 'must not be empty' : `must have at least ${limit} characters`),
  maxLength: (limit) => `must have at most ${limit} characters`,
  minItems: (limit) => `must hold at least ${limit}`,
  maxItems: (limit) => `must hold at most ${limit}`,
  maxProperties: (limit) => `must hold at most ${limit}`,
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  pattern: (pattern) => likeDate(pattern) ?? `must match ${pattern}`,
};

/** How a date is written that the pattern takes (messages/common.ts); people write them in many ways. */
function likeDate(pattern: string): string | undefined {
  if (!pattern.startsWith(DATE)) return undefined;
  const [day, instant] = ['2027-01-31', '2027-01-31T00:00:00Z'].map((like) => new RegExp(pattern).test(like));
  if (day === true) return `must be a day like 2027-01-31${instant ? ', or an instant like 2027-01-31T00:00:00Z' : ''}`;
  return instant === true ? 'must be an instant like 2027-01-31T00:00:00Z' : undefined;
}
