import { readFile } from 'node:fs/promises';
import { LeaseholdError } from '@leasehold/protocol';

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder',
};

/** Reads one file of text, without the mark that editors on Windows put in front of it.
 * @throws LeaseholdError INPUT_INVALID with why it could not be read */
export async function readTextFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Reads one JSON file. @throws LeaseholdError INPUT_INVALID with what is wrong: not readable, or where it stops being JSON */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readTextFile(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, `${file} is no JSON: ${(error as Error).message}.`, 'Correct the file at that place.', error);
  }
}

/** Why a file could not be read, as INPUT_INVALID. */
export function unreadable(file: string, error: unknown): LeaseholdError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const what = CAUSES[code] ?? `cannot be read: ${message}`;
  return invalid(file, `${file} ${what}.`, 'Check the path and its permissions.', error);
}

function invalid(path: string, message: string, remedy: string, cause: unknown): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', message, { path, remedy, cause });
}
