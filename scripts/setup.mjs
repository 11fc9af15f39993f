import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, ROOT } from './run.mjs';
import { ScriptProblem, step } from './screen.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
// npm writes this file last, so it exists only after an install that went through.
const INSTALLED = join(MODULES, '.package-lock.json');
const STAMP = join(MODULES, '.leasehold-installed');

const lockDigest = () => createHash('sha256').update(readFileSync(LOCK)).digest('hex');

function packagesAreCurrent() {
  if (!existsSync(INSTALLED)) return false;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockDigest()) return true;
  return statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
}

/**
 * Installs the locked packages into the clone when they are missing or older than package-lock.json.
 * @throws ScriptProblem PACKAGES_NOT_INSTALLED
 */
export async function ensurePackages() {
  if (!existsSync(LOCK)) {
    throw new ScriptProblem('LOCK_MISSING', 'package-lock.json is not there.', 'Clone the repository again.');
  }
  if (packagesAreCurrent()) return;
  await step('install the locked packages (npm ci)', async () => {
    const { status, output } = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (status !== 0) {
      throw new ScriptProblem(
        'PACKAGES_NOT_INSTALLED',
        `npm ci ended with status ${status}:\n${output.trim().split('\n').slice(-12).join('\n')}`,
        'Check the network (proxy, registry in .npmrc) and the free disk space, then run the same command again.',
      );
    }
    writeFileSync(STAMP, lockDigest());
  });
}
