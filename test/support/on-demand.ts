import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/packages', import.meta.url));

/** A package that only a long test needs: installed into .cache at its first use, at this exact version. Answers its
 * folder, or why it cannot be had. No install script runs. */
export async function onDemand(name: string, version: string): Promise<{ folder: string } | { lacking: string }> {
  const place = join(CACHE, `${name}@${version}`);
  const folder = join(place, 'node_modules', name);
  if (existsSync(folder)) return { folder };
  const fresh = `${place}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), '{"private":true}');
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
    await run('npm', args, { cwd: fresh, timeout: 600_000 });
    renameSync(fresh, place);
    return { folder };
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    const { stderr, message } = cause as Error & { stderr?: string };
    return { lacking: `npm does not install ${name}@${version} here: ${(stderr ?? message).trim().split('\n')[0]}` };
  }
}
