import { LeaseholdError, type RouteRow } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import { isDay, isIso } from '@leasehold/terms';

/** What is read here of a JSON Schema; those of the messages have no other form that names members. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: object;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const SCHEMAS = schemas as unknown as Readonly<Record<string, Schema>>;

/** Refuses what a person's request names and nobody knows: passed over, a mistyped `dryRun` would change what was only to
 * be looked at, and a mistyped filter would leave all there is. Agents may say more than this authority knows: they may be
 * newer than it.
 * @throws LeaseholdError INPUT_INVALID with the path, and the names that are known there */
export function assertKnown(row: RouteRow, { query, body }: { readonly query: object; readonly body: unknown }): void {
  if (row.access === 'public' || row.access === 'device') return;
  assertNames(Object.keys(query), queryNames(row), 'query');
  assertOnce(query);
  const { dryRun, sort } = query as { readonly dryRun?: string; readonly sort?: string };
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
    throw new LeaseholdError('INPUT_INVALID', 'dryRun is true or false.', { path: 'query.dryRun' });
  }
  assertSort(row, sort);
  if (row.request !== undefined && body !== undefined) assertMembers(body, SCHEMAS[row.request]!, 'body');
}

function queryNames({ query = [], sort, method }: RouteRow): readonly string[] {
  return [...query, ...(sort === undefined ? [] : ['sort']), ...(method === 'GET' ? [] : ['dryRun'])];
}

function assertMembers(value: unknown, schema: Schema, path: string): void {
  if (typeof value === 'string') assertDate(value, schema, path);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, at) => assertMembers(item, schema.items ?? {}, `${path}.${at}`));
    return;
  }
  const known = membersOf(schema);
  if (known === undefined) return;
  assertNames(Object.keys(value), Object.keys(known), path);
  for (const [name, member] of Object.entries(value)) assertMembers(member, known[name]!, `${path}.${name}`);
}

/** How the patterns of days and instants begin. */
export const DATE = '^\\d{4}-\\d{2}-\\d{2}';

/** A date has its form and stands in the calendar: of the 30th of February nobody could say whether it is over. */
function assertDate(value: string, { pattern = '', anyOf = [] }: Schema, path: string): void {
  anyOf.forEach((part) => assertDate(value, part, path));
  if (!pattern.startsWith(DATE) || !new RegExp(pattern).test(value)) return;
  if (!isDay(value) && !isIso(value)) throw notInCalendar(value, path);
}

export function notInCalendar(date: string, path: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `The calendar has no ${date}.`, {
    path,
    remedy: 'Give a day like 2027-01-31, or an instant like 2027-01-31T00:00:00Z.',
  });
}

/** The members that an object may have; undefined where it may have any. */
function membersOf({ properties, patternProperties, anyOf = [], allOf = [] }: Schema): Schema['properties'] {
  const parts = [...anyOf, ...allOf].map(membersOf).filter((part) => part !== undefined);
  if (patternProperties !== undefined || (properties === undefined && parts.length === 0)) return undefined;
  return Object.assign({}, ...parts, properties);
}

function assertNames(names: readonly string[], known: readonly string[], path: string): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const like = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  const all = known.length === 0 ? 'Nothing is known here.' : `Known here: ${known.join(', ')}.`;
  throw new LeaseholdError('INPUT_INVALID', 'Nobody knows what the request names there.', {
    path: `${path}.${unknown}`.slice(0, 300),
    remedy: like === undefined ? all : `Did you mean ${like}?`,
  });
}

/** Of two values only one could count, and nobody said which. */
function assertOnce(query: object): void {
  const twice = Object.entries(query).find(([, value]) => Array.isArray(value));
  if (twice === undefined) return;
  throw new LeaseholdError('INPUT_INVALID', 'The parameter is given more than once.', {
    path: `query.${twice[0]}`,
    remedy: 'Give it once, or leave it out.',
  });
}

/** A list is sorted by its columns, and by nothing else. */
function assertSort({ sort: columns = [] }: RouteRow, sort: string | undefined): void {
  if (sort === undefined || columns.includes(sort.replace(/^-/, ''))) return;
  const known =
    columns.length === 0 ? 'This list has one order.' : `It is one of ${columns.join(', ')}; -NAME turns it round.`;
  throw new LeaseholdError('INPUT_INVALID', 'The list cannot be sorted by that.', {
    path: 'query.sort',
    remedy: known,
  });
}
