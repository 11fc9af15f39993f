import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, ROOT } from './run.mjs';
import { ScriptProblem, step } from './screen.mjs';

const LOCK = join(ROOT, 'package-lock.json');
// npm's own record of what it installed; it is written last, so it exists only after an install that went through.
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Is every locked package installed in its locked version? Packages for other systems may be absent. */
function packagesAreCurrent() {
  if (!existsSync(INSTALLED)) return false;
  const installed = packagesOf(INSTALLED);
  return Object.entries(packagesOf(LOCK)).every(([path, { version, optional }]) => {
    if (!path.startsWith('node_modules/') || version === undefined) return true;
    return installed[path] ? installed[path].version === version : optional === true;
  });
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
        `npm ci ended with status ${status}:\n${output.trim().split('\n').slice(0, 12).join('\n')}`,
        'Check the network (proxy, registry in .npmrc) and the free disk space, then run the same command again.',
      );
    }
  });
}
