// The wire types as plain TypeScript, written from the schemas: what the SDK's declarations say in place of types that
// would need the schema library.
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const PLAIN = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

/** One JSON Schema as a type. @throws Error for a form that our messages do not use */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.allOf) return schema.allOf.map((each) => `(${typeOf(each)})`).join(' & ');
  if (schema.anyOf) return schema.anyOf.map((each) => `(${typeOf(each)})`).join(' | ');
  if (schema.type === 'array') return `(${typeOf(schema.items)})[]`;
  if (schema.patternProperties) return `Record<string, ${typeOf(Object.values(schema.patternProperties)[0])}>`;
  if (schema.type === 'object') {
    const required = new Set(schema.required);
    const members = Object.entries(schema.properties ?? {});
    return `{ ${members.map(([name, each]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(each)};`).join(' ')} }`;
  }
  const type = schema.type === undefined && Object.keys(schema).length === 0 ? 'unknown' : PLAIN[schema.type];
  if (type) return type;
  throw new Error(`no type for the schema ${JSON.stringify(schema)}`);
}

/** All schemas of the protocol by name, bundled in memory: no build is needed. */
async function loadSchemas() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'packages/protocol/src/messages/index.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@leasehold/source'],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}

const IMPORTS = /^import type .*(?:messages\/index\.js|@sinclair\/typebox)['"];\n/gm;
const DECLARED = /export type SchemaName = \{[\s\S]*?;\nexport type Message<[\s\S]*?;\n/;

/** The declarations of protocol's route-row with the wire types written out. @throws Error when they have another form */
export async function withPlainMessages(text) {
  const schemas = await loadSchemas();
  const names = Object.keys(schemas).toSorted();
  const rows = names.map((name) => `    ${name}: ${typeOf(JSON.parse(JSON.stringify(schemas[name])))};`);
  const plain = `interface Messages {\n${rows.join('\n')}\n}
export type SchemaName = keyof Messages;
export type Message<K extends SchemaName> = Messages[K];\n`;
  const bare = text.replaceAll(IMPORTS, '');
  if (names.length === 0 || !DECLARED.test(bare)) throw new Error('route-row.d.ts has no messages to write out');
  return bare.replace(DECLARED, plain);
}
