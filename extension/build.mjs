// Builds extension/dist/chromium and extension/dist/firefox: the same bundles, each with its own manifest; and a zip of each
// for the browser's store.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { noticesOf } from '../scripts/notices.mjs';
import { LOCALES, manifestFor, POLICY, TARGETS } from './manifest.mjs';
import { plugins, smaller, TEXTS } from './shrink.mjs';
import { zipOf } from './zip.mjs';

const HERE = import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));

/** Every file of the bundles as `{path, contents}`, paths relative to the output folder. */
async function bundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: [
      TEXTS,
      'src/background.ts',
      'src/popup.tsx',
      'src/console.tsx',
      'src/styles/look.css',
      'src/styles/popup.css',
      'src/styles/console.css',
    ],
    entryNames: '[name]',
    outdir: 'dist',
    bundle: true,
    minify: true,
    charset: 'utf8',
    write: false,
    metafile: true,
    format: 'esm',
    // Popup, console and worker share what they have in common.
    splitting: true,
    chunkNames: 'shared-[hash]',
    platform: 'browser',
    target: ['chrome137', 'firefox140'],
    conditions: ['@leasehold/source'],
    inject: ['jsx.mjs'],
    tsconfigRaw: { compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' } },
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'warning',
    plugins,
  });
  const notices = { path: 'THIRD-PARTY-NOTICES.txt', contents: noticesOf(Object.keys(metafile.inputs)) };
  const bundles = outputFiles
    .map(({ path, text }) => ({
      path: path.slice(join(HERE, 'dist').length + 1),
      contents: path.endsWith('.js') ? smaller(path, text) : text,
    }))
    .filter(({ path }) => path !== `${TEXTS}.js`);
  return [...bundles, ...pages(metafile), notices];
}

/** The pages, with all scripts named ahead: the browser asks for them at once, not one after the other. */
function pages({ outputs }) {
  return readdirSync(join(HERE, 'pages')).map((path) => {
    const page = readFileSync(join(HERE, 'pages', path), 'utf8');
    const { imports } = outputs[`dist/${path.replace('.html', '.js')}`];
    const links = imports.map((each) => `  <link rel="modulepreload" href="${basename(each.path)}" />\n  `);
    return { path, contents: page.replace('</head>', `${links.join('')}</head>`) };
  });
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value)}\n`);
}

/** The files of a built folder as its store takes them: a store gives the id, and refuses a manifest that fixes one. */
function storeFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => {
      const contents = readFileSync(join(folder, path));
      if (path !== 'manifest.json') return { path: path.replaceAll('\\', '/'), contents };
      const { key: _fixed, ...manifest } = JSON.parse(contents.toString());
      return { path, contents: Buffer.from(JSON.stringify(manifest)) };
    });
}

/** Builds both browsers' folders below `dist`. @returns the folders by browser */
export async function buildExtension(dist = join(HERE, 'dist')) {
  const files = await bundle();
  const folders = {};
  for (const target of TARGETS) {
    const folder = join(dist, target);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { path, contents } of files) writeFileSync(join(folder, path), contents);
    cpSync(join(HERE, 'icons'), join(folder, 'icons'), { recursive: true, filter: (path) => !path.endsWith('.svg') });
    const manifest = manifestFor(target, version);
    writeJson(join(folder, 'manifest.json'), manifest);
    if ('storage' in manifest) writeJson(join(folder, manifest.storage.managed_schema), POLICY);
    for (const [locale, messages] of Object.entries(LOCALES)) {
      mkdirSync(join(folder, '_locales', locale), { recursive: true });
      writeJson(join(folder, '_locales', locale, 'messages.json'), messages);
    }
    writeFileSync(join(dist, `leasehold-console-${version}-${target}.zip`), zipOf(storeFiles(folder)));
    folders[target] = folder;
  }
  return folders;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const folder of Object.values(await buildExtension())) console.log(folder);
}
