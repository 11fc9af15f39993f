// The SDK as vendors get it: CommonJS with what it needs inlined, in parts that are read when they are needed, and a door
// for ESM; undici stays outside and is loaded when going online. No native module, no install script.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative, sep } from 'node:path';
import { writeDeclarations } from './declarations.mjs';
import { noticesOf } from './notices.mjs';
import { ROOT } from './run.mjs';

const FOLDER = join(ROOT, 'packages/sdk');
const DIST = join(FOLDER, 'dist');
const STALE = /^types$|\.c?js$/;

/** `index`, `testing` … → source file: every door of the manifest. */
function doors({ exports }) {
  const rows = Object.entries(exports).filter(([, row]) => typeof row === 'object');
  return Object.fromEntries(
    rows.map(([door, row]) => [door === '.' ? 'index' : door.slice(2), join(FOLDER, row['@leasehold/source'])]),
  );
}

/** What a first decision does not need, by file name in dist: read when somebody asks for it. Everything else that
 * `index.ts` reaches is the core, in one file. */
const LATER = Object.fromEntries(
  [
    'terms/src/advise',
    'terms/src/decide',
    'terms/src/reasons/explain',
    'terms/src/reasons/en',
    'terms/src/reasons/ja',
    'terms/src/rulebooks/aip',
    'terms/src/rulebooks/msp',
    'terms/src/rulebooks/lmp',
    'fingerprint/src/probes/node',
    'sdk/src/boot-media',
    'sdk/src/contact',
    'sdk/src/deactivate',
    'sdk/src/recovery-proof',
    'sdk/src/status-socket',
    'sdk/src/technician',
    'sdk/src/usage-log',
    'sdk/src/wire',
    'sdk/src/wire-problems',
  ].map((path) => [basename(path), join(ROOT, `packages/${path}.ts`)]),
);
const CORE = 'core';

/** What each module of ours is called inside the core, by its path. */
const innerName = (file) => `$${relative(ROOT, file).replace(/\W/g, '_')}`;

/** Leaves the later parts out of whatever imports them, and takes what the core holds from the core. */
const parting = (core) => ({
  name: 'parting',
  setup(build) {
    const later = new Map(Object.entries(LATER).map(([name, file]) => [file, `./${name}.cjs`]));
    build.onResolve({ filter: /^(\.{1,2}\/|@leasehold\/)/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolving' || from.kind === 'entry-point') return undefined;
      const resolved = await build.resolve(path, { ...from, pluginData: 'resolving' });
      const part = later.get(resolved.path);
      if (part !== undefined) return { path: part, external: true };
      if (!core.has(resolved.path)) return resolved;
      return { path: relative(ROOT, resolved.path), namespace: CORE, sideEffects: false };
    });
    build.onLoad({ filter: /./, namespace: CORE }, ({ path }) => ({
      contents: `module.exports = require('./${CORE}.cjs').${innerName(join(ROOT, path))};`,
    }));
    build.onResolve({ filter: /./, namespace: CORE }, ({ path }) => ({ path, external: true }));
  },
});

/** Bundles one part: the files that are in it, and those it takes from the core. */
async function bundlePart(outfile, source, core, manifest) {
  const { build, transform } = await import('esbuild');
  const outside = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: join(FOLDER, 'src'), sourcefile: outfile },
    outfile: join(DIST, outfile),
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    conditions: ['@leasehold/source'],
    external: outside.filter((name) => !name.startsWith('@leasehold/')),
    plugins: [parting(core)],
    metafile: true,
    write: false,
    absWorkingDir: ROOT,
    legalComments: 'none',
    logLevel: 'error',
  });
  const minified = await transform(whenUsed(outputFiles[0].text), { target: 'node20.18', minify: true });
  writeFileSync(join(DIST, outfile), minified.code);
  const { inputs } = Object.values(metafile.outputs)[0];
  const files = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  const taken = files.filter((file) => file.startsWith(`${CORE}:`)).map((file) => file.slice(CORE.length + 1));
  return { files: files.filter((file) => !file.startsWith(`${CORE}:`)), taken };
}

async function bundle(manifest) {
  const all = (file) => `export * from ${JSON.stringify(file)};`;
  const parts = { ...LATER, ...doors(manifest) };
  const part = (name, core) => bundlePart(`${name}.cjs`, all(parts[name]), core, manifest);
  // An index, or the guards as a whole, would bring all there is where a few are needed: each part has its own.
  const shared = (file) => file.endsWith('.ts') && !/\/(index|generated\/guards)\.ts$/.test(file);
  const own = ({ files }) => files.filter(shared).map((file) => join(ROOT, file));
  const core = new Set(own(await part('index', new Set())));
  // What several of the others share must exist once: it is in the core, too.
  const seen = new Set();
  for (const name of Object.keys(parts))
    if (name !== 'index') for (const file of own(await part(name, core))) (seen.has(file) ? core : seen).add(file);
  const bundled = [];
  for (const name of Object.keys(parts)) bundled.push(await part(name, core));
  const taken = [...new Set(bundled.flatMap((one) => one.taken))].map((file) => join(ROOT, file));
  const inner = taken.map((file) => `export * as ${innerName(file)} from ${JSON.stringify(file)};`);
  bundled.push(await bundlePart(`${CORE}.cjs`, inner.join('\n'), new Set(), manifest));
  return bundled.flatMap(({ files }) => files);
}

const REQUIRED = /^var (\w+) = ((?:__toESM\()?require\("[^"]+"\)(?:(?:, 1)?\))?);$/gm;

/** CommonJS whose parts are required where they are used for the first time, and not when the file is read. */
function whenUsed(code) {
  const names = [...code.matchAll(REQUIRED)].map(([, name]) => name);
  if (names.length === 0) return code;
  const use = new RegExp(`(?<![\\w$])(${names.join('|')})(?![\\w$])`, 'g');
  const declared = code.replace(REQUIRED, 'const $1_part = lazily(() => $2);');
  return `${LAZILY}${declared.replace(use, '($1_part())')}`;
}

const LAZILY = 'function lazily(load) { let part; return () => (part ??= load()); }\n';

/** ESM for those who import: the same code, so that a program which also requires it has one SDK and not two. */
function esmDoor(door) {
  const names = Object.keys(createRequire(import.meta.url)(join(DIST, `${door}.cjs`)));
  return `import sdk from './${door}.cjs';\nexport const { ${names.join(', ')} } = sdk;\n`;
}

/** Writes packages/sdk/dist from the sources and from the declarations that tsc has written before. */
export async function bundleSdk() {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  for (const file of readdirSync(DIST)) if (STALE.test(file)) rmSync(join(DIST, file), { recursive: true });
  const inputs = await bundle(manifest);
  for (const door of Object.keys(doors(manifest))) writeFileSync(join(DIST, `${door}.js`), esmDoor(door));
  writeFileSync(join(DIST, 'THIRD-PARTY-NOTICES.txt'), noticesOf(inputs));
  const entries = Object.values(doors(manifest)).map((file) =>
    file
      .slice(join(FOLDER, 'src').length + 1)
      .split(sep)
      .join('/')
      .replace(/\.ts$/, '.d.ts'),
  );
  await writeDeclarations(ROOT, entries, join(DIST, 'types'), Object.keys(manifest.dependencies));
}
