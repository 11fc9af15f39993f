import { ENGINE, type Catalog } from './catalog.js';
import { rowOf, TERMS } from './catalog-rows.js';
import { catalogs } from './decide.js';
import { actionsOf } from './facts.js';
import type { Profile } from './model.js';
import { TermsError } from './problem.js';
import {
  count,
  days,
  expect,
  flag,
  fraction,
  isRecord,
  listOf,
  mapOf,
  notNegative,
  object,
  oneOf,
  optional,
  positive,
  text,
  wrong,
  type Check,
  type Place,
} from './reading.js';
import { citations, sources } from './reasons/citations.js';

type Plain = Readonly<Record<string, unknown>>;

const SYSTEMS = ['windows_server', 'windows_client', 'linux', 'macos'];
const larger = optional(mapOf(listOf(text)));

const editions = object({
  byOs: keyedBy(SYSTEMS, text),
  cloud: text,
  host: text,
  clientHost: text,
  node: text,
  technician: text,
  serves: larger,
});

const instanceTypes = object({
  byOs: keyedBy([...SYSTEMS, 'unknown'], text),
  otherwise: text,
  only: keyedBy([...SYSTEMS, 'unknown'], listOf(text)),
  serves: larger,
});

const policy = object({
  graceDays: object({ perpetual: days, subscription: days, trial: days, rental: days, pooled: days }),
  overuse: optional(object({ percent: notNegative, count })),
  subscriptionTargetHost: oneOf('as_6_1', 'strict'),
  allowGlobalFallback: flag,
  lmpLockout: oneOf('read_only', 'literal'),
  fingerprintThreshold: fraction,
  staleDays: days,
  warnDays: listOf(days),
  shortageGraceDays: days,
  parallelDays: days,
  releaseReuse: optional(oneOf('after_lease', 'at_once')),
});

const citation = object({ source: text, section: text, lines: optional(text), same: optional(text) });
const price = object({ edition: text, term: oneOf(...TERMS), price: notNegative });
const CAUSE = /^\S+ (allow|(warn|refuse) [A-Z0-9_]+|needs)$/;

/** Reads a vendor's catalog: the same schema and the same closed set of kinds as the built-in ones. Returns the same value.
 * @throws TermsError CATALOG_TOO_NEW, CATALOG_INVALID with the first path that is wrong (`catalog.rules.backup[3].kind`) */
export function readCatalog(input: unknown): Catalog {
  const [problem] = catalogProblems(input);
  if (problem !== undefined) throw problem;
  return input as Catalog;
}

/** Everything that is wrong with a vendor's catalog, each with its path; empty when it can be used. */
export function catalogProblems(input: unknown): readonly TermsError[] {
  const place: Place = { path: 'catalog' };
  const head = object({ engine: positive, profile: oneOf(...Object.keys(catalogs)) });
  const unreadable = problemOf(head, input, place);
  // Asked first: what a later engine understands may look like anything to this one.
  const engine = isRecord(input) ? input['engine'] : undefined;
  if (typeof engine === 'number' && engine > ENGINE) {
    return [new TermsError('CATALOG_TOO_NEW', 'catalog.engine', `needs engine ${engine}, this is ${ENGINE}`)];
  }
  if (unreadable !== undefined) return [unreadable];
  const catalog = input as Plain;
  return [...membersOf(catalog), ...rowsOf(catalog)].flatMap(
    ([check, value, path]) => problemOf(check, value, { path }) ?? [],
  );
}

type Task = readonly [check: Check, value: unknown, path: string];

function problemOf(check: Check, value: unknown, place: Place): TermsError | undefined {
  try {
    check(value, place);
    return undefined;
  } catch (error) {
    if (error instanceof TermsError) return error;
    throw error;
  }
}

/** Everything but the rows. */
function membersOf(catalog: Plain): readonly Task[] {
  const profile = catalog['profile'] as Profile;
  const ids = rowIds(catalog);
  const named = [...stringsOf(catalog['editions']), ...stringsOf(catalog['instanceTypes'])];
  const cited = keyedBy(new Set(ids), citation);
  const titles = { ...sources, ...(isRecord(catalog['sources']) && catalog['sources']) };
  const checks: Readonly<Record<string, Check>> = {
    id: text,
    version: text,
    policy,
    // What the kinds of a profile ask for by name.
    editions: profile === 'aip' ? editions : optional(editions),
    instanceTypes: profile === 'msp' ? instanceTypes : optional(instanceTypes),
    sources: optional(mapOf(text)),
    citations: optional(both(cited, mapOf(object({ source: oneOf(...Object.keys(titles)) })))),
    messages: optional(mapOf(causes(ids))),
    prices: optional(listOf(named.length === 0 ? price : both(price, object({ edition: oneOf(...named) })))),
  };
  return Object.entries(checks).map(([name, check]) => [check, catalog[name], `catalog.${name}`]);
}

/** Every row by itself, so that one that is wrong does not hide the next. */
function rowsOf(catalog: Plain): readonly Task[] {
  const profile = catalog['profile'] as Profile;
  const known = isRecord(catalog['citations']) ? catalog['citations'] : {};
  const cited = object({
    id: expect(
      (id) => Object.hasOwn(known, String(id)) || citations.has(String(id)),
      'a rule with a citation: add it to citations',
    ),
  });
  const byAction = keyedBy(actionsOf(profile), listOf(object({})));
  const lists: Task[] = [
    [both(byAction, opensRestores), catalog['rules'], 'catalog.rules'],
    [byAction, catalog['tempers'], 'catalog.tempers'],
    [listOf(object({})), catalog['cover'], 'catalog.cover'],
  ];
  const rows = (['rules', 'cover', 'tempers'] as const).flatMap((list) => {
    const row = both(rowOf(list, profile), cited);
    return placesOf(catalog[list], `catalog.${list}`).map(([value, path]): Task => [row, value, path]);
  });
  return [...lists, ...rows];
}

/** D-1: a restore is never closed, by no catalog. */
function opensRestores(rules: unknown, place: Place): void {
  const [first] = placesOf((rules as Plain)['restore'], '');
  const kind = isRecord(first?.[0]) ? first[0]['kind'] : undefined;
  if (typeof kind !== 'string' || !kind.startsWith('restore.'))
    wrong({ path: `${place.path}.restore` }, 'must begin with a row that opens restores (D-1)');
}

/** The rows of a list, or of the lists of every action, with their paths. */
function placesOf(rows: unknown, path: string): readonly (readonly [row: unknown, path: string])[] {
  if (Array.isArray(rows)) return rows.map((row, n): [unknown, string] => [row, `${path}[${n}]`]);
  if (!isRecord(rows)) return [];
  return Object.entries(rows).flatMap(([action, list]) =>
    Array.isArray(list) ? placesOf(list, `${path}.${action}`) : [],
  );
}

function rowIds(catalog: Plain): readonly string[] {
  const rows = ['rules', 'cover', 'tempers'].flatMap((list) => placesOf(catalog[list], ''));
  return [...new Set(rows.flatMap(([row]) => (isRecord(row) && typeof row['id'] === 'string' ? [row['id']] : [])))];
}

/** Sentence and remedy by cause, of rules that the catalog has. */
function causes(ids: readonly string[]): Check {
  const reason: Check = expect(
    (value) => Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string'),
    'a sentence and a remedy: ["…", "…"]',
  );
  return (value, place) => {
    mapOf(reason)(value, place);
    for (const cause of Object.keys(value as Plain)) {
      const known = CAUSE.test(cause) && ids.includes(cause.split(' ')[0] ?? '');
      if (!known)
        wrong({ path: `${place.path}["${cause}"]` }, 'must be named `<rule> <decision> [code]`, by a rule of a row');
    }
  };
}

/** A map with names of a closed set. */
function keyedBy(names: Iterable<string>, check: Check): Check {
  const known = [...names];
  return (value, place) => {
    mapOf(check)(value, place);
    for (const name of Object.keys(value as Plain)) {
      if (!known.includes(name))
        wrong({ path: `${place.path}.${name}` }, `is unknown: it must be one of ${known.join(', ')}`);
    }
  };
}

function both(first: Check, second: Check): Check {
  return (value, place) => {
    first(value, place);
    second(value, place);
  };
}

function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}
