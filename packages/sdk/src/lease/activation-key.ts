import { readFile } from 'node:fs/promises';
import { LeaseholdError } from '@leasehold/protocol';
import type { Settings } from '../options.js';

/** A key is short; what is longer is another file. */
const MAX_BYTES = 4096;

/** Is it said how this installation gets a license? */
export function hasActivation({ activationKey, activationFile }: Settings): boolean {
  return activationKey !== undefined || activationFile !== undefined;
}

/** The license or enrollment key to activate with, as it was typed. A file is read anew each time: a roll-out may put it
 * there after the first start, replace it, or take it away again; a file that is not there is no key. Its first line that
 * is neither empty nor a comment (`#`) counts. Throws PERMISSION_DENIED, INPUT_INVALID. */
export async function readActivationKey(settings: Settings): Promise<string | undefined> {
  const { activationKey, activationFile: file } = settings;
  if (activationKey !== undefined || file === undefined) return activationKey;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LeaseholdError('PERMISSION_DENIED', 'The file with the activation key cannot be read.', {
      path: 'activation.file',
      remedy: 'Let the user of this service read it, or take it away.',
      cause,
    });
  });
  if (text === undefined) return undefined;
  const key =
    text.length > MAX_BYTES
      ? undefined
      : text
          .split(/\r?\n/)
          .map((line) => line.trim())
          .find(isKey);
  if (key !== undefined) return key;
  throw new LeaseholdError('INPUT_INVALID', 'The file with the activation key holds none.', {
    path: 'activation.file',
    remedy: 'Write the license key or the enrollment key into it, on a line of its own.',
  });
}

function isKey(line: string): boolean {
  return line !== '' && !line.startsWith('#');
}
