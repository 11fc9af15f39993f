// `npm test`: sets up what is missing, checks, builds, runs every suite. The last line is `N passed, N failed`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import './node-version.mjs';
import { ROOT, tool } from './run.mjs';
import { bold, green, main, red, say, sayProblem, yellow } from './screen.mjs';
import { ensurePackages } from './setup.mjs';
import { ensureTools } from './debian.mjs';
import { filesBelow } from './sources.mjs';
import { toolVariables } from './tools.mjs';

const CACHE = join(ROOT, '.cache');
const EVIDENCE = join(ROOT, 'docs/evidence');
const long = process.argv.includes('--long');
const fresh = process.argv.includes('--fresh');
const filters = process.argv.slice(2).filter((each) => !each.startsWith('--'));
// Random cases of one run share this seed: a failure is run again by setting it. The short form draws the same cases
// each time, so that it fails for what was changed; the long form draws new ones.
const seed = process.env.LEASEHOLD_SEED ?? (long ? String(Date.now() % 2 ** 31) : '1');

const total = { passed: 0, failed: 0, skipped: 0 };
const count = (result) => Object.keys(total).forEach((key) => (total[key] += result[key] ?? 0));

/** Runs vitest over the filters and returns the reporter's counts; a run that wrote none counts as one failure. */
async function runVitest(patterns) {
  const file = join(CACHE, `tests-${process.pid}.json`);
  rmSync(file, { force: true });
  const args = [
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    `--reporter=${ROOT}/scripts/vitest-reporter.mjs`,
  ];
  const env = { ...toolVariables(), LEASEHOLD_TEST_RESULT: file, LEASEHOLD_SEED: seed, ...(long && { LONG: '1' }) };
  const { status } = await tool('vitest/vitest.mjs', [...args, ...patterns], { show: true, env });
  const lost = {
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: [`vitest ended with status ${status} and no result`],
    skips: [],
    evidence: [],
  };
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : lost;
  if (status !== 0 && result.failed === 0)
    Object.assign(result, { failed: 1, failures: [`vitest ended with status ${status}`] });
  if (result.passed + result.failed === 0)
    Object.assign(result, { failed: 1, failures: [`no test ran for ${patterns.join(' ') || 'the whole tree'}`] });
  return demandReasons(result);
}

/** A skip without a reason is a test that nobody runs and nobody misses: it counts as a failure. */
function demandReasons(result) {
  const silent = result.skips.filter(({ reason }) => !reason).map(({ test }) => `${test}: skipped without a reason`);
  result.failures.push(...silent);
  result.failed += silent.length;
  return result;
}

function sayDetails({ failures, skips }) {
  for (const { test, reason } of skips) say(yellow(`skipped: ${test}: ${reason ?? 'no reason given'}`));
  for (const failure of failures) say(red(`failed: ${failure}`));
}

/** The short form: everything in one run. */
async function runShort() {
  const result = await runVitest(filters);
  sayDetails(result);
  count(result);
}

const suiteNames = () =>
  readdirSync(join(ROOT, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['cases', 'support', 'bench'].includes(entry.name))
    .map((entry) => entry.name)
    .sort();

const commit = () => execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();

/** The test files of a suite, or of a part of it: `authority`, `authority/store`, `authority/store/kill`. */
const filesOf = (part) =>
  filesBelow(ROOT, join('test', part.split('/')[0]), /\.test\.tsx?$/)
    .filter((file) => file.startsWith(`test/${part}`))
    .sort();

/** The long form: file by file, each leaving its evidence with its suite's; a file that passed at this commit is not run
 * again, so that a run of hours can be cut anywhere. */
async function runLong() {
  const head = commit();
  mkdirSync(EVIDENCE, { recursive: true });
  for (const part of filters.length > 0 ? filters : suiteNames()) {
    const files = filesOf(part);
    if (files.length === 0) {
      count({ failed: 1 });
      say(red(`failed: there is no test of ${part}`));
    }
    for (const file of files) await runFile(part.split('/')[0], file, head);
  }
}

async function runFile(suite, file, head) {
  const evidence = join(EVIDENCE, `${suite}.json`);
  const written = () => (existsSync(evidence) ? (JSON.parse(readFileSync(evidence, 'utf8')).files ?? []) : []);
  const known = written().find((each) => each.file === file);
  if (!fresh && known?.commit === head && known.failed === 0) {
    say(`${green('✓')} ${file}: passed at this commit on ${known.date}`);
    return count(known);
  }
  say(bold(`\n${file}`));
  const started = Date.now();
  const result = await runVitest([file]);
  sayDetails(result);
  count(result);
  const about = {
    file,
    date: new Date(started).toISOString(),
    commit: head,
    node: process.version,
    seed: Number(seed),
  };
  const seconds = Math.round((Date.now() - started) / 1000);
  // Read again: another part of the suite may have been run beside this one.
  const others = written().filter((each) => each.file !== file && existsSync(join(ROOT, each.file)));
  const files = [...others, { ...about, seconds, ...result }].sort((a, b) => (a.file < b.file ? -1 : 1));
  const sum = (name) => files.reduce((before, each) => before + each[name], 0);
  const totals = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), seconds: sum('seconds') };
  writeFileSync(evidence, `${JSON.stringify({ suite, ...totals, files }, null, 2)}\n`);
}

/** Everything before the suites. Each check and the build count as tests: a red one must show in the last line. */
async function prepare() {
  const tools = await ensureTools();
  const lacking = tools.filter((row) => process.env.CI && row.required && !row.path);
  for (const row of lacking) say(red(`failed: ${row.name} is not there, and CI may not skip its tests`));
  count({ failed: lacking.length });
  const { runChecks } = await import('./check.mjs');
  count(await runChecks());
  const { buildAll } = await import('./build.mjs');
  await buildAll().then(
    () => count({ passed: 1 }),
    (error) => (sayProblem(error), count({ failed: 1 })),
  );
}

await main(async () => {
  mkdirSync(CACHE, { recursive: true });
  await ensurePackages();
  if (filters.length === 0) await prepare();
  say(`seed ${seed} (run these again with LEASEHOLD_SEED=${seed})`);
  await (long ? runLong() : runShort());
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  say(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 ? 1 : 0;
});
