import { spawn, type ChildProcess } from 'node:child_process';
import type { GuestImage } from './guest-image.js';

/** The hardware that a hypervisor shows to a guest. */
export interface GuestHardware {
  readonly uuid: string;
  readonly mac: string;
  /** A hypervisor gives another one to whatever was copied or reverted. */
  readonly generation: string;
  /** MB. */
  readonly memory: number;
}

/** A real machine under QEMU's software emulation; commands go over its serial line. It reaches this machine's loopback
 * as 10.0.2.2, and nothing else. */
export class Guest {
  readonly #process: ChildProcess;
  #output = '';
  #heard: () => void = () => undefined;

  static async boot({ kernel, initrd }: GuestImage, disk: string, hardware: GuestHardware): Promise<Guest> {
    const { uuid, mac, generation, memory } = hardware;
    const words =
      `-accel tcg -cpu max -m ${memory} -no-reboot -display none -monitor none -serial stdio -uuid ${uuid} ` +
      `-device vmgenid,guid=${generation} -nic user,model=virtio-net-pci,mac=${mac} -device virtio-blk-pci,drive=disk`;
    const args = [
      ...words.split(' '),
      '-kernel',
      kernel,
      '-initrd',
      initrd,
      '-append',
      'console=ttyS0 quiet panic=1 no_timer_check',
      '-drive',
      `file=${disk},format=raw,if=none,id=disk`,
    ];
    const guest = new Guest(spawn('qemu-system-x86_64', args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await guest.#until(/@@ready/);
    return guest;
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
        this.#heard();
      });
    }
    process.once('close', () => this.#heard());
  }

  /** Runs a command line inside; its exit status and what it printed. */
  async run(line: string): Promise<{ readonly status: number; readonly out: string }> {
    this.#output = '';
    this.#process.stdin?.write(`${line}\n`);
    const [before = '', status] = await this.#until(/\n@@(\d+)/);
    return { status: Number(status), out: before.trim() };
  }

  /** Shuts it down in order, so that its disk is whole. */
  async powerOff(): Promise<void> {
    const ended = this.#end();
    this.#process.stdin?.write('sync; mount -o remount,ro /; poweroff -f\n');
    await ended;
  }

  /** Pulls the plug, if it still runs. */
  async kill(): Promise<void> {
    const ended = this.#end();
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    await new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
  }

  /** Waits for a line; answers what stood before it, and its parts. */
  async #until(line: RegExp): Promise<string[]> {
    for (;;) {
      const found = line.exec(this.#output);
      if (found !== null) return [this.#output.slice(0, found.index), ...found.slice(1)];
      if (this.#process.exitCode !== null) throw new Error(`The guest ended: ${this.#output.slice(-2000)}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }
}
