import { createInterface } from 'node:readline';
import { LeaseholdError } from '@leasehold/protocol';

/** What was typed, or for `-` the first line of the input: everybody who may list processes sees their arguments, and a key, a
 * PIN and a token are for their owner alone. @throws LeaseholdError INPUT_INVALID where the input has no line */
export async function orFromInput(typed: string, name: string): Promise<string> {
  if (typed !== '-') return typed;
  const input = createInterface({ input: process.stdin });
  try {
    for await (const line of input) if (line.trim() !== '') return line.trim();
  } finally {
    input.close();
  }
  throw new LeaseholdError('INPUT_INVALID', `${name} is "-", and the input holds nothing.`, {
    path: 'arguments',
    remedy: `Write it into the input: printf %s "$SECRET" | leasehold …`,
  });
}

/** Said with each option and argument that takes it. */
export const FROM_INPUT = '-: read from the input';
