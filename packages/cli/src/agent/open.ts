import { openLicense, type License, type LicenseOptions, type StatusProblem } from '@leasehold/sdk';
import { LeaseholdError } from '@leasehold/protocol';
import type { Given } from '../command.js';
import { readConfig, settingsFile } from './config.js';

type Activation = NonNullable<LicenseOptions['activation']>;

/** Carries the enrollment key of a roll-out where no file can be placed, as in a container. */
const KEY_VARIABLE = 'LEASEHOLD_ENROLLMENT_KEY';

/** Opens the license of the agent's settings for one piece of work, and closes it whatever happens. `activation`: what a
 * person said, or `silent`: by the file that the settings name, else by the environment. Without, no seat is taken. */
export async function withLicense<T>(
  given: Given,
  work: (license: License) => Promise<T>,
  activation?: Activation | 'silent',
): Promise<T> {
  const { enrollmentKeyFile, ...config } = await readConfig(given);
  const how = activation === 'silent' ? silentActivation(enrollmentKeyFile) : activation;
  const license = await openLicense({ ...config, ...(how === undefined ? {} : { activation: how }) }).catch(
    (error: unknown) => {
      throw inSettings(given, error);
    },
  );
  try {
    return await work(license);
  } finally {
    await license.close();
  }
}

/** What the SDK does not take stands in the file with the settings. */
function inSettings(given: Given, error: unknown): unknown {
  if (!LeaseholdError.is(error) || error.code !== 'OPTIONS_INVALID') return error;
  const { path, ...details } = error.details;
  return new LeaseholdError(error.code, error.message, { ...details, path: `${settingsFile(given)}: ${path}` });
}

function silentActivation(file: string | undefined): Activation | undefined {
  if (file !== undefined) return { file };
  const key = process.env[KEY_VARIABLE];
  return key === undefined || key === '' ? undefined : { key };
}

/** A problem of the license as the failure of a command. */
export function asFailure({ code, message, remedy }: StatusProblem): LeaseholdError {
  return new LeaseholdError(code, message, { remedy });
}
