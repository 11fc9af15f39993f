// Installs what tests need on Debian as root; anywhere else it only says what is missing.
import { readFileSync } from 'node:fs';
import { run } from './run.mjs';
import { say, ScriptProblem, step, yellow } from './screen.mjs';
import { findTools } from './tools.mjs';

// dpkg must never stop to ask: neither about a new setting nor about a changed file under /etc.
const APT = ['-y', '-q', '-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];
const QUIET = { env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' } };

function isDebianRoot() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

async function agreed(packages) {
  if (process.env.CI || !process.stdin.isTTY) return true;
  // Loaded here, so that an old Node still reads this file and gets its clear message.
  const { createInterface } = await import('node:readline/promises');
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question(`Install ${packages.join(', ')} with apt-get now? [Y/n] `);
  ask.close();
  return !/^n/i.test(answer.trim());
}

async function aptInstall(packages) {
  const install = () => run('apt-get', ['install', '--no-install-recommends', ...APT, ...packages], QUIET);
  let result = await install();
  if (result.status !== 0) {
    // The usual reason is a package list that is missing or out of date.
    await run('apt-get', ['update', '-q'], QUIET);
    result = await install();
  }
  if (result.status === 0) return;
  throw new ScriptProblem(
    'APT_FAILED',
    `apt-get could not install ${packages.join(', ')}:\n${result.output.trim().split('\n').slice(-6).join('\n')}`,
    'Tests that need them skip. Install them by hand and run npm test again.',
  );
}

/**
 * Finds the programs that tests use, installs the missing ones where it may, and prints what stays missing.
 * @returns the rows of `findTools()` as they are afterwards
 */
export async function ensureTools() {
  const missing = findTools().filter((row) => !row.path);
  const packages = missing.flatMap((row) => row.debian);
  if (packages.length > 0 && isDebianRoot()) {
    say(`Tests need ${packages.join(', ')}: Debian packages, installed with apt-get on this system.`);
    if (await agreed(packages)) {
      await step('install them', () => aptInstall(packages)).catch((error) =>
        say(yellow(`${error.message}\n${error.nextStep}`)),
      );
    }
  }
  const tools = findTools();
  for (const row of tools.filter((each) => !each.path)) {
    say(
      yellow(
        `! ${row.name} not found: its tests skip. Install it (Debian: ${row.debian.join(' ')}) or set ${row.variable}.`,
      ),
    );
  }
  return tools;
}
