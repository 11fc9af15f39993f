import { createInterface } from 'node:readline/promises';
import { LeaseholdError } from '@leasehold/protocol';
import type { Given } from './command.js';

/** Goes on only where `--yes` was given or somebody at the terminal types it, once told what cannot be undone.
 * @throws LeaseholdError INPUT_INVALID, and nothing was changed */
export async function isMeant(given: Given, what: string): Promise<void> {
  if (given.has('yes') || (process.stdin.isTTY && (await typedYes(what)))) return;
  throw new LeaseholdError('INPUT_INVALID', 'Nothing was changed: it was not confirmed.', {
    path: 'yes',
    remedy: 'Repeat it with --yes.',
  });
}

async function typedYes(what: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`${what} Type "yes" to go on: `);
  terminal.close();
  return typed.trim() === 'yes';
}
