import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRODUCT, type Bench } from './authority.js';
import { forkSource } from './run-source.js';

/** Machines in processes of their own, around one authority whose clock they share by a file. */
export class Floor {
  readonly #bench: Bench;
  readonly #folder = mkdtempSync(join(tmpdir(), 'leasehold-floor-'));
  readonly #children: ChildProcess[] = [];
  #folders = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.pass(0);
  }

  get clockFile(): string {
    return join(this.#folder, 'clock');
  }

  /** Time goes on for everybody. */
  pass(ms: number): void {
    this.#bench.clock += ms;
    writeFileSync(this.clockFile, String(this.#bench.clock));
  }

  newFolder(): string {
    this.#folders += 1;
    return join(this.#folder, `state-${this.#folders}`);
  }

  /** A disk copied file by file. */
  copyOf(stateDir: string): string {
    const copy = this.newFolder();
    cpSync(stateDir, copy, { recursive: true, filter: (file) => !file.endsWith('.sock') });
    return copy;
  }

  /** Starts a machine. Without `offline` it reaches the authority; `installation` is what its disk was copied from,
   * `uuid` what its firmware says. */
  async start(
    hardware: string,
    {
      stateDir = this.newFolder(),
      installation = hardware,
      key,
      offline = false,
      uuid,
    }: { stateDir?: string; installation?: string; key?: string; offline?: boolean; uuid?: string } = {},
  ): Promise<Machine> {
    const options = {
      product: PRODUCT,
      version: '12.1',
      roots: [this.#bench.rootJwk],
      stateDir,
      label: hardware,
      ...(offline ? {} : { authority: this.#bench.authority.url }),
      ...(key === undefined ? {} : { activation: { key } }),
      testing: { socket: { runFolder: join(this.#folder, `run-${this.#folders}-${this.#children.length}`) } },
    };
    const args = [
      hardware,
      installation,
      this.clockFile,
      JSON.stringify(options),
      ...(uuid === undefined ? [] : [uuid]),
    ];
    const child = await forkSource(fileURLToPath(new URL('machine-process.ts', import.meta.url)), args);
    this.#children.push(child);
    return Machine.of(child, stateDir);
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A running machine, called by messages. */
export class Machine {
  readonly stateDir: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #last = 0;

  static async of(child: ChildProcess, stateDir: string): Promise<Machine> {
    const machine = new Machine(child, stateDir);
    const errors: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => void errors.push(chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.once('close', (status) => reject(new Error(`the machine ended with ${status}: ${errors.join('')}`)));
      machine.#waiting.set(0, () => resolve());
    });
    return machine;
  }

  private constructor(child: ChildProcess, stateDir: string) {
    this.#child = child;
    this.stateDir = stateDir;
    child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  call<T>(call: string, argument: unknown = null): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => resolve(answer as T));
      this.#child.send({ id, call, argument });
    });
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }
}
