// The declarations that ship with the SDK: the files its public types reach, with our other packages copied in, once
// for ESM and once for CommonJS. Doors of packages only re-export by name, so each name leads to one file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { withPlainMessages } from './message-types.mjs';
import { folderOf } from './sources.mjs';

// The one file whose types come from a library that consumers do not have.
const SCHEMA_TYPES = /protocol\/dist\/route-row\.d\.ts$/;

const FROM = /(import|export)\s+(type\s+)?(\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+)\s+from\s+['"]([^'"]+)['"];?/g;
const INLINE = /import\(['"](@leasehold\/[^'"]+)['"]\)/;

/** Where tsc leaves a package's declarations. */
const outputOf = (root, name) => join(root, folderOf(name), name === 'sdk' ? 'dist/tsc' : 'dist');
const besides = (file, specifier) => join(dirname(file), specifier.replace(/\.js$/, '.d.ts'));
const originalName = (item) => item.replace(/^type\s+/, '').split(/\s+as\s+/)[0];
const exportedName = (item) =>
  item
    .replace(/^type\s+/, '')
    .split(/\s+as\s+/)
    .at(-1);
const itemsOf = (clause) =>
  clause
    .slice(1, -1)
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** The file behind a door that declares `name`, and what it is called there. */
function behindDoor(door, name) {
  const declared = new RegExp(`export (?:declare )?\\w+ ${name}\\b`);
  if (declared.test(readFileSync(door, 'utf8'))) return { file: door, name };
  for (const [, kind, , clause, specifier] of readFileSync(door, 'utf8').matchAll(FROM)) {
    if (kind !== 'export') continue;
    const file = besides(door, specifier);
    if (clause.startsWith('{')) {
      const item = itemsOf(clause).find((each) => exportedName(each) === name);
      if (item) return { file, name: originalName(item) };
    } else if (declared.test(readFileSync(file, 'utf8'))) return { file, name };
  }
  throw new Error(`${door} does not export ${name} by name`);
}

/** One import or export from another of our packages, as imports of the very files that declare the names. */
function throughDoor(root, from, [whole, kind, type = '', clause, specifier], reach) {
  if (!clause.startsWith('{')) throw new Error(`${from}: ${whole} takes a whole package; import by name`);
  const [, name, sub = 'index'] = /^@leasehold\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  const door = join(outputOf(root, name), `${sub}.d.ts`);
  return itemsOf(clause)
    .map((item) => {
      const target = behindDoor(door, originalName(item));
      const as = exportedName(item);
      const spelled = target.name === as ? as : `${target.name} as ${as}`;
      return `${kind} ${type}{ ${spelled} } from '${reach(target.file)}';`;
    })
    .join('\n');
}

/**
 * Writes the declarations that the given ones reach to `target`, as `.d.ts` and `.d.cts`.
 * @param allowed packages of others that the declarations may name: the consumer installs them too
 * @returns how many files were written
 */
export async function writeDeclarations(root, entries, target, allowed) {
  const place = (file) => /packages\/([^/]+)\/dist\/(?:tsc\/)?(.+)$/.exec(file).slice(1).join('/');
  const queue = entries.map((entry) => join(outputOf(root, 'sdk'), entry));
  const texts = new Map();
  for (const file of queue) {
    if (texts.has(file)) continue;
    texts.set(file, '');
    const reach = (next) => {
      queue.push(next);
      const way = relative(dirname(place(file)), place(next)).replace(/\.d\.ts$/, '.js');
      return way.startsWith('.') ? way : `./${way}`;
    };
    const written = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '\n');
    const text = SCHEMA_TYPES.test(file) ? await withPlainMessages(written) : written;
    if (INLINE.test(text)) throw new Error(`${file} names a type by import(): write its type down`);
    texts.set(
      file,
      text.replace(FROM, (...match) => rewrite(match, file, reach)),
    );
  }
  function rewrite(match, file, reach) {
    const specifier = match[4];
    if (specifier.startsWith('@leasehold/')) return throughDoor(root, file, match, reach);
    if (specifier.startsWith('.')) reach(besides(file, specifier));
    else if (!specifier.startsWith('node:') && !allowed.includes(specifier))
      throw new Error(`${file} needs the types of ${specifier}, which no consumer has`);
    return match[0];
  }
  for (const [file, text] of texts) {
    const path = join(target, place(file));
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    writeFileSync(path.replace(/\.ts$/, '.cts'), text.replace(/(from\s+['"]\.[^'"]*)\.js(['"])/g, '$1.cjs$2'));
  }
  return texts.size;
}
