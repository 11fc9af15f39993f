// The SDK as vendors get it: CommonJS with what it needs inlined, in parts that are read when they are needed, and a door
// for ESM; undici stays outside and is loaded when going online. No native module, no install script.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, sep } from 'node:path';
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

/** What a first decision does not need: each becomes a file of its own, read when somebody asks for it. */
const LATER = [
  'packages/terms/src/advise.ts',
  'packages/terms/src/reasons/explain.ts',
  'packages/terms/src/reasons/ja.ts',
  'packages/fingerprint/src/probes/node.ts',
  ...['contact', 'deactivate', 'recovery-proof', 'technician', 'transport', 'wire', 'wire-problems', 'boot-media'].map(
    (name) => `packages/sdk/src/${name}.ts`,
  ),
];

/** Leaves the later parts out of whatever imports them. */
const separate = {
  name: 'separate',
  setup(build) {
    const later = new Map(LATER.map((file) => [join(ROOT, file), `./${basename(file, '.ts')}.cjs`]));
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind }) => {
      const file = later.get(join(resolveDir, path.replace(/\.js$/, '.ts')));
      return file === undefined || kind === 'entry-point' ? undefined : { path: file, external: true };
    });
  },
};

async function bundle(manifest) {
  const { build, transform } = await import('esbuild');
  const outside = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const later = Object.fromEntries(LATER.map((file) => [basename(file, '.ts'), join(ROOT, file)]));
  const { metafile, outputFiles } = await build({
    entryPoints: { ...doors(manifest), ...later },
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    platform: 'node',
    target: 'node20.18',
    format: 'esm',
    conditions: ['@leasehold/source'],
    external: outside.filter((name) => !name.startsWith('@leasehold/')),
    plugins: [separate],
    metafile: true,
    write: false,
    absWorkingDir: ROOT,
    legalComments: 'none',
    logLevel: 'error',
  });
  for (const { path, text } of outputFiles) writeFileSync(path, await asCommonJs(transform, text));
  return Object.keys(metafile.inputs);
}

/** CommonJS whose parts are required where they are used for the first time, and not when the file is read. */
async function asCommonJs(transform, text) {
  const common = { target: 'node20.18', platform: 'node' };
  const { code } = await transform(text, { ...common, format: 'cjs', supported: { 'dynamic-import': false } });
  return (await transform(whenUsed(code), { ...common, minify: true })).code;
}

const REQUIRED = /^var (import_\w+) = (require\("[^"]+"\)|__toESM\(require\("[^"]+"\)(?:, 1)?\));$/gm;

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
