import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runProcess, type Ended } from './run-process.js';

/** The very command that a user types, from this installation. */
const BIN = fileURLToPath(new URL('../../bin/leasehold.mjs', import.meta.url));

/** Runs `leasehold …` as a process of its own. */
export function leasehold(args: readonly string[], cwd: string): Promise<Ended> {
  return runProcess(process.execPath, [BIN, ...args], cwd);
}

/** Runs `leasehold … --json` and answers its object. @throws Error with what it said instead */
export async function leaseholdJson(args: readonly string[], cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, output } = await leasehold([...args, '--json'], cwd);
  if (status !== 0) throw new Error(`leasehold ${args.join(' ')} ended with status ${status}: ${output.trim()}`);
  return JSON.parse(output) as Readonly<Record<string, unknown>>;
}

/** An authority in a process of its own: stopped and started again like on a server. */
export class AuthorityProcess {
  readonly #db: string;
  readonly #cwd: string;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(db: string, cwd: string) {
    this.#db = db;
    this.#cwd = cwd;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it: on the preferred port where that is free, later always on the one it had. */
  async start(preferred: number = this.#port): Promise<void> {
    const log: string[] = [];
    const args = [BIN, 'serve', '--db', this.#db, '--port', String(preferred), '--json'];
    const child = spawn(process.execPath, args, { cwd: this.#cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => void log.push(chunk.toString()));
    const first = await firstLine(child);
    const { url, error } = JSON.parse(first ?? '{}') as { url?: string; error?: { code: string; message: string } };
    if (url !== undefined) {
      this.#child = child;
      this.#port = Number(new URL(url).port);
    } else if (error?.code === 'PORT_IN_USE' && this.#port === 0 && preferred !== 0) await this.start(0);
    else
      throw new Error(
        error === undefined ? `the authority did not start: ${log.join('')}` : `${error.code}: ${error.message}`,
      );
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => void child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** Resolves when it ends by itself, or by Ctrl-C. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    await new Promise((resolve) => void child.once('close', resolve));
  }
}

function firstLine(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('close', () => resolve(undefined));
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
  });
}
