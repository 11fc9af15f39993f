import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'packages/cli/bin/leasehold.mjs');

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a user has who set nothing of ours: the runner's own variables name the tools of tests. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LEASEHOLD_')));
}

/** Starts the built command as a process of its own, as a user or a service manager does. `log`: where its standard error
 * goes, a pipe or an open file; `output`: the other. */
export function startCommand(
  args: readonly string[],
  cwd?: string,
  uid?: number,
  gid = uid,
  log: 'pipe' | number = 'pipe',
  output: 'pipe' | number = 'pipe',
): ChildProcess {
  if (!existsSync(join(ROOT, 'packages/cli/dist/index.js'))) throw new Error('The command is not built: npm run build');
  const user = uid === undefined || gid === undefined ? {} : { uid, gid };
  return spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: plainEnvironment(),
    stdio: ['ignore', output, log],
    ...user,
  });
}

/** Runs the built command to its end. */
export function runCommand(args: readonly string[], cwd?: string, uid?: number, gid = uid): Promise<Ended> {
  const child = startCommand(args, cwd, uid, gid);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => void out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => void err.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (status) =>
      resolve({ status, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    );
  });
}

/** The first line that a process writes. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('close', (status) => reject(new Error(`it ended with status ${status} before it said anything`)));
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
  });
}

/** Ends a process by a signal and answers its status. */
export function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('close', (status) => resolve(status));
    child.kill(signal);
  });
}
