import { createHash } from 'node:crypto';
import { promises, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const NAME = /^agent-[0-9a-f]{16}\.sock$/;

/** Is there a sign that another process holds the folder? A look at its names: no sign is no proof, the lock is. */
export function seemsHeld(folder: string): boolean {
  // The pipes of Windows stand in no folder.
  if (process.platform === 'win32') return true;
  try {
    return readdirSync(folder).some((name) => NAME.test(name));
  } catch {
    return false;
  }
}

/** The sockets of the processes that hold, or held, the folder. */
export async function lockSockets(folder: string): Promise<string[]> {
  if (process.platform === 'win32') return [pipePath(folder)];
  return (await promises.readdir(folder)).filter((name) => NAME.test(name)).map((name) => join(folder, name));
}

/** A name for `folder` where its own path cannot stand: one, whichever way that was spelled. */
export function folderId(folder: string): string {
  return createHash('sha256')
    .update(realPath(resolve(folder)))
    .digest('hex')
    .slice(0, 16);
}

/** Without its links, and on Windows in the letters that it was made with. Of what is not there, or not ours to look at,
 * only what stands above it. */
function realPath(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(realPath(parent), basename(folder));
  }
}

export function pipePath(folder: string): string {
  return `\\\\.\\pipe\\leasehold-${folderId(folder)}`;
}
