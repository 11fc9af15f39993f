import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a command to its end and never rejects: `{status, output, stdout}`, `output` with both streams in their order,
 * status 127 when it could not be started.
 * `show: true` passes its output through to the screen instead of collecting it.
 */
export function run(command, args, { cwd = ROOT, env = {}, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      // Collected output is cut up and searched: no colors in it.
      env: { ...process.env, ...(show ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' }), ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      // npm is a batch file on Windows, and those start only through the shell.
      shell: process.platform === 'win32' && command === 'npm',
    });
    const [chunks, results] = [[], []];
    child.stdout?.on('data', (chunk) => chunks.push(chunk) && results.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ status: 127, output: error.message, stdout: '' }));
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString() + (signal ? `\nended by ${signal}` : '');
      resolve({ status: code ?? 1, output, stdout: Buffer.concat(results).toString() });
    });
  });
}

/** Runs npm itself: the very one that started this script where npm did, else the one on the PATH. */
export function npm(args, options) {
  const path = process.env.npm_execpath;
  return path?.endsWith('.js') ? run(process.execPath, [path, ...args], options) : run('npm', args, options);
}

/** Runs a tool from node_modules by its JavaScript entry, without npx in between. */
export function tool(entry, args, options) {
  return run(process.execPath, [`${ROOT}/node_modules/${entry}`, ...args], options);
}
