import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';

/** Folders of the story, all below one. */
export interface Place {
  readonly folder: string;
  readonly db: string;
  readonly rootKey: string;
  readonly agentConfig: string;
  readonly agentState: string;
  /** The folder that is backed up, where the backups go, and what comes back. */
  readonly data: string;
  readonly backups: string;
  readonly restored: string;
}

const MARKER = 'made-by-leasehold-demo';

/** Makes the folder ready for a new story: what an earlier one left is removed, what anybody else put there never is.
 * @throws LeaseholdError CONFLICT when the folder holds something else, or another story plays in it */
export async function preparePlace(folder: string): Promise<Place> {
  await mkdir(folder, { recursive: true });
  const marker = join(folder, MARKER);
  if (existsSync(marker)) await refuseRunning(folder, Number(await readFile(marker, 'utf8')));
  else if ((await readdir(folder)).length > 0) {
    throw conflict(folder, `${folder} holds files that are not of a demo.`, 'Name an empty folder with --dir.');
  }
  await writeFile(marker, String(process.pid));
  for (const name of await readdir(folder)) {
    if (name !== MARKER) await rm(join(folder, name), { recursive: true });
  }
  return {
    folder,
    db: `sqlite:${join(folder, 'authority', 'authority.db')}`,
    rootKey: join(folder, 'root-key.json'),
    agentConfig: join(folder, 'agent.json'),
    agentState: join(folder, 'agent'),
    data: join(folder, 'data'),
    backups: join(folder, 'backups'),
    restored: join(folder, 'restored'),
  };
}

async function refuseRunning(folder: string, pid: number): Promise<void> {
  if (pid === process.pid || !isAlive(pid)) return;
  const remedy = `End it first (Ctrl-C in its terminal). If process ${pid} is something else, delete ${join(folder, MARKER)}.`;
  throw conflict(folder, `Another demo, process ${pid}, plays in ${folder}.`, remedy);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function conflict(path: string, message: string, remedy: string): LeaseholdError {
  return new LeaseholdError('CONFLICT', message, { path, remedy });
}
