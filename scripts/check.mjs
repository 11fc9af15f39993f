// `npm run check`: a line for each step. Every step fails when it looked at nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOlder } from './node-version.mjs';
import { npm, ROOT, run, tool } from './run.mjs';
import { main, say, sayProblem, ScriptProblem, step, yellow } from './screen.mjs';
import { ensurePackages } from './setup.mjs';
import { compile } from './build.mjs';
import { bundleSdk } from './bundle-sdk.mjs';
import { checkDocs } from './docs.mjs';
import { checkFloors } from './floors.mjs';
import { filesBelow, folderOf, packagesIn } from './sources.mjs';

const CEILING = 300; // lines of a source file

/** A red check: what was found, a line each. */
const found = (lines) => new ScriptProblem('CHECK_FAILED', [lines].flat().join('\n'), '');

/** `12 files`, or a failure: a check that looked at nothing has checked nothing. */
function looked(count, noun = 'files') {
  if (count > 0) return `${count} ${noun}`;
  throw found(`it looked at no ${noun}: the check itself is broken`);
}

/** Standard output of a tool that must end with status 0; when it does not, all it wrote is what was found. */
async function clean(running) {
  const { status, output, stdout } = await running;
  if (status !== 0) throw found(output.trim() || `status ${status} and no output`);
  return stdout;
}

async function types() {
  await clean(compile());
  const infos = packagesIn(ROOT).map((name) =>
    join(ROOT, folderOf(name), name === 'extension' ? 'dist/types' : 'dist', '.tsbuildinfo'),
  );
  const ours = infos.map(
    (path) => JSON.parse(readFileSync(path, 'utf8')).fileNames.filter((file) => /\/src\//.test(file)).length,
  );
  return looked(Math.min(...ours) > 0 ? ours.reduce((a, b) => a + b) : 0);
}

async function testTypes() {
  await clean(tool('typescript/bin/tsc', ['-p', 'test']));
  const output = await clean(tool('typescript/bin/tsc', ['-p', 'test', '--listFilesOnly']));
  return looked(output.split('\n').filter((line) => line.startsWith(join(ROOT, 'test'))).length);
}

/** The guards in the tree are what the generator writes from the schemas; it fails when it finds no schema. */
const guards = async () => void (await clean(run(process.execPath, ['scripts/guards.mjs', '--check'])));

/** oxlint and oxfmt end with `Finished in … on N files`. */
const filesNamedBy = (output) => Number(/on (\d+) files/.exec(output)?.[1] ?? 0);

const lint = async () =>
  looked(filesNamedBy(await clean(tool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']))));
const format = async () => looked(filesNamedBy(await clean(tool('oxfmt/bin/oxfmt', ['--check']))));

async function floors() {
  const { files, problems } = await checkFloors(ROOT);
  if (problems.length > 0) throw found(problems);
  return looked(files);
}

async function deadCode() {
  const reporter = ['--no-progress', '--reporter', './scripts/knip-reporter.mjs'];
  const output = await clean(tool('knip/bin/knip.js', reporter));
  return looked(Number(/looked at (\d+) files/.exec(output)?.[1] ?? 0));
}

function fileSizes() {
  const pattern = /\.(ts|tsx|mjs)$/;
  const files = ['packages', 'extension', 'scripts'].flatMap((folder) => filesBelow(ROOT, folder, pattern));
  const lines = files.map((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1);
  const long = files.flatMap((file, i) =>
    lines[i] > CEILING ? [`${file}: ${lines[i]} lines, the ceiling is ${CEILING}`] : [],
  );
  if (long.length > 0) throw found(long);
  const median = lines.toSorted((a, b) => a - b)[Math.floor(lines.length / 2)];
  return `${looked(files.length)}, median ${median} lines`;
}

/** Packs each package that is published and asks publint and attw whether every consumer can load it, with types. */
async function published() {
  await bundleSdk();
  const packages = packagesIn(ROOT).filter((name) => existsSync(join(ROOT, folderOf(name), 'dist/index.cjs')));
  const { publint } = await import('publint');
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-pack-'));
  try {
    for (const name of packages) {
      const { messages } = await publint({ pkgDir: join(ROOT, folderOf(name)), strict: true });
      if (messages.length > 0)
        throw found(messages.map((each) => `${name}: ${each.code} ${JSON.stringify(each.args)}`));
      const packed = JSON.parse(
        await clean(npm(['pack', '--json', '--pack-destination', folder, '-w', folderOf(name)])),
      );
      const file = join(folder, [packed].flat()[0].filename);
      await clean(tool('@arethetypeswrong/cli/dist/index.js', [file, '--no-color']));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return looked(packages.length, 'packages');
}

async function docs() {
  const { entries, problems } = await checkDocs();
  if (problems.length > 0) throw found(problems);
  return looked(entries, 'entries');
}

/** A lock that npm ci refuses stops every fresh clone; npm install alone would not notice. */
async function lock() {
  await clean(npm(['ci', '--dry-run', '--no-audit', '--no-fund', '--loglevel=error']));
  return looked(
    Object.keys(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages).length,
    'packages',
  );
}

const STEPS = {
  'lock file': lock,
  'types of the packages': types,
  'types of the tests': testTypes,
  'generated guards': guards,
  lint,
  format,
  floors,
  'dead code and dependencies': deadCode,
  'file sizes': fileSizes,
  'published packages': published,
  'docs in sync': docs,
};

// knip reads its own modules with require(esm), which older lines lack.
const KNIP_NEEDS = '20.19.0';

/** Runs every check, also after a red one. @returns `{passed, failed, skipped}` */
export async function runChecks() {
  const result = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, work] of Object.entries(STEPS)) {
    if (work === deadCode && isOlder(process.version, KNIP_NEEDS)) {
      say(yellow(`skipped: ${name}: knip needs Node ${KNIP_NEEDS}`));
      result.skipped += 1;
      continue;
    }
    try {
      await step(`check ${name}`, work);
      result.passed += 1;
    } catch (error) {
      sayProblem(error);
      result.failed += 1;
    }
  }
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    await ensurePackages();
    const { failed } = await runChecks();
    return failed > 0 ? 1 : 0;
  });
}
