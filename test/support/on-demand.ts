import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/packages', import.meta.url));

/** A package that only a long test needs: installed into .cache at its first use, at this exact version, without its
 * install scripts. Answers its folder; where npm cannot bring it, the test is skipped and says why. */
export async function onDemand(name: string, version: string, skip: (why: string) => never): Promise<string> {
  const place = join(CACHE, `${name}@${version}`);
  const folder = join(place, 'node_modules', name);
  if (existsSync(folder)) return folder;
  const fresh = `${place}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), '{"private":true}');
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
    await run('npm', args, { cwd: fresh, timeout: 600_000 });
    renameSync(fresh, place);
    return folder;
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    const { stderr, message } = cause as Error & { stderr?: string };
    return skip(`npm does not install ${name}@${version} here: ${(stderr ?? message).trim().split('\n')[0]}`);
  }
}
