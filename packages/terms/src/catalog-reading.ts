import { ENGINE, type Catalog } from './catalog.js';
import { catalogs } from './decide.js';
import { TermsError } from './problem.js';
import {
  count,
  finite,
  flag,
  fraction,
  isRecord,
  listOf,
  mapOf,
  object,
  oneOf,
  optional,
  positive,
  text,
  wrong,
  type Check,
  type Place,
} from './reading.js';

/** A row as data: what the kinds of the built-in catalogs look like is what a row of that kind must look like. */
type PlainRow = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly shapes: Set<string>;
  times: number;
}
interface Pattern {
  readonly parameters: Map<string, Parameter>;
  rows: number;
}

const ROW_FIELDS = ['id', 'kind', 'cite', 'on'];
const TERMS = ['perpetual', 'subscription', 'trial', 'rental', 'any'];
/** Parameters whose values are a closed set: any other would make the row never answer. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  'migration.ends source': ['covered', 'uncovered'],
  'migration.ends target': ['covered', 'uncovered'],
  'migration.ends targetTerm': TERMS,
  'migration.parallel term': TERMS,
  'machine.superseded term': TERMS,
  'it-pro.year term': TERMS,
  'standby.bare-host of': ['backup_files', 'live_guest', 'live_machine'],
  'standby.licensed-host of': ['backup_files', 'live_guest', 'live_machine'],
  'standby.host of': ['backup_files', 'live_guest', 'live_machine'],
  'media.os base': ['linux', 'winpe'],
};

const editions = object({
  byOs: mapOf(text),
  cloud: text,
  host: text,
  clientHost: text,
  node: text,
  technician: text,
  serves: optional(mapOf(listOf(text))),
});

const instanceTypes = object({ byOs: mapOf(text), otherwise: text, only: mapOf(listOf(text)) });

const policy = object({
  graceDays: object({ perpetual: count, subscription: count, trial: count, rental: count, pooled: count }),
  overuse: optional(object({ percent: finite, count })),
  subscriptionTargetHost: oneOf('as_6_1', 'strict'),
  allowGlobalFallback: flag,
  lmpLockout: oneOf('read_only', 'literal'),
  fingerprintThreshold: fraction,
  staleDays: count,
  warnDays: listOf(count),
  shortageGraceDays: count,
  parallelDays: count,
});

const head = object({
  id: text,
  version: text,
  engine: positive,
  profile: oneOf(...Object.keys(catalogs)),
  sources: mapOf(text),
  policy,
  editions: optional(editions),
  instanceTypes: optional(instanceTypes),
  prices: optional(listOf(object({ edition: text, term: oneOf(...TERMS), price: finite }))),
  messages: optional(mapOf(mapOf(listOf(text)))),
  notes: optional(listOf(object({ id: text, cite: object({ source: text, section: text }), same: optional(text) }))),
});

/** Reads a vendor's catalog: the same schema and the same closed set of kinds as the built-in ones. Returns the same value.
 * @throws TermsError CATALOG_TOO_NEW, CATALOG_INVALID with the path that is wrong (`catalog.rules[3].kind`) */
export function readCatalog(input: unknown): Catalog {
  const place: Place = { path: 'catalog' };
  if (!isRecord(input)) wrong(place, 'must be an object');
  const { engine, profile, sources } = input;
  // Asked first: what a later engine understands may look like anything to this one.
  positive(engine, { path: 'catalog.engine' });
  if (Number(engine) > ENGINE) {
    throw new TermsError('CATALOG_TOO_NEW', 'catalog.engine', `needs engine ${String(engine)}, this is ${ENGINE}`);
  }
  head(input, place);
  for (const list of ['cover', 'rules', 'tempers'] as const) {
    const row = rowOf(list, Object.keys(sources as object));
    listOf(row)(input[list], { path: `catalog.${list}` });
  }
  // What the kinds of a profile ask for by name.
  if (profile === 'aip') editions(input['editions'], { path: 'catalog.editions' });
  if (profile === 'msp') instanceTypes(input['instanceTypes'], { path: 'catalog.instanceTypes' });
  return input as unknown as Catalog;
}

function rowOf(list: 'cover' | 'rules' | 'tempers', sources: readonly string[]): Check {
  const patterns = patternsOf(list);
  const shape = object({
    id: text,
    kind: oneOf(...patterns.keys()),
    cite: object({ source: oneOf(...sources), section: text, lines: optional(text) }),
    ...(list !== 'cover' && { on: listOf(text) }),
  });
  return (value, place) => {
    shape(value, place);
    const row = value as PlainRow;
    const { parameters, rows } = patterns.get(String(row['kind'])) as Pattern;
    for (const [name, { shapes, times }] of parameters) {
      const at = `${place.path}.${name}`;
      if (row[name] === undefined && times < rows) continue;
      if (!shapes.has(shapeOf(row[name]))) wrong({ path: at }, `must be ${[...shapes].join(' or ')}`);
      const closed = CLOSED[`${String(row['kind'])} ${name}`];
      if (closed !== undefined) oneOf(...closed)(row[name], { path: at });
    }
    for (const name of Object.keys(row)) {
      if (!parameters.has(name) && !ROW_FIELDS.includes(name))
        wrong({ path: `${place.path}.${name}` }, 'is no field of this kind');
    }
  };
}

/** The kinds that the built-in catalogs use, with their parameters; one that some rows leave out may be left out. */
function patternsOf(list: 'cover' | 'rules' | 'tempers'): Map<string, Pattern> {
  const patterns = new Map<string, Pattern>();
  for (const catalog of Object.values(catalogs)) {
    for (const row of catalog[list] as unknown as readonly PlainRow[]) {
      const kind = String(row['kind']);
      const pattern = patterns.get(kind) ?? { parameters: new Map<string, Parameter>(), rows: 0 };
      patterns.set(kind, pattern);
      pattern.rows += 1;
      for (const [name, value] of Object.entries(row)) {
        if (ROW_FIELDS.includes(name)) continue;
        const parameter = pattern.parameters.get(name) ?? { shapes: new Set<string>(), times: 0 };
        pattern.parameters.set(name, parameter);
        parameter.shapes.add(shapeOf(value));
        parameter.times += 1;
      }
    }
  }
  return patterns;
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? 'a list of texts' : 'a list';
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'nothing';
}
