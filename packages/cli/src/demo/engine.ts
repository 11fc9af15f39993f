import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runProcess } from './run-process.js';

/** A backup engine that the story drives as a vendor's product would drive its own. */
export interface Engine {
  readonly name: string;
  /** Makes the repository ready. */
  prepare(): Promise<void>;
  /** The command line that backs the working folder up: what `leasehold run` is asked to start. */
  backup(): readonly string[];
  /** After a backup: what proves later that nothing changed in the repository. */
  seal(): Promise<void>;
  /** Restores the newest backup into an empty folder. */
  restore(target: string): Promise<void>;
}

/** restic where it is on the PATH, else tar with a checksum. Both write below `folder` and nowhere else. */
export async function findEngine(folder: string): Promise<Engine> {
  await mkdir(folder, { recursive: true });
  const { status } = await runProcess('restic', ['version'], folder);
  return status === 0 ? restic(folder) : tar(folder);
}

async function must(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { status, output } = await runProcess(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ended with status ${status}: ${output.trim()}`);
}

function restic(folder: string): Engine {
  const password = join(folder, 'password');
  // Without --no-cache restic would keep a cache in the home folder, outside of what the story may touch.
  const options = ['-r', join(folder, 'repository'), '--no-cache', '--password-file', password];
  return {
    name: 'restic',
    async prepare() {
      await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
      await must('restic', [...options, 'init', '-q'], folder);
    },
    backup: () => ['restic', ...options, 'backup', '-q', '.'],
    seal: () => must('restic', [...options, 'check', '-q'], folder),
    restore: (target) => must('restic', [...options, 'restore', 'latest', '-q', '--target', target], folder),
  };
}

function tar(folder: string): Engine {
  const archive = join(folder, 'backup.tar');
  return {
    name: 'tar with SHA-256',
    prepare: () => Promise.resolve(),
    backup: () => ['tar', '-cf', archive, '.'],
    seal: async () => writeFile(`${archive}.sha256`, await sha256(archive)),
    async restore(target) {
      if ((await sha256(archive)) !== (await readFile(`${archive}.sha256`, 'utf8')))
        throw new Error('the archive was changed');
      await mkdir(target, { recursive: true });
      await must('tar', ['-xf', archive, '-C', target], folder);
    },
  };
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
