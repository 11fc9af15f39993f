import { stat } from 'node:fs/promises';
import { LeaseholdError, type PublicJwk } from '@leasehold/protocol';
import type { Given, Option } from '../command.js';
import { readJsonFile } from '../read-file.js';

/** What an agent is told once, at its installation: which product it serves, which roots it trusts, where its state is. */
export interface AgentConfig {
  readonly product: string;
  readonly version: string;
  readonly authority?: string;
  readonly extensionNotes?: string;
  /** Pinned here and nowhere else: never read from the environment or from beside the state (design section 3). */
  readonly roots: readonly PublicJwk[];
  readonly stateDir: string;
  readonly label?: string | null;
  readonly ca?: string;
  readonly instanceId?: string;
  readonly declaredHostId?: string;
  /** Where a roll-out puts the enrollment key: read at the first start, and until there is a license. */
  readonly enrollmentKeyFile?: string;
}

const USUAL = process.platform === 'win32' ? 'C:\\ProgramData\\Leasehold\\agent.json' : '/etc/leasehold/agent.json';
const MEMBERS = new Set([
  'product',
  'version',
  'authority',
  'extensionNotes',
  'roots',
  'stateDir',
  'label',
  'ca',
  'instanceId',
  'declaredHostId',
  'enrollmentKeyFile',
]);

export const CONFIG_OPTION: Readonly<Record<string, Option>> = {
  config: { what: `Settings of the agent (${USUAL})`, value: 'FILE' },
};

export const settingsFile = (given: Given): string => given.get('config') ?? USUAL;

/** Reads the agent's settings. @throws LeaseholdError INPUT_INVALID, OPTIONS_INVALID, PERMISSION_DENIED when somebody else may change it */
export async function readConfig(given: Given): Promise<AgentConfig> {
  const file = settingsFile(given);
  await refuseForeignHands(file);
  const value = await readJsonFile(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(file, 'It holds no object.');
  const odd = Object.keys(value).find((name) => !MEMBERS.has(name));
  if (odd !== undefined) throw wrong(file, `There is no setting "${odd}"; there are ${[...MEMBERS].join(', ')}.`);
  return value as AgentConfig;
}

/** Whoever may write this file may pin another root, so only root and the calling user may. Windows has other means. */
async function refuseForeignHands(file: string): Promise<void> {
  const found = process.platform === 'win32' ? undefined : await stat(file).catch(() => undefined);
  if (found === undefined) return;
  const own = process.getuid?.();
  const foreign = found.uid !== 0 && found.uid !== own;
  const open = (found.mode & 0o022) !== 0;
  if (!foreign && !open) return;
  throw new LeaseholdError('PERMISSION_DENIED', `${file} may be changed by ${open ? 'other users' : 'another user'}.`, {
    path: file,
    remedy: `It pins the root key: chown root ${file} && chmod 644 ${file}`,
  });
}

function wrong(file: string, detail: string): LeaseholdError {
  return new LeaseholdError('OPTIONS_INVALID', `${file} is wrong. ${detail}`, {
    path: file,
    remedy: 'Write {"product", "version", "authority", "roots": [JWK], "stateDir"} as docs/operating.md shows.',
  });
}
