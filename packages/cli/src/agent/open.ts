import { openLicense, type License, type StatusProblem } from '@leasehold/sdk';
import { LeaseholdError } from '@leasehold/protocol';
import type { Given } from '../command.js';
import { readConfig } from './config.js';

/** Opens the license of the agent's settings for one piece of work, and closes it whatever happens. */
export async function withLicense<T>(given: Given, work: (license: License) => Promise<T>, key?: string): Promise<T> {
  const license = await openLicense({
    ...(await readConfig(given)),
    ...(key === undefined ? {} : { activation: { key } }),
  });
  try {
    return await work(license);
  } finally {
    await license.close();
  }
}

/** A problem of the license as the failure of a command. */
export function asFailure({ code, message, remedy }: StatusProblem): LeaseholdError {
  return new LeaseholdError(code, message, { remedy });
}
