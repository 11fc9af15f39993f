// The SDK as vendors get it: one file for ESM, one for CommonJS, with what it needs inlined; undici stays outside and
// is loaded when going online. No native module, no install script.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { writeDeclarations } from './declarations.mjs';
import { noticesOf } from './notices.mjs';
import { ROOT } from './run.mjs';

const FOLDER = join(ROOT, 'packages/sdk');
const DIST = join(FOLDER, 'dist');
const STALE = /^types$|^shared-.*\.js$/;

/** `index`, `testing` … → source file: every door of the manifest. */
function doors({ exports }) {
  const rows = Object.entries(exports).filter(([, row]) => typeof row === 'object');
  return Object.fromEntries(
    rows.map(([door, row]) => [door === '.' ? 'index' : door.slice(2), join(FOLDER, row['@leasehold/source'])]),
  );
}

async function bundle(manifest, format) {
  const { build } = await import('esbuild');
  const outside = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const { metafile } = await build({
    entryPoints: doors(manifest),
    outdir: DIST,
    outExtension: { '.js': format === 'esm' ? '.js' : '.cjs' },
    bundle: true,
    splitting: format === 'esm',
    chunkNames: 'shared-[hash]',
    platform: 'node',
    target: 'node20.18',
    format,
    conditions: ['@leasehold/source'],
    external: outside.filter((name) => !name.startsWith('@leasehold/')),
    metafile: true,
    absWorkingDir: ROOT,
    legalComments: 'none',
    logLevel: 'error',
  });
  return Object.keys(metafile.inputs);
}

/** Writes packages/sdk/dist from the sources and from the declarations that tsc has written before. */
export async function bundleSdk() {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  for (const file of readdirSync(DIST)) if (STALE.test(file)) rmSync(join(DIST, file), { recursive: true });
  const inputs = await bundle(manifest, 'esm');
  await bundle(manifest, 'cjs');
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
