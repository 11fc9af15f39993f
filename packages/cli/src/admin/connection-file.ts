import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { LeaseholdError, parseConnection, type Connection } from '@leasehold/protocol';
import type { Option } from '../command.js';
import { writeWholeFile } from '../write-file.js';

/** Names another file than the user's own. */
export const CONNECTION_OPTION: Readonly<Record<string, Option>> = {
  connection: { what: 'File that holds the connection string', value: 'FILE' },
};

const ownFile = (): string => join(homedir(), '.config', 'leasehold', 'connection');

/** Keeps a connection string for this user alone. It holds a token, hence mode 600. */
export async function writeConnection(pasted: string, file: string = ownFile()): Promise<string> {
  parseConnection(pasted);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeWholeFile(file, `${pasted.replaceAll(/\s/g, '')}\n`, 0o600);
  return file;
}

/** @throws LeaseholdError INPUT_INVALID when there is none, CONNECTION_STRING_INVALID when it is not whole */
export async function readConnection(file: string = ownFile()): Promise<Connection> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LeaseholdError('INPUT_INVALID', `There is no connection in ${file}.`, {
      path: 'connection',
      remedy: 'Keep one first: leasehold admin connect STRING (the string starts with leasehold-connect:).',
      cause,
    });
  });
  return parseConnection(text);
}
