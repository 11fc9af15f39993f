import { LeaseholdError, type Message } from '@leasehold/protocol';
import { isLocalStatus } from '@leasehold/protocol/guards';
import { askAgent } from '@leasehold/sdk';
import type { Given } from '../command.js';
import { readConfig } from './config.js';

/** Longer than a check-in over a slow line. */
const CHECK_TIMEOUT_MS = 60_000;

/** What the process that holds the license tells, to every user of this machine; undefined where none runs. A check it
 * makes for its own user and group alone. @throws LeaseholdError PERMISSION_DENIED */
export async function askRunning(given: Given, ask: 'status' | 'check'): Promise<Message<'LocalStatus'> | undefined> {
  const { stateDir } = await readConfig(given);
  const timeout = ask === 'check' ? CHECK_TIMEOUT_MS : undefined;
  const answer = await askAgent({ folder: stateDir }, ask, timeout);
  if (answer.outcome === 'answered') return isLocalStatus(answer.value) ? answer.value : undefined;
  if (answer.outcome !== 'not_permitted' && answer.outcome !== 'refused') return undefined;
  throw new LeaseholdError('PERMISSION_DENIED', 'The agent answers this to its own user and group only.', {
    remedy: `Call it as the user of the agent, or as a member of its group; \`leasehold status\` is for everybody.`,
  });
}
