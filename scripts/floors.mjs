// Imports go down the floors only. Walks the real import graph of every package and names who climbed.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FLOORS, filesBelow, folderOf, NODE_FREE, packageOf, packagesIn, sourceOf } from './sources.mjs';

const BUILT_INS = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const isBuiltIn = (path) => path.startsWith('node:') || BUILT_INS.has(path);
// One entry that imports every file, so that the bundle is made once and thrown away once.
const ENTRY = 'every-file.js';
const SOURCE = /\.tsx?$/;
const TYPE_IMPORT = /^\s*(?:import|export)\s+type\s[^;'"]*?from\s*['"]([^'"]+)['"]/gm;

/** esbuild drops type-only imports, but they climb just as well: each becomes a plain import for the graph. */
function withTypeImports(path) {
  const text = readFileSync(path, 'utf8');
  const specifiers = [...text.matchAll(TYPE_IMPORT)].map((match) => match[1]);
  return `${text}\n${specifiers.map((specifier) => `import '${specifier}';`).join('\n')}`;
}

/** Our packages resolve to their sources; every other package and built-in stays a name in the graph. */
const readSources = (root, withTypes) => ({
  name: 'sources',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
      const source = sourceOf(root, path);
      return source ? { path: source } : { path, external: true };
    });
    build.onLoad({ filter: SOURCE }, ({ path }) => ({
      contents: withTypes ? withTypeImports(path) : readFileSync(path, 'utf8'),
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }));
  },
});

/** The import graph: file → [{path, external}], all relative to root; with what is imported for its types alone, or without. */
async function readGraph(root, files, withTypes) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: root, sourcefile: ENTRY },
    plugins: [readSources(root, withTypes)],
    loader: { '.css': 'empty', '.json': 'empty', '.svg': 'empty', '.png': 'empty', '.woff2': 'empty' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outfile: 'nowhere.js',
    treeShaking: false,
    logLevel: 'silent',
  });
  const inputs = Object.entries(metafile.inputs).filter(([file]) => file !== ENTRY);
  return new Map(inputs.map(([file, { imports }]) => [file, imports]));
}

/** esbuild's complaints (an import that leads nowhere, a syntax error) as problems of ours. */
function unreadable(failure) {
  if (!failure.errors) throw failure;
  return failure.errors.map(({ text, location }) => `${location?.file ?? '?'}:${location?.line ?? '?'}: ${text}`);
}

function climbs(file, target) {
  const [from, to] = [packageOf(file), packageOf(target)];
  if (!to || from === to || FLOORS[to] < FLOORS[from]) return undefined;
  if (FLOORS[to] === undefined) return `${file} imports ${target}: package ${to} stands on no floor`;
  const way = FLOORS[to] === FLOORS[from] ? 'sideways' : 'up';
  return `${file} imports ${target}: ${from} (floor ${FLOORS[from]}) may not reach ${way} to ${to} (floor ${FLOORS[to]})`;
}

function strangers(file, target) {
  const from = packageOf(file);
  if (NODE_FREE.includes(from) && isBuiltIn(target)) return `${file} imports ${target}: ${from} runs without Node`;
  if (from === 'terms') return `${file} imports ${target}: terms depends on nothing`;
  return undefined;
}

/** What the extension can reach by any path: sdk and authority must not be in it, not even behind another package. */
function leaksIntoExtension(graph) {
  const queue = [...graph.keys()].filter((file) => packageOf(file) === 'extension').map((file) => [file]);
  const seen = new Set(queue.map(([file]) => file));
  const leaks = [];
  for (const path of queue) {
    const file = path.at(-1);
    if (['sdk', 'authority'].includes(packageOf(file)))
      leaks.push(`${packageOf(file)} is in the extension: ${path.join(' → ')}`);
    for (const next of graph.get(file) ?? []) {
      if (next.external || seen.has(next.path)) continue;
      seen.add(next.path);
      queue.push([...path, next.path]);
    }
  }
  return leaks;
}

/** The first import circle below each file, named once. Types that speak of each other are no circle: nothing of them runs. */
function circles(graph) {
  const done = new Set();
  const found = [];
  const visit = (file, path) => {
    if (path.includes(file)) found.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    else if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) if (!next.external) visit(next.path, [...path, file]);
      done.add(file);
    }
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/**
 * Checks the floors below `root`.
 * @returns {Promise<{files: number, problems: string[]}>} how many source files were walked, one sentence for each fault
 */
export async function checkFloors(root) {
  const files = packagesIn(root).flatMap((name) => filesBelow(root, `${folderOf(name)}/src`, SOURCE));
  const empty = { files: 0, problems: ['the floors check looked at no file: the check itself is broken'] };
  if (files.length === 0) return empty;
  const graph = await readGraph(root, files, true).catch((failure) => failure);
  if (!(graph instanceof Map)) return { files: files.length, problems: unreadable(graph) };
  const running = await readGraph(root, files, false);
  const imports = [...graph].flatMap(([file, list]) => list.map((each) => [file, each]));
  const problems = imports.map(([file, { path, external }]) => (external ? strangers(file, path) : climbs(file, path)));
  return {
    files: [...graph.keys()].filter((file) => packageOf(file)).length,
    problems: [...new Set([...problems.filter(Boolean), ...leaksIntoExtension(graph), ...circles(running)])],
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { files, problems } = await checkFloors(join(import.meta.dirname, '..'));
  for (const problem of problems) console.error(problem);
  console.log(`${files} files, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
