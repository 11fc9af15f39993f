// The SDK as vendors get it: one file for ESM, one for CommonJS, with what it needs inlined; undici stays outside and
// is loaded when going online. No native module, no install script.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { writeDeclarations } from './declarations.mjs';
import { ROOT } from './run.mjs';

const FOLDER = join(ROOT, 'packages/sdk');
const DIST = join(FOLDER, 'dist');
const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

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

/** License texts of the packages of others whose code is in the bundle. */
function writeNotices(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const notices = [...folders]
    .toSorted((a, b) => a.localeCompare(b))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(ROOT, folder)).find((each) => LICENSE_FILE.test(each));
      const text = file ? readFileSync(join(ROOT, folder, file), 'utf8').trim() : `License: ${license}`;
      return `${name} ${version} (${license})\n\n${text}\n`;
    });
  writeFileSync(
    join(DIST, 'THIRD-PARTY-NOTICES.txt'),
    ['This software contains the following:', ...notices].join(`\n${'-'.repeat(80)}\n`),
  );
}

/** Writes packages/sdk/dist from the sources and from the declarations that tsc has written before. */
export async function bundleSdk() {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  rmSync(join(DIST, 'types'), { recursive: true, force: true });
  const inputs = await bundle(manifest, 'esm');
  await bundle(manifest, 'cjs');
  writeNotices(inputs);
  const entries = Object.values(doors(manifest)).map((file) =>
    file
      .slice(join(FOLDER, 'src').length + 1)
      .split(sep)
      .join('/')
      .replace(/\.ts$/, '.d.ts'),
  );
  writeDeclarations(ROOT, entries, join(DIST, 'types'), Object.keys(manifest.dependencies));
}
