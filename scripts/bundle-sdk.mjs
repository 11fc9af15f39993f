// The SDK as vendors get it: CommonJS with what it needs inlined, in parts that are read when they are needed, and a door
// for ESM; undici stays outside and is loaded when going online. No native module, no install script.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
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
 * `index.ts` reaches is in index.cjs, with nothing between its modules. */
const LATER = Object.fromEntries(
  [
    'terms/src/advise',
    'terms/src/decide',
    'terms/src/instances/shapes',
    'terms/src/pools/shapes',
    'terms/src/reasons/explain',
    'terms/src/reasons/en',
    'terms/src/reasons/ja',
    'terms/src/rulebooks/generic',
    'terms/src/rulebooks/msp',
    'terms/src/rulebooks/lmp',
    'protocol/src/one-time-code',
    'protocol/src/routes',
    'fingerprint/src/boot-medium',
    'fingerprint/src/hypervisor',
    'fingerprint/src/probes/macos',
    'fingerprint/src/probes/metadata',
    'fingerprint/src/probes/node',
    'fingerprint/src/probes/windows',
    'sdk/src/decision/problems-ja',
    'sdk/src/abort',
    'sdk/src/lease/activation-key',
    'sdk/src/lease/air-gap',
    'sdk/src/media/boot-media',
    'sdk/src/trust/certificate-chain',
    'sdk/src/lease/contact',
    'sdk/src/lease/deactivate',
    'sdk/src/diagnostics',
    'sdk/src/lease/first-run-start',
    'sdk/src/machine/generalize',
    'sdk/src/machine/install',
    'sdk/src/machine/inventory-desk',
    'sdk/src/lease/lineage',
    'sdk/src/machine/look-again',
    'sdk/src/trust/recovery-proof',
    'sdk/src/lease/renewal',
    'sdk/src/sent',
    'sdk/src/status',
    'sdk/src/socket/status-socket',
    'sdk/src/media/media-desk',
    'sdk/src/media/technician',
    'sdk/src/media/technician-desk',
    'sdk/src/wire/transport',
    'sdk/src/usage/usage-log',
    'sdk/src/usage/usage-outbox',
    'sdk/src/usage/usage-rows',
    'sdk/src/media/voucher',
    'sdk/src/wire/wire',
    'sdk/src/wire/wire-problems',
  ].map((path) => [path.replace(/^.*?src\//, '').replaceAll('/', '-'), join(ROOT, `packages/${path}.ts`)]),
);
/** What several of the other parts need and index.cjs does not. */
const SHARED = 'shared';
/** One rulebook is always needed. That of machines, which nearly every agent has, is in index.cjs: one file less, and V8
 * keeps a text of more than 128 KiB outside of the young objects, which a start then collects once less. */
const RULEBOOKS = ['rulebooks-msp', 'rulebooks-lmp'];

/** What an import leads to: every part asks for all that it reaches, and most of it is the same. */
const resolutions = new Map();

/** Leaves the later parts out of whatever imports them, and takes what lives in another part from there. */
const parting = (outfile, homes) => ({
  name: 'parting',
  setup(build) {
    const later = new Map(Object.entries(LATER).map(([name, file]) => [file, `./${name}.cjs`]));
    build.onResolve({ filter: /^(\.{1,2}\/|@leasehold\/)/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolving' || from.kind === 'entry-point') return undefined;
      const asked = `${from.resolveDir}\0${path}`;
      if (!resolutions.has(asked))
        resolutions.set(asked, await build.resolve(path, { ...from, pluginData: 'resolving' }));
      const resolved = resolutions.get(asked);
      const part = later.get(resolved.path);
      if (part !== undefined) return { path: part, external: true };
      const home = homes.get(resolved.path);
      if (home === undefined || home === outfile) return resolved;
      return { path: `./${home}#${relative(ROOT, resolved.path)}`, external: true, sideEffects: false };
    });
  },
});

/** Bundles one part: its text, the files that are in it, and those it takes from the parts they live in. */
async function bundlePart(outfile, contents, homes, manifest) {
  const { build } = await import('esbuild');
  const outside = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: join(FOLDER, 'src'), sourcefile: outfile },
    outfile: join(DIST, outfile),
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    conditions: ['@leasehold/source'],
    external: outside.filter((name) => !name.startsWith('@leasehold/')),
    plugins: [parting(outfile, homes)],
    metafile: true,
    write: false,
    absWorkingDir: ROOT,
    legalComments: 'none',
    // An unused part is asked for nothing; that `module` stands in a text with exports is meant.
    logOverride: { 'ignored-bare-import': 'silent', 'commonjs-variable-in-esm': 'silent' },
    logLevel: 'error',
  });
  const text = outputFiles[0].text;
  const { inputs } = Object.values(metafile.outputs)[0];
  const files = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  return { text, files, taken: [...text.matchAll(TAKEN)].map(([, home, file]) => [home, file]) };
}

async function bundle(manifest) {
  const parts = { ...LATER, ...doors(manifest) };
  const homes = new Map();
  const part = (name, more = '') => bundlePart(`${name}.cjs`, `${allOf(parts[name])}${more}`, homes, manifest);
  const bringHome = (files, home) => files.forEach((file) => homes.set(join(ROOT, file), `${home}.cjs`));
  // An index, or the guards as a whole, would bring all there is where a few are needed: each part has its own.
  const divisible = (file) => file.endsWith('.ts') && !/\/(index|generated\/guards)\.ts$/.test(file);
  bringHome((await part('index')).files.filter(divisible), 'index');
  const others = Object.keys(parts).filter((name) => name !== 'index');
  const users = new Map();
  for (const name of others)
    for (const file of (await part(name)).files.filter(divisible)) users.set(file, [...(users.get(file) ?? []), name]);
  const shared = [...users.keys()].filter((file) => users.get(file).length > 1);
  // What a rulebook shares is read along with the rest, and not from one more file.
  const always = shared.filter((file) => RULEBOOKS.some((name) => users.get(file).includes(name)));
  bringHome(shared, SHARED);
  bringHome(always, 'index');

  const bundled = new Map();
  for (const name of others) bundled.set(name, await part(name));
  const takenFrom = (home) =>
    new Set([...bundled.values()].flatMap(({ taken }) => taken.flatMap(([at, file]) => (at === home ? [file] : []))));
  bundled.set(SHARED, await bundlePart(`${SHARED}.cjs`, await innerOf(takenFrom(SHARED)), homes, manifest));
  bundled.set('index', await part('index', await innerOf(takenFrom('index').add(SPARE_FILE))));
  const readers = readersOf([...Object.keys(LATER), SHARED]);
  for (const [name, { text }] of bundled) {
    const whole = name === 'index' ? `${readers}${text}` : text;
    writeFileSync(join(DIST, `${name}.cjs`), await finished(whole));
  }
  return [...bundled.values()].flatMap(({ files }) => files);
}

const allOf = (file) => `export * from ${JSON.stringify(file)};\n`;
const innerNames = new Map();
/** What each module is called inside the part it lives in: `$1`, `$2` …, since every letter of a part is read at a start. */
function innerName(file) {
  if (!innerNames.has(file)) innerNames.set(file, `$${innerNames.size + 1}`);
  return innerNames.get(file);
}

/** Hands the modules `files` of this part to the other parts, when they ask. */
async function innerOf(files) {
  const rows = [];
  for (const file of files) {
    const names = (await exportsOf(file)).map((name) => [name, `${innerName(file)}_${name}`]);
    rows.push([
      `import { ${names.map(([name, alias]) => `${name} as ${alias}`).join(', ')} } from ${JSON.stringify(join(ROOT, file))};`,
      `get ${innerName(file)}() { return { ${names.map(([name, alias]) => `${name}: ${alias}`).join(', ')} }; },`,
    ]);
  }
  const getters = rows.map(([, getter]) => getter).join('\n');
  return `${rows.map(([line]) => line).join('\n')}
    Object.defineProperty(module.exports, 'inner', { get: () => ({ ${getters} }) });`;
}

async function exportsOf(file) {
  const { build } = await import('esbuild');
  const { metafile } = await build({ entryPoints: [join(ROOT, file)], format: 'esm', write: false, metafile: true });
  return Object.values(metafile.outputs)[0].exports;
}

const TAKEN = /require\("\.\/(\w+)\.cjs#([^"]+)"\)/g;
const REQUIRED = /^var (\w+) = ((?:__toESM\()?require\("[^"]+"\)(?:\.inner\.[$\w]+)?(?:(?:, 1)?\))?);$/gm;

/** CommonJS whose parts are required where they are used for the first time, and not when the file is read. */
async function finished(text) {
  const { transform } = await import('esbuild');
  const code = text.replace(TAKEN, (_, home, file) => `require("./${home}.cjs").inner.${innerName(file)}`);
  const names = [...code.matchAll(REQUIRED)].map(([, name]) => name);
  const use = new RegExp(`(?<![\\w$])(${names.join('|')})(?![\\w$])`, 'g');
  const declared = code.replace(REQUIRED, 'const $1_part = lazily(() => $2);');
  const lazy = names.length === 0 ? code : `${LAZILY}${declared.replace(use, '($1_part())')}`;
  return (await transform(lazy, { target: 'node20.18', format: 'cjs', minify: true })).code;
}

/** For sdk/src/parts.ts, which reads them in time. Each is named in a call of its own: bundlers follow those. */
const readersOf = (names) =>
  `function readersOfParts() { return [${names.map((name) => `() => require("./${name}.cjs")`).join(', ')}]; }\n`;

/** Has a file to open where the process has used up all of its own. */
const SPARE_FILE = 'packages/sdk/src/spare-file.ts';
const LAZILY = `function lazily(load) {
  let part;
  const inNeed = (error) => {
    if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error;
    return require("./index.cjs").inner.${innerName(SPARE_FILE)}.inPlaceOfSpareFile(load);
  };
  return () => { try { return (part ??= load()); } catch (error) { return (part = inNeed(error)); } };
}
`;

/** ESM for those who import: the same code, so that a program which also requires it has one SDK and not two. Node would
 * read the whole CommonJS text for its names, so it is told them; a bundler, which cannot follow that, takes the other. */
function writeEsmDoors(door) {
  const names = Object.keys(createRequire(import.meta.url)(join(DIST, `${door}.cjs`))).join(', ');
  const required = `createRequire(import.meta.url)('./${door}.cjs')`;
  writeFileSync(
    join(DIST, `${door}.js`),
    `import { createRequire } from 'node:module';\nexport const { ${names} } = ${required};\n`,
  );
  writeFileSync(
    join(DIST, `${door}.bundler.js`),
    `import sdk from './${door}.cjs';\nexport const { ${names} } = sdk;\n`,
  );
}

/** Writes packages/sdk/dist from the sources and from the declarations that tsc has written before. */
export async function bundleSdk() {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  for (const file of readdirSync(DIST)) if (STALE.test(file)) rmSync(join(DIST, file), { recursive: true });
  const inputs = await bundle(manifest);
  for (const door of Object.keys(doors(manifest))) writeEsmDoors(door);
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
