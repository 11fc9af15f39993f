import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '@leasehold/terms';

/** Small changes of the rules, for the question whether the suite would notice: of the tables, value by value and row by
 * row, and of the comparisons, operators and numbers behind the rule kinds. */

export const sourceRoot = fileURLToPath(new URL('../../packages/terms/src/', import.meta.url));

type Catalogs = Readonly<Record<string, Catalog>>;

export interface TableMutant {
  /** `aip.rules.backup AIP-1.4 share.edition.code = "X"`; with `gone` for a whole row or entry. */
  readonly name: string;
  readonly catalogs: Catalogs;
}

/** Members that a decision never looks at. */
const PROSE = new Set(['version', 'engine']);

/** What a word of a closed set can be mistaken for, where the tables hold but one of the set. */
const OPPOSITES: Readonly<Record<string, string>> = {
  as_6_1: 'strict',
  read_only: 'literal',
  uncovered: 'covered',
  global: 'company',
  perpetual: 'subscription',
};

/** Every value of the catalogs changed once, every row and list entry dropped once. Rows that several catalogs or actions
 * share are one object, so they change in all of them, once. */
export function tableMutants(catalogs: Catalogs): readonly TableMutant[] {
  const found: TableMutant[] = [];
  const words = wordsByName(catalogs);
  const seen = new Set<unknown>();
  const put = (path: Path, name: string, change: (holder: Holder, key: string | number) => void): void => {
    const copy = structuredClone(catalogs) as unknown as Holder;
    const holder = path.slice(0, -1).reduce<Holder>((at, key) => at[key] as Holder, copy);
    change(holder, path.at(-1)!);
    found.push({ name, catalogs: copy as unknown as Catalogs });
  };
  const walk = (value: unknown, path: Path, name: string): void => {
    if (typeof value !== 'object' || value === null) {
      for (const other of others(value, path, words)) {
        put(path, `${name} = ${JSON.stringify(other)}`, (at, last) => (at[last] = other));
      }
      return;
    }
    if (seen.has(value)) return;
    seen.add(value);
    for (const [key, inner] of Object.entries(value)) {
      if (PROSE.has(key) || (key === 'id' && !('kind' in value))) continue;
      const next = [...path, Array.isArray(value) ? Number(key) : key];
      const innerName = Array.isArray(value) ? `${name} ${titleOf(inner)}` : `${name}.${key}`;
      if (Array.isArray(value))
        put(next, `${innerName} gone`, (at, last) => (at as unknown as unknown[]).splice(Number(last), 1));
      walk(inner, next, innerName);
    }
  };
  for (const [id, catalog] of Object.entries(catalogs)) walk(catalog, [id], id);
  return found;
}

type Path = readonly (string | number)[];
type Holder = Record<string | number, unknown>;

/** How an entry of a list is called: a row by rule and kind, so that its name stays when rows come and go. */
function titleOf(entry: unknown): string {
  const { id, kind, ...rest } = (typeof entry === 'object' ? entry : { id: entry }) as Record<string, unknown>;
  // Rows of one rule and kind beside each other are told apart by what they say.
  const more = ['migrations', 'of', 'from', 'source', 'disposedOnly'].flatMap((name) =>
    typeof rest[name] === 'number' ? [] : [rest[name]],
  );
  return [id, kind, ...more]
    .filter((part) => part !== undefined)
    .map(String)
    .join(' ');
}

/** The words that stand under one name anywhere in the tables: what a word can be mistaken for. */
function wordsByName(
  value: unknown,
  path: Path = [],
  words = new Map<string, Set<string>>(),
): Map<string, Set<string>> {
  if (typeof value === 'string') {
    const name = nameOf(path);
    words.set(name, (words.get(name) ?? new Set()).add(value));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      wordsByName(inner, [...path, Array.isArray(value) ? Number(key) : key], words);
    }
  }
  return words;
}

const nameOf = (path: Path): string => String(path.findLast((key) => typeof key === 'string'));

/** A number one step up and down; a word by its opposite or the next one of its name in the tables; a switch by its
 * opposite. */
function others(value: unknown, path: Path, words: ReadonlyMap<string, ReadonlySet<string>>): readonly unknown[] {
  const name = nameOf(path);
  if (name === 'kind') return [];
  if (typeof value === 'number') return Number.isInteger(value) ? [value + 1, value - 1] : [value + 0.05, value - 0.05];
  if (typeof value === 'boolean') return [!value];
  if (typeof value !== 'string') return [];
  const opposite = OPPOSITES[value];
  if (opposite !== undefined) return [opposite];
  const all = [...(words.get(name) ?? [])];
  return [all.length > 1 ? all[(all.indexOf(value) + 1) % all.length] : `${value}~`];
}

export interface CodeMutant {
  /** `coverage/guests.ts: <the line> | < → <=`: stays when lines move. */
  readonly name: string;
  readonly file: string;
  /** The whole file with the change. */
  readonly text: string;
}

const FOLDERS = ['coverage', 'defaults', 'instances', 'pools'];
const FILES = ['judge.ts', 'clock.ts', 'order.ts'];

/** Operators by what replaces them. The spaces are part of the token, so that types and arrows are left alone. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  ' < ': [' <= ', ' >= '],
  ' <= ': [' < ', ' > '],
  ' > ': [' >= ', ' <= '],
  ' >= ': [' > ', ' < '],
  ' === ': [' !== '],
  ' !== ': [' === '],
  ' && ': [' || '],
  ' || ': [' && '],
  ' + ': [' - '],
  ' - ': [' + '],
};

/** Every operator and number of the code behind the rule kinds changed once. */
export function codeMutants(): readonly CodeMutant[] {
  const behindKinds = FOLDERS.flatMap((folder) =>
    readdirSync(join(sourceRoot, folder))
      .filter((name) => name.endsWith('.ts') && name !== 'shapes.ts' && name !== 'kinds.ts')
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  return [...behindKinds, ...FILES].flatMap(mutantsOf);
}

function mutantsOf(file: string): CodeMutant[] {
  const text = readFileSync(join(sourceRoot, file), 'utf8');
  const code = blank(text);
  const seen = new Map<string, number>();
  return [...operators(code), ...numbers(code)].map(({ at, was, becomes }) => {
    const start = text.lastIndexOf('\n', at) + 1;
    const line = text.slice(start, text.indexOf('\n', at)).trim();
    const name = `${file}: ${line} | ${was.trim()} → ${becomes.trim()}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return {
      name: nth === 1 ? name : `${name} #${nth}`,
      file,
      text: text.slice(0, at) + becomes + text.slice(at + was.length),
    };
  });
}

interface Change {
  readonly at: number;
  readonly was: string;
  readonly becomes: string;
}

function operators(code: string): Change[] {
  return Object.entries(OPERATORS).flatMap(([was, alternatives]) =>
    [...code.matchAll(new RegExp(was.replaceAll(/[+|]/g, String.raw`\$&`), 'g'))].flatMap(({ index }) =>
      alternatives.map((becomes) => ({ at: index, was, becomes })),
    ),
  );
}

function numbers(code: string): Change[] {
  return [...code.matchAll(/(?<![\w.'])\d[\d_]*(?:\.\d+)?(?![\w.'])/g)].flatMap(({ index, 0: was }) => {
    const value = Number(was.replaceAll('_', ''));
    return [value + 1, ...(value > 0 ? [value - 1] : [])].map((next) => ({ at: index, was, becomes: String(next) }));
  });
}

/** The text with comments, imports, types and strings blanked out; offsets stay. */
function blank(text: string): string {
  const spaces = (part: string): string => part.replaceAll(/[^\n]/g, ' ');
  return text
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, spaces)
    .replaceAll(/^import[\s\S]*?;$/gm, spaces)
    .replaceAll(/^(?:export )?interface [\s\S]*?^\}/gm, spaces)
    .replaceAll(/^(?:export )?type [^;]*;/gm, spaces)
    .replaceAll(/'[^'\n]*'/g, (part) => part.replaceAll(/[^']/g, '_'));
}
