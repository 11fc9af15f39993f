import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';

/** @throws LeaseholdError CONFLICT where there is a file of that name */
export function assertFree(file: string, remedy = 'Name another file; an existing one is never overwritten.'): void {
  if (existsSync(file))
    throw new LeaseholdError('CONFLICT', `There is a file ${file} already.`, { path: 'file', remedy });
}

/** A rename is durable once its folder is. */
export async function syncFolder(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(file));
  await folder.sync();
  await folder.close();
}
