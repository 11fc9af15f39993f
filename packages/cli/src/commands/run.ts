import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LeaseholdError } from '@leasehold/protocol';
import type { Answer, Language } from '@leasehold/sdk';
import { withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { EXIT, type Command, type Given, type Io } from '../command.js';
import { LANGUAGE_OPTION, readLanguage } from '../language.js';
import { sizeOf } from '../size-of.js';

const ACTIONS = ['backup', 'restore'];

export const command: Command = {
  rest: 'CMD [ARGS]',
  options: {
    action: { what: 'backup or restore (backup)', value: 'ACTION' },
    scope: { what: 'What is protected: system_image, volume, file … (file)', value: 'SCOPE' },
    protects: { what: 'local or network_share: where the data comes from (local)', value: 'PLACE' },
    measure: { what: 'Folder or file whose size is reported as usage', value: 'PATH' },
    ...LANGUAGE_OPTION,
    ...CONFIG_OPTION,
  },
  notes: [
    'Starts CMD only when the license allows it. Exit status 77 when it is refused, else the status of CMD itself.',
    'Example: leasehold run -- restic -r /srv/backup backup /home',
  ],
  run: (given, io) =>
    withLicense(
      given,
      async (license) => {
        const [action, language] = [readAction(given), readLanguage(given)];
        const request = { action, machine: 'self', mode: 'agent', scope: given.get('scope') ?? 'file' };
        const answer = license.authorize({ ...request, protects: given.get('protects') ?? 'local' });
        tell(answer, language, given.json, io);
        if (!answer.allowed) return EXIT.refused;
        const status = await start(given.rest);
        const measured = given.get('measure');
        if (status === 0)
          license.usage.record({ kind: action, bytes: measured === undefined ? 0 : await sizeOf(measured) });
        return status;
      },
      'silent',
    ),
};

function readAction(given: Given): string {
  const action = given.get('action') ?? 'backup';
  if (ACTIONS.includes(action)) return action;
  throw new LeaseholdError('INPUT_INVALID', `--action takes ${ACTIONS.join(' or ')}.`, { path: 'action' });
}

/** A warning is told once for each level; a refusal is told every time. The output belongs to CMD, so both go to `err`. */
function tell(answer: Answer, language: Language, json: boolean, io: Io): void {
  if (answer.allowed && !answer.notify) return;
  const { sentence, cure, rule } = answer.explain(language);
  if (json) {
    io.err(JSON.stringify({ decision: answer.decision, reason_rule: rule, code: answer.code, sentence, cure }));
    return;
  }
  io.err(`${answer.allowed ? 'leasehold: warning' : 'leasehold: refused'} (${rule}): ${sentence}`);
  if (cure !== '') io.err(`leasehold: ${cure}`);
}

/** Runs the engine with this terminal as its own. Ctrl-C reaches it from the terminal, so it is only kept from ending us
 * first; what a service manager sends is passed on. @returns its status, 128 + n for signal n */
function start([program = '', ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    const forward = (): void => void child.kill('SIGTERM');
    const stay = (): void => undefined;
    process.on('SIGTERM', forward).on('SIGINT', stay);
    child.on('error', (cause) => {
      reject(
        new LeaseholdError('INPUT_INVALID', `${program} cannot be started: ${cause.message}.`, {
          path: 'arguments',
          cause,
        }),
      );
    });
    child.on('close', (status, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', stay);
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
