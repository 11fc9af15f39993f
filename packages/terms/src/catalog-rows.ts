import { catalogs, rulebookOf } from './decide.js';
import type { Profile } from './model.js';
import { amount, expect, isRecord, listOf, object, oneOf, text, wrong, type Check, type Place } from './reading.js';

/** The three lists of a catalog, each with kinds of its own. */
export type RowList = 'rules' | 'cover' | 'tempers';

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

export const TERMS: readonly string[] = ['perpetual', 'subscription', 'trial', 'rental'];
const anyTerm = oneOf(...TERMS, 'any');
const covered = oneOf('covered', 'uncovered');
const standby = oneOf('backup_files', 'live_guest', 'live_machine');
const owner = oneOf('company', 'global');
/** Parameters whose values are a closed set or have a form: with any other the row would never answer, or not at all. */
const VALUES: Readonly<Record<string, Check>> = {
  'migration.ends source': covered,
  'migration.ends target': covered,
  'migration.ends targetTerm': oneOf(...TERMS),
  'migration.parallel term': anyTerm,
  'machine.superseded term': anyTerm,
  'it-pro.year term': anyTerm,
  'standby.bare-host of': standby,
  'standby.licensed-host of': standby,
  'standby.host of': standby,
  'media.os base': oneOf('linux', 'winpe'),
  'assign.given from': owner,
  'pick.free from': owner,
  'pick.short buyer': oneOf('company', 'instance'),
  'instance.admit overuseTerms': listOf(oneOf(...TERMS)),
  'key.name pattern': expect(isExpression, 'a regular expression'),
  'server.quota dailyCheck': expect(
    (value) => /^([01]\d|2[0-3]):[0-5]\d$/.test(String(value)),
    'a time of day like 08:01',
  ),
};

/** Parameters that are named in answers: codes, warnings, obligations. */
const NAMED = new Set('code forged ended revoked early taken warning lowers soon obligation dispose move'.split(' '));
const CODE = expect((value) => /^[A-Z][A-Z0-9_]*$/.test(String(value)), 'a code in capitals like LICENSE_EXPIRED');

/** Reads a row of one list: its kind is one of the profile's, and it holds the parameters of that kind and no others. */
export function rowOf(list: RowList, profile: Profile): Check {
  const patterns = patternsOf(list);
  const kinds = Object.keys(rulebookOf(catalogs[profile]).kinds[list]);
  const shape = object({ id: text, kind: oneOf(...kinds) });
  return (value, place) => {
    shape(value, place);
    const row = value as PlainRow;
    checkParameters(row, patterns.get(String(row['kind'])) ?? { parameters: new Map(), rows: 0 }, place);
  };
}

function checkParameters(row: PlainRow, { parameters, rows }: Pattern, place: Place): void {
  for (const [name, { shapes, times }] of parameters) {
    const at = `${place.path}.${name}`;
    if (row[name] === undefined && times < rows) continue;
    if (!shapes.has(shapeOf(row[name]))) wrong({ path: at }, `must be ${[...shapes].join(' or ')}`);
    if (NAMED.has(name)) CODE(row[name], { path: at });
    if (typeof row[name] === 'number') amount(row[name], { path: at });
    VALUES[`${String(row['kind'])} ${name}`]?.(row[name], { path: at });
  }
  for (const name of Object.keys(row)) {
    if (name === 'id' || name === 'kind' || parameters.has(name)) continue;
    wrong({ path: `${place.path}.${name}` }, 'is no field of this kind');
  }
}

/** The kinds that the built-in catalogs use, with their parameters; one that some rows leave out may be left out. */
function patternsOf(list: RowList): Map<string, Pattern> {
  const patterns = new Map<string, Pattern>();
  for (const catalog of Object.values(catalogs)) {
    for (const row of Object.values(catalog[list]).flat() as unknown as readonly PlainRow[]) {
      const kind = String(row['kind']);
      const pattern = patterns.get(kind) ?? { parameters: new Map<string, Parameter>(), rows: 0 };
      patterns.set(kind, pattern);
      pattern.rows += 1;
      for (const [name, value] of Object.entries(row)) if (name !== 'id' && name !== 'kind') seen(pattern, name, value);
    }
  }
  return patterns;
}

function seen({ parameters }: Pattern, name: string, value: unknown): void {
  const parameter = parameters.get(name) ?? { shapes: new Set<string>(), times: 0 };
  parameters.set(name, parameter);
  parameter.shapes.add(shapeOf(value));
  parameter.times += 1;
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return [...value].every((one) => typeof one === 'string') ? 'a list of texts' : 'a list';
  if (isRecord(value)) return 'an object';
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'nothing';
}

function isExpression(value: unknown): boolean {
  try {
    return new RegExp(String(value)).source !== '';
  } catch {
    return false;
  }
}
