// Writes packages/protocol/src/generated/guards.ts: one standalone guard per message, so that SDK and console check
// every reply without carrying a schema library. `--check` only says whether the file is up to date.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Kind, OptionalKind } from '@sinclair/typebox';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}packages/protocol/src/generated/guards.ts`;

/** The schemas that a file of messages exports, by name. */
async function schemasOf(file) {
  const { outputFiles } = await build({
    entryPoints: [`${root}packages/protocol/src/messages/${file}`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    external: ['@sinclair/typebox'],
  });
  const typebox = JSON.stringify(import.meta.resolve('@sinclair/typebox'));
  const source = outputFiles[0].text.replaceAll('"@sinclair/typebox"', typebox);
  const exported = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return Object.entries(exported).filter(([, value]) => value[Kind]);
}

const messages = (await schemasOf('index.ts')).toSorted(([one], [other]) => (one < other ? -1 : 1));
const words = await schemasOf('common.ts');
if (messages.length === 0) throw new Error('no schema found: the generator itself is broken');

/** A call that whoever needs no such message can leave out, without the arguments at its end that say nothing. */
const call = (name, ...values) =>
  `/* @__PURE__ */ ${name}(${values
    .slice(0, values.findLastIndex((value) => value !== undefined) + 1)
    .map(String)
    .join(', ')})`;
const isNull = (schema) => schema[Kind] === 'Null';
const isLiteral = (schema) => schema[Kind] === 'Literal';
const indented = (lines) => lines.replaceAll(/^/gm, '  ');
const membersOf = (members, inner) =>
  members.length === 0
    ? '{}'
    : `{\n${indented(members.map(([name, schema]) => `${name}: ${inner(schema)},`).join('\n'))}\n}`;

/** How a schema is said in the words of shape.ts, by its kind; `inner` says what stands inside it. */
const SAID = {
  Boolean: () => 'bool',
  Literal: (schema) => call('oneOf', JSON.stringify(schema.const)),
  Number: ({ minimum, maximum }) => call('number', minimum, maximum),
  Integer: ({ minimum, maximum }) => call('integer', minimum, maximum),
  String: ({ pattern, minLength, maxLength }) =>
    pattern ? call('fits', `/${pattern}/`) : call('text', maxLength, minLength),
  Array: ({ items, minItems, maxItems }, inner) => call('list', inner(items), maxItems, minItems),
  Intersect: ({ allOf }, inner) => call('all', ...allOf.map(inner)),
  Union: ({ anyOf }, inner) => {
    if (anyOf.every(isLiteral)) return call('oneOf', ...anyOf.map((each) => JSON.stringify(each.const)));
    const others = anyOf.filter((each) => !isNull(each)).map(inner);
    const said = others.length === 1 ? others[0] : call('any', ...others);
    return anyOf.some(isNull) ? call('orNull', said) : said;
  },
  Object: ({ properties }, inner) => {
    const members = Object.entries(properties);
    const optional = members.filter(([, schema]) => OptionalKind in schema && schema[Kind] !== 'Unknown');
    const required = members.filter(([, schema]) => !(OptionalKind in schema));
    return call('object', membersOf(required, inner), optional.length > 0 ? membersOf(optional, inner) : undefined);
  },
  Record: ({ patternProperties, maxProperties }, inner) => {
    const [[names, schema]] = Object.entries(patternProperties);
    const anyName = names === '^(.*)$';
    return call(
      'record',
      schema[Kind] === 'Unknown' ? undefined : inner(schema),
      anyName ? undefined : `/${names}/`,
      maxProperties,
    );
  },
};

function saidOf(schema, inner) {
  const said = SAID[schema[Kind]];
  if (!said) throw new Error(`no word for a schema of the kind ${schema[Kind]}`);
  return said(schema, inner);
}

/** How often each form stands in the messages. */
const uses = new Map();
const whole = (schema) => saidOf(schema, whole);
function count(schema) {
  const form = whole(schema);
  uses.set(form, (uses.get(form) ?? 0) + 1);
  // What stands inside a form that was seen before was counted with it.
  if (uses.get(form) === 1) saidOf(schema, count);
}
messages.forEach(([, schema]) => count(schema));

/** A form has a name if it is a message, so that a row inside a page is judged by the guard of the row; a word that many
 * messages share; or said more than once and longer than its name. */
const WORTH = 100;
const names = new Map([
  ...words.map(([name, schema]) => [whole(schema), name[0].toLowerCase() + name.slice(1)]),
  ...messages.toReversed().map(([name, schema]) => [whole(schema), `is${name}`]),
]);
function nameOf(form) {
  if (!names.has(form) && uses.get(form) > 1 && form.length >= WORTH)
    names.set(form, `part${createHash('sha256').update(form).digest('hex').slice(0, 8)}`);
  return names.get(form);
}

/** The definitions by name, each below those that it needs. */
const definitions = new Map();
function say(schema) {
  const name = nameOf(whole(schema));
  if (name === undefined) return saidOf(schema, say);
  if (!definitions.has(name)) definitions.set(name, saidOf(schema, say));
  return name;
}
messages.forEach(([, schema]) => say(schema));

const isLarge = (said) => said.includes('\n');
const type = (name) => (/^is[A-Z]/.test(name) ? `export const ${name}: Guard<'${name.slice(2)}'>` : `const ${name}`);
const text = [
  '/* Generated by scripts/guards.mjs from the schemas in messages/; do not edit. */',
  '// @ts-nocheck A shape says no type; the annotations below do.',
  "import type { Message } from '../route-row.js';",
  "import { all, any, bool, fits, integer, later, list, number, object, oneOf, orNull, record, text } from '../shape.js';",
  '',
  'type Guard<Name> = (value: unknown) => value is Message<Name>;',
  '',
  ...[...definitions].map(
    ([name, said]) => `${type(name)} = ${isLarge(said) ? call('later', `() => ${said}`) : said};`,
  ),
  // Messages of one form have one guard, under each of their names.
  ...messages
    .map(([name, schema]) => [`is${name}`, names.get(whole(schema))])
    .filter(([name, first]) => name !== first)
    .map(([name, first]) => `${type(name)} = ${call('all', first)};`),
  '',
].join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('packages/protocol/src/generated/guards.ts is out of date: run node scripts/guards.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
