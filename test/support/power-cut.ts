import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system of its own that can be cut off as a power failure does: what was not synced is gone. */
export interface CuttableDisk {
  readonly folder: string;
  /** From here on nothing reaches the disk; what the journal had not flushed is lost. */
  cut(): void;
  /** Comes back as after a reboot, the file system's own journal replayed. */
  restore(): void;
  dispose(): void;
}

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (linux/fs/ext4): stop now, flush nothing. */
const SHUTDOWN = 'open(F, "<", $ARGV[0]) or die; $how = pack("L", 2); ioctl(F, 0x8004587d, $how) or die "$!"';

/** Why no power can be cut here, to be printed; undefined when it can. */
export function whyNoPowerCut(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root, to mount a file system of its own';
  try {
    const disk = cuttableDisk(16);
    disk.cut();
    disk.restore();
    disk.dispose();
    return undefined;
  } catch (thrown) {
    return `no loop device with ext4 can be mounted and shut down here (${String(thrown).trim()})`;
  }
}

export function cuttableDisk(megabytes: number): CuttableDisk {
  const base = mkdtempSync(join(tmpdir(), 'leasehold-disk-'));
  const image = join(base, 'image');
  const folder = join(base, 'mounted');
  // Also for the unprivileged user of a PostgreSQL that lies on it.
  chmodSync(base, 0o755);
  mkdirSync(folder);
  run('truncate', '-s', `${megabytes}M`, image);
  run('mkfs.ext4', '-q', image);
  run('mount', '-o', 'loop', image, folder);
  return {
    folder,
    cut: () => run('perl', '-e', SHUTDOWN, folder),
    restore() {
      // Processes that were killed may still be letting go of it.
      for (let tries = 1; spawnSync('umount', [folder]).status !== 0; tries += 1)
        if (tries === 100) throw new Error(`${folder} stays in use`);
        else run('sleep', '0.05');
      run('mount', '-o', 'loop', image, folder);
    },
    dispose() {
      spawnSync('umount', ['-l', folder]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
}
