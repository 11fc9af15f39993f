import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { LeaseholdError, type Message } from '@leasehold/protocol';
import { isLocalStatus, isNativeAsk } from '@leasehold/protocol/guards';
import { askAgent, openLicense, type LocalAnswer } from '@leasehold/sdk';
import { readConfig, type AgentConfig } from '../agent/config.js';
import type { Given } from '../command.js';

type Reply = Message<'NativeReply'>;
type Why = Extract<Reply, { ok: false }>['code'];

/** Longer than a check-in over a slow line. */
const CHECK_TIMEOUT_MS = 60_000;

/** Answers one question of the console about the agent of this machine. No authority is asked unless the question is
 * `check`. Never rejects. */
export async function answerConsole(question: unknown, given: Given): Promise<Reply> {
  if (!isNativeAsk(question)) return no('ASK_UNKNOWN', 'This host answers "status" and "check".');
  try {
    const config = await readConfig(given);
    const answer = await askAgent(
      { folder: config.stateDir },
      question.ask,
      question.ask === 'check' ? CHECK_TIMEOUT_MS : undefined,
    );
    if (answer.outcome === 'answered') return told(answer.value);
    return (await readState(config, question.ask)) ?? refusal(answer);
  } catch (error) {
    return no('NO_SETTINGS', LeaseholdError.is(error) ? error.message : String(error));
  }
}

/** An agent that is started by a timer runs no process in between: what it left is read, where this user may. The folder
 * is never made here. */
async function readState(config: AgentConfig, ask: 'status' | 'check'): Promise<Reply | undefined> {
  const { R_OK, W_OK, X_OK } = constants;
  const isOurs = await access(config.stateDir, R_OK | W_OK | X_OK).then(
    () => true,
    () => false,
  );
  if (!isOurs) return undefined;
  const license = await openLicense(config);
  try {
    if (ask === 'check') await license.check();
    return told(license.status());
  } finally {
    await license.close();
  }
}

function refusal(answer: LocalAnswer): Reply {
  if (answer.outcome === 'not_permitted' || answer.outcome === 'refused') {
    return no('NOT_PERMITTED', 'The agent of this machine answers this to its own user and group only.');
  }
  return no('NO_AGENT', 'No agent of this machine answers, and its state cannot be read by this user.');
}

/** Only what is meant for every local user goes on, and only in the form that was agreed. */
function told(value: unknown): Reply {
  if (!isLocalStatus(value)) return no('NO_AGENT', 'The agent of this machine speaks another version.');
  return { ok: true, status: value };
}

function no(code: Why, detail: string): Reply {
  return { ok: false, code, detail };
}
